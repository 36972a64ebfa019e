// Bare copies are looked for once for everybody, a few at a time, and only while somebody waits for them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openCopies } from '../../src/gallery/bare/copies.ts';
import { fixtureOf, photoOf, shelfOf } from '../support/bare-copies.ts';

const file = fixtureOf('kite.jpg');
const photo = (digit: string) => photoOf(file, 'image/jpeg', digit.repeat(64));
const here = new AbortController().signal;

/** The disk answers only when it is told to. */
function heldShelf() {
  const shelf = shelfOf(file);
  const held: (() => void)[] = [];
  const read: typeof shelf.read = async (key, range) => {
    await new Promise<void>((resolve) => held.push(resolve));
    return await shelf.read(key, range);
  };
  const letGo = () => {
    for (const go of held.splice(0)) go();
  };
  return { ...shelf, held, read, letGo };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('bare copies', () => {
  test('are looked for once, also when there is none (T40)', async () => {
    const shelf = shelfOf(file);
    const copies = openCopies(shelf);
    const copy = await copies.find(photo('a'), here);
    const { reads } = shelf;
    assert.ok(copy);
    assert.equal(await copies.find(photo('a'), here), copy);
    assert.equal(shelf.reads, reads);
    const noise = shelfOf(Buffer.alloc(5000, 7));
    const none = openCopies(noise);
    for (const _time of [1, 2])
      assert.equal(await none.find(photoOf(Buffer.alloc(5000), 'image/jpeg'), here), undefined);
    assert.equal(noise.reads, 1);
  });

  test('of one photo that many ask for at the same time are looked for once', async () => {
    const shelf = shelfOf(file);
    const copies = openCopies(shelf);
    const all = await Promise.all(Array.from({ length: 20 }, () => copies.find(photo('a'), here)));
    assert.ok(all.every((copy) => copy !== undefined));
    const alone = shelfOf(file);
    await openCopies(alone).find(photo('a'), here);
    assert.ok(shelf.reads <= 2 * alone.reads, `${shelf.reads} reads`);
  });

  test('are looked for two at a time; too many are asked to come again', async () => {
    const shelf = heldShelf();
    const copies = openCopies(shelf);
    const digits = [...'0123456789abcdef'];
    const asked = digits.map((digit) => copies.find(photo(digit), here));
    await settled();
    assert.equal(shelf.held.length, 2);
    const more = Array.from({ length: 100 - 14 }, () => copies.find(photo('f'), here));
    await settled();
    await assert.rejects(copies.find(photo('f'), here), { code: 'busy' });
    const all = Promise.all([...asked, ...more]);
    let isDone = false;
    void all.then(() => (isDone = true));
    while (!isDone) {
      shelf.letGo();
      await settled();
    }
    assert.ok((await all).every((copy) => copy !== undefined));
  });

  test('nobody waits for any more give their turn away, and read on no further', async () => {
    const shelf = heldShelf();
    const copies = openCopies(shelf);
    const leaving = [new AbortController(), new AbortController(), new AbortController()];
    const asked = leaving.map(({ signal }, index) => copies.find(photo(String(index)), signal));
    const outcomes = Promise.allSettled(asked);
    await settled();
    assert.equal(shelf.held.length, 2);
    for (const controller of leaving) controller.abort(new Error('left'));
    shelf.letGo();
    const states = (await outcomes).map(({ status }) => status);
    assert.equal(states[2], 'rejected', 'whoever had no turn yet has none');
    const next = copies.find(photo('f'), here);
    await settled();
    assert.equal(shelf.held.length, 1, 'the next one has its turn');
    shelf.letGo();
    assert.ok(await next);
  });

  test('are not told of a file that is gone or shorter than it was', async () => {
    const copies = openCopies({ ...shelfOf(file), stat: async () => undefined });
    assert.equal(await copies.find(photo('a'), here), undefined);
    const shelf = shelfOf(file);
    const shorter = { ...photo('a'), bytes: file.length + 1 };
    assert.equal(await openCopies(shelf).find(shorter, here), undefined);
    assert.equal(shelf.reads, 0);
  });

  test('have names that are no digest of what was left out, and others in each gallery (T40)', () => {
    const [one, other] = [openCopies(shelfOf(file)), openCopies(shelfOf(file))];
    assert.equal(one.tagOf(photo('a')), one.tagOf(photo('a')));
    assert.notEqual(one.tagOf(photo('a')), one.tagOf(photo('b')));
    assert.notEqual(one.tagOf(photo('a')), other.tagOf(photo('a')));
  });

  test('are forgotten when there are too many of them, the ones asked for longest ago first', async () => {
    const shelf = shelfOf(file);
    const copies = openCopies(shelf, 2000);
    const isKnown = async (digit: string) => {
      const { reads } = shelf;
      await copies.find(photo(digit), here);
      return shelf.reads === reads;
    };
    for (const digit of '0123') await copies.find(photo(digit), here);
    assert.equal(await isKnown('0'), true);
    for (const digit of '456') await copies.find(photo(digit), here);
    assert.deepEqual([await isKnown('6'), await isKnown('0'), await isKnown('1')], [true, true, false]);
  });
});
