// Files that are made to cost: tens of thousands of tiny parts. Counted is what is read and how often, never how long it takes.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bareCopy, contentOf } from '../../src/gallery/bare/bare.ts';
import type { MediaType } from '../../src/gallery/photo.ts';
import { fixtureOf, photoOf, seen, segment, shelfOf, whole } from '../support/bare-copies.ts';
import { drawPng, pngChunk } from '../support/pictures.ts';

const windowBytes = 256 * 1024;

/** One part that is kept and one that goes, again and again. */
function patterned(type: MediaType, pairs: number): Buffer {
  const times = (...parts: Buffer[]) => Array.from({ length: pairs }, () => parts).flat();
  if (type === 'image/jpeg') {
    const jpeg = fixtureOf('kite.jpg');
    const tiny = times(Buffer.from('ffdd00040000', 'hex'), Buffer.from('fffe0002', 'hex'));
    return Buffer.concat([jpeg.subarray(0, 2), ...tiny, jpeg.subarray(2)]);
  }
  if (type === 'image/png') {
    const png = drawPng({ seed: 3, width: 8, height: 8 });
    const tiny = times(pngChunk('IDAT', Buffer.alloc(0)), pngChunk('tEXt', Buffer.alloc(0)));
    return Buffer.concat([png.subarray(0, 33), ...tiny, png.subarray(33)]);
  }
  if (type === 'image/webp') {
    const webp = fixtureOf('animated.webp');
    const tiny = times(Buffer.from('ALPH\0\0\0\0'), Buffer.from('juNk\0\0\0\0'));
    const body = Buffer.concat([webp.subarray(12), ...tiny]);
    const head = Buffer.from(webp.subarray(0, 12));
    head.writeUInt32LE(body.length + 4, 4);
    return Buffer.concat([head, body]);
  }
  const gif = fixtureOf('animated.gif');
  const start = 13 + ((gif[10] ?? 0) & 0x80 ? 3 * 2 ** (((gif[10] ?? 0) & 7) + 1) : 0);
  const tiny = times(Buffer.from('21f9040000000000', 'hex'), Buffer.from('21fe00', 'hex'));
  return Buffer.concat([gif.subarray(0, start), ...tiny, gif.subarray(start)]);
}

describe('a bare copy of a file with very many parts', () => {
  for (const type of ['image/jpeg', 'image/png', 'image/webp', 'image/gif'] as const) {
    test(`of the type ${type} is given up after a few thousand of them (T40)`, async () => {
      const file = patterned(type, 99_000);
      const shelf = shelfOf(file);
      assert.equal(await bareCopy(shelf, photoOf(file, type)), undefined);
      assert.ok(shelf.reads <= 4, `${shelf.reads} reads of ${Math.ceil(file.length / windowBytes)}`);
    });

    test(`of the type ${type} is sent from one reading of the file, in pieces as large as it is read`, async () => {
      const file = patterned(type, 4000);
      const shelf = shelfOf(file);
      const photo = photoOf(file, type);
      const copy = await bareCopy(shelf, photo);
      assert.ok(copy);
      assert.ok(copy.pieces.length >= 4000, 'parts that go lie between those that stay');
      const windows = Math.ceil(file.length / windowBytes);
      assert.ok(shelf.reads <= 2 * windows, `${shelf.reads} reads to find them in ${windows} windows`);
      shelf.reads = 0;
      const chunks: Uint8Array[] = [];
      for await (const chunk of contentOf(shelf, photo, copy)) chunks.push(chunk);
      assert.equal(shelf.reads, 1);
      assert.ok(chunks.length <= windows, `${chunks.length} chunks`);
      assert.equal(Buffer.concat(chunks).length, copy.bytes);
    });
  }

  test('is the same however the file arrives', async () => {
    const comment = segment(0xfe, Buffer.from('between'));
    const jpeg = fixtureOf('progressive.jpg');
    const file = Buffer.concat([
      jpeg.subarray(0, 2),
      comment,
      jpeg.subarray(2, -2),
      comment,
      jpeg.subarray(-2),
    ]);
    const photo = photoOf(file, 'image/jpeg');
    const copies: Buffer[] = [];
    for (const size of [1, 7, 1000, windowBytes]) {
      const shelf = shelfOf(file, size);
      const copy = await bareCopy(shelf, photo);
      assert.ok(copy);
      const chunks: Uint8Array[] = [];
      for await (const chunk of contentOf(shelf, photo, copy)) chunks.push(chunk);
      copies.push(Buffer.concat(chunks));
    }
    for (const copy of copies) assert.deepEqual(copy, copies[0]);
    assert.equal(copies[0]?.includes('between'), false);
    assert.deepEqual((await seen(copies[0] ?? file)).pixels, (await seen(jpeg)).pixels);
  });

  test('is the same wherever its markers lie in what is read at once', async () => {
    const jpeg = fixtureOf('kite.jpg');
    const plain = await whole(jpeg);
    const comment = segment(0xfe, Buffer.alloc(500, 'between'));
    for (let shift = -6; shift <= 3; shift += 1) {
      const filling = Buffer.alloc(windowBytes + shift, 0xff);
      const behind = Buffer.concat([jpeg.subarray(0, 2), filling, comment, jpeg.subarray(2)]);
      assert.deepEqual(await whole(behind), plain, `${shift} before the picture`);
      const restarts = Buffer.alloc(windowBytes + shift, 'ffd0ff00', 'hex');
      const within = Buffer.concat([jpeg.subarray(0, -2), restarts, comment, jpeg.subarray(-2)]);
      const expected = Buffer.concat([plain.subarray(0, -2), restarts, plain.subarray(-2)]);
      // Half a pair at the end is filling before the comment's marker, and belongs to the picture or not.
      const copy = await whole(within);
      assert.ok(expected.length - copy.length <= 1, `${shift} within the picture`);
      assert.equal(copy.includes('between'), false);
    }
  });

  test('lets others in between, and ends when nobody waits for it any more', async () => {
    const file = patterned('image/gif', 8000);
    const photo = photoOf(file, 'image/gif');
    let turns = 0;
    const count = () => {
      turns += 1;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    await bareCopy(shelfOf(file), photo);
    clearImmediate(next);
    assert.ok(turns >= 8, `${turns} turns of the loop`);

    const leaving = new AbortController();
    const shelf = shelfOf(file);
    setImmediate(() => leaving.abort(new Error('left')));
    await assert.rejects(bareCopy(shelf, photo, leaving.signal), /left/);
    assert.ok(shelf.reads <= 1);
  });

  test('whose reader leaves in the middle closes the file', async () => {
    const file = patterned('image/jpeg', 4000);
    const shelf = shelfOf(file, 1000);
    const photo = photoOf(file, 'image/jpeg');
    const copy = await bareCopy(shelf, photo);
    assert.ok(copy);
    const content = contentOf(shelf, photo, copy);
    await content.next();
    assert.equal(shelf.open(), 1);
    await content.return(undefined);
    assert.equal(shelf.open(), 0);
  });

  test('that is shorter than it was fails, and is never sent as if it were whole', async () => {
    const file = fixtureOf('kite.jpg');
    const photo = photoOf(file, 'image/jpeg');
    const copy = await bareCopy(shelfOf(file), photo);
    assert.ok(copy);
    const chunks: Uint8Array[] = [];
    await assert.rejects(async () => {
      for await (const chunk of contentOf(shelfOf(file.subarray(0, 1000)), photo, copy)) chunks.push(chunk);
    });
    assert.ok(chunks.length <= 1);
  });
});
