// Titles, ids and summaries: what comes from people and engines, made fit to be shown.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutOffOf, shownOf, summarise } from '../../src/gallery/detection.ts';
import { checkedTitle } from '../../src/gallery/ingest.ts';
import { cleanTitle, maxTitleLength, parsePhotoId } from '../../src/gallery/photo.ts';
import { seen } from '../contracts/photo-database.ts';

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

test('of two names for the same box only the better is shown; two things side by side are both', () => {
  const beside = { ...seen('person', 0.8), box: { x: 0.3, y: 0.5, width: 0.125, height: 0.25 } };
  const shown = shownOf([seen('car', 0.9), seen('truck', 0.85), beside]);
  assert.deepEqual(
    shown.map(({ label }) => label),
    ['car', 'person'],
  );
});

test('a summary counts what is above the cut-off, best first', () => {
  const cutOff = cutOffOf('yolox');
  const at = (label: string, score: number, x: number) => ({
    ...seen(label, score),
    box: { x, y: 0.1, width: 0.1, height: 0.3 },
  });
  const detections = [
    at('person', cutOff + 0.1, 0),
    at('dog', cutOff + 0.3, 0.2),
    at('person', cutOff, 0.4),
    at('cat', cutOff - 0.01, 0.6),
  ];
  assert.deepEqual(summarise(detections), [
    { label: 'dog', count: 1, score: cutOff + 0.3 },
    { label: 'person', count: 2, score: cutOff + 0.1 },
  ]);
  assert.deepEqual(summarise([]), []);
});
