// What UnfinishedUploads promises, for every place where they may lie.
import assert from 'node:assert/strict';
import { readFile, rename, rm } from 'node:fs/promises';
import { test } from 'node:test';
import { GalleryError } from '../../src/gallery/errors.ts';
import type { PhotoId } from '../../src/gallery/photo.ts';
import type { UnfinishedUploads } from '../../src/gallery/ports.ts';
import { sha256Of } from '../support/client.ts';

export interface NewUpload {
  readonly size: number;
  /** Those that have come so far. */
  readonly bytes: Buffer;
  /** How long ago it began. */
  readonly ageMs?: number;
  readonly metadata?: Record<string, string>;
  /** Eight hexadecimal digits for whoever begins it; nobody in particular if absent. */
  readonly holder?: string;
  /** One that was announced. */
  readonly id?: string;
}

export interface OpenedUploads {
  readonly uploads: UnfinishedUploads;
  make(upload: NewUpload): Promise<string>;
}

const hour = 60 * 60 * 1000;
const photo = '01990000-0000-7000-8000-000000000000' as PhotoId;

export function testUnfinishedUploads(open: () => Promise<OpenedUploads>): void {
  const bytes = Buffer.from('a picture, or so');

  test('knows how far an upload is, and what was said of it', async () => {
    const { uploads, make } = await open();
    const id = await make({ size: 100, bytes, metadata: { title: '제목' } });
    assert.deepEqual(await uploads.find(id), { bytes: bytes.length, size: 100, metadata: { title: '제목' } });
    for (const unknown of ['0'.repeat(32), 'x', '../x', ''])
      assert.equal(await uploads.find(unknown), undefined);
  });

  test('gives a whole one as the inbox would, whether or not it came at once', async () => {
    const { uploads, make } = await open();
    const id = await make({ size: bytes.length, bytes });
    for (let times = 0; times < 2; times += 1) {
      const { sha256, bytes: length, head } = await uploads.received(id);
      assert.deepEqual([sha256, length, Buffer.from(head)], [sha256Of(bytes), bytes.length, bytes]);
    }
    await assert.rejects(
      uploads.received('0'.repeat(32)),
      (error) => error instanceof GalleryError && error.code === 'no-upload',
    );
  });

  test('remembers the photo after its file is gone', async () => {
    const { uploads, make } = await open();
    const id = await make({ size: bytes.length, bytes });
    await rm((await uploads.received(id)).path);
    await uploads.conclude(id, { photo, duplicate: true });
    const found = await uploads.find(id);
    assert.deepEqual(
      [found?.bytes, found?.size, found?.became],
      [bytes.length, bytes.length, { photo, duplicate: true }],
    );
  });

  test('keeps its bytes, whatever becomes of what it gave, until it is concluded', async () => {
    const { uploads, make } = await open();
    const id = await make({ size: bytes.length, bytes });
    const places = new Set<string>();
    for (let times = 0; times < 3; times += 1) {
      const { sha256, path } = await uploads.received(id);
      assert.equal(sha256, sha256Of(bytes));
      places.add(path);
      if (times === 0) await rename(path, `${path}-kept`);
      if (times === 1) await rm(path);
      assert.equal((await uploads.find(id))?.bytes, bytes.length);
    }
    await uploads.conclude(id, { photo, duplicate: false });
    const [place = ''] = places;
    assert.equal(sha256Of(await readFile(`${place}-kept`)), sha256Of(bytes));
    for (const path of places) await assert.rejects(readFile(path), { code: 'ENOENT' });
    await rm(`${place}-kept`);
  });

  test('forgets, also what is not there', async () => {
    const { uploads, make } = await open();
    const id = await make({ size: 100, bytes });
    await uploads.forget(id);
    await uploads.forget(id);
    assert.equal(await uploads.find(id), undefined);
  });

  test('lets go of what is older than a day, whether a byte of it came or not', async () => {
    const { uploads, make } = await open();
    const old = await make({ size: 100, bytes, ageMs: 24 * hour + 1000 });
    const young = await make({ size: 100, bytes, ageMs: 23 * hour });
    const empty = await make({ size: 100, bytes: Buffer.alloc(0), ageMs: 24 * hour + 1000 });
    const begun = await make({ size: 100, bytes: Buffer.alloc(0), ageMs: 23 * hour });
    assert.equal(await uploads.deleteExpired(), 4);
    const left = await Promise.all([old, young, empty, begun].map((id) => uploads.find(id)));
    assert.deepEqual(
      left.map((one) => one !== undefined),
      [false, true, false, true],
    );
    assert.equal(await uploads.deleteExpired(), 0);
  });

  test('adds up what one holder announced, whether it has come or not, until it is concluded, forgotten or too old', async () => {
    const { uploads, make } = await open();
    const [mine, other] = ['aaaaaaaa', 'bbbbbbbb'];
    const next = `${'0'.repeat(24)}${mine}`;
    const whole = { size: bytes.length, bytes, holder: mine };
    const concluded = await make(whole);
    const forgotten = await make({ size: 1000, bytes: Buffer.alloc(0), holder: mine });
    await make({ size: 10_000, bytes, holder: mine, ageMs: 24 * hour + 1000 });
    await make({ size: 7, bytes: Buffer.alloc(0), holder: other });
    assert.equal(uploads.announcedBefore(next), bytes.length + 11_000);
    await rm((await uploads.received(concluded)).path);
    await uploads.conclude(concluded, { photo, duplicate: false });
    assert.equal(uploads.announcedBefore(next), 11_000);
    for (let times = 0; times < 2; times += 1) await uploads.forget(forgotten);
    assert.equal(uploads.announcedBefore(next), 10_000);
    await uploads.deleteExpired();
    assert.equal(uploads.announcedBefore(next), 0);
    assert.equal(uploads.announcedBefore(`${'0'.repeat(24)}${other}`), 7);
  });

  test('counts one before it is made, once, and no more when it is forgotten instead', async () => {
    const { uploads, make } = await open();
    const holder = 'cccccccc';
    const [first, second] = ['0', '1'].map((digit) => `${digit.repeat(24)}${holder}`);
    assert.ok(first !== undefined && second !== undefined);
    uploads.announce(first, 100);
    assert.equal(uploads.announcedBefore(second), 100);
    await make({ size: 100, bytes, id: first });
    assert.equal(uploads.announcedBefore(second), 100);
    uploads.announce(second, 10);
    await uploads.forget(second);
    assert.equal(uploads.announcedBefore(second), 100);
  });
}
