// The file beside an original: what is written is read again, and what does not hold together is none.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PhotoId, Sha256 } from '../../src/gallery/photo.ts';
import { formatSidecar, parseSidecar, type Sidecar } from '../../src/gallery/sidecar.ts';

const at = new Date('2026-11-20T10:12:00.123Z');
const box = { x: 0.1, y: 0.2, width: 0.30000000000000004, height: 1e-3 };
const whole: Sidecar = {
  sha256: 'ab'.repeat(32) as Sha256,
  bytes: 1234,
  type: 'image/heic',
  width: 4032,
  height: 3024,
  frames: 1,
  photos: [
    {
      id: '01990000-0000-7000-8000-000000000001' as PhotoId,
      title: '보리 "quoted" <b>',
      uploadedAt: at,
      owner: 'mina',
      isPrivate: true,
      trashedAt: at,
      changes: [
        { kind: 'add', label: '꽃병', at, words: [{ present: true, label: '꽃병', endedBy: 1 }] },
        { kind: 'reject', label: '꽃병', at, words: [{ present: false, label: '꽃병', box }] },
      ],
    },
    { id: '01990000-0000-7000-8000-000000000002' as PhotoId, title: '', uploadedAt: at, changes: [] },
  ],
};
type Plain = Record<string, unknown> & { photos: (Record<string, unknown> & { changes: unknown[] })[] };
const changed = (change: (plain: Plain) => void): string => {
  const plain = JSON.parse(formatSidecar(whole)) as Plain;
  change(plain);
  return JSON.stringify(plain);
};

describe('a sidecar', () => {
  test('is read as it was written', () => assert.deepEqual(parseSidecar(formatSidecar(whole)), whole));

  test('may hold more than this program knows', () => {
    const text = changed((plain) => {
      plain['stars'] = 5;
      (plain.photos[0] as Record<string, unknown>)['album'] = ['summer'];
    });
    assert.deepEqual(parseSidecar(text), whole);
  });

  test('hides a photo whose privacy it does not understand', () => {
    const text = changed(({ photos: [, second] }) => Object.assign(second ?? {}, { isPrivate: 'friends' }));
    assert.equal(parseSidecar(text)?.photos[1]?.isPrivate, true);
  });

  const word = (changes: object) => (plain: Plain) => {
    const [change] = (plain.photos[0]?.changes ?? []) as { words: object[] }[];
    Object.assign(change?.words[0] ?? {}, changes);
  };
  const photo = (changes: object) => (plain: Plain) => Object.assign(plain.photos[0] ?? {}, changes);
  const faults: readonly (readonly [what: string, text: string])[] = [
    ['nothing', ''],
    ['half a file', formatSidecar(whole).slice(0, 200)],
    ['a list', '[]'],
    ['another format', changed((plain) => Object.assign(plain, { format: 'other' }))],
    ['a version that is not known', changed((plain) => Object.assign(plain, { version: 2 }))],
    ['a digest that is none', changed((plain) => Object.assign(plain, { sha256: '../../etc' }))],
    ['a type that is none', changed((plain) => Object.assign(plain, { type: 'text/html' }))],
    ['no bytes', changed((plain) => Object.assign(plain, { bytes: 0 }))],
    ['half a pixel', changed((plain) => Object.assign(plain, { width: 0.5 }))],
    ['no photos', changed((plain) => Object.assign(plain, { photos: [] }))],
    ['an id that is none', changed(photo({ id: "'; DROP TABLE photos" }))],
    ['a title that is none', changed(photo({ title: 7 }))],
    ['a title that is too long', changed(photo({ title: 'x'.repeat(201) }))],
    ['a day that is none', changed(photo({ uploadedAt: 'yesterday' }))],
    ['a word without a label', changed(word({ label: ' ' }))],
    ['a word that ends itself', changed(word({ endedBy: 0 }))],
    ['a word that nobody ended', changed(word({ endedBy: 2 }))],
    ['a box outside of the photo', changed(word({ box: { ...box, x: 2 } }))],
    ['a box without a width', changed(word({ box: { x: 0, y: 0, height: 1 } }))],
  ];
  for (const [what, text] of faults)
    test(`with ${what} is none`, () => assert.equal(parseSidecar(text), undefined));

  test('loses control characters that somebody wrote into it', () => {
    assert.equal(parseSidecar(changed(photo({ title: 'a\u202eb\u0000c' })))?.photos[0]?.title, 'a b c');
  });
});
