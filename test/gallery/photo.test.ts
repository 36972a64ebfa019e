// Titles and ids: what comes from people, made fit to be kept.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkedTitle } from '../../src/gallery/ingest.ts';
import { cleanTitle, maxTitleLength, parsePhotoId } from '../../src/gallery/photo.ts';

const titles: readonly (readonly [string, string, string])[] = [
  ['keeps Hangul, emoji and punctuation', '우리 집 강아지 🐶 <3', '우리 집 강아지 🐶 <3'],
  ['joins decomposed Hangul, as a Mac writes it', '\u1112\u1161\u11ab', '한'],
  ['makes one line of several', 'a\r\nb\u2028c\td', 'a b c d'],
  ['drops marks that turn the writing around', 'photo\u202egpj.exe', 'photo gpj.exe'],
  ['trims', '  a  ', 'a'],
];
for (const [name, given, expected] of titles)
  test(`a title ${name}`, () => assert.equal(cleanTitle(given), expected));

test('a title may be as long as the limit and not longer', () => {
  assert.equal(checkedTitle('x'.repeat(maxTitleLength)).length, maxTitleLength);
  assert.throws(() => checkedTitle('x'.repeat(maxTitleLength + 1)), { code: 'title-too-long' });
});

test('only a lower-case UUID of version 7 is an id', () => {
  assert.ok(parsePhotoId('01a1f890-6360-74c3-88d1-817ac3f162b7'));
  for (const text of [
    '',
    '1',
    '../..',
    '01a1f890-6360-44c3-88d1-817ac3f162b7',
    '01A1F890-6360-74C3-88D1-817AC3F162B7',
    'constructor',
  ]) {
    assert.equal(parsePhotoId(text), undefined, text);
  }
});
