// The disk keeps the MediaStore contract; the inbox receives, refuses and forgets.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  statfs,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { GalleryError } from '../../src/gallery/errors.ts';
import { originalKey } from '../../src/gallery/media.ts';
import type { Sha256 } from '../../src/gallery/photo.ts';
import type { Inbox } from '../../src/gallery/ports.ts';
import { openDisk } from '../../src/storage/disk.ts';
import { openInbox } from '../../src/storage/inbox.ts';
import { openSpace } from '../../src/storage/space.ts';
import { mediaStoreContract } from '../contracts/media-store.ts';

mediaStoreContract('disk', async (folder) => openDisk(folder));

test('a key that is not made of a digest leads nowhere', async () => {
  const root = await mkdtemp('/tmp/sajin-disk-');
  await mkdir(join(root, 'originals/..'), { recursive: true });
  await writeFile(join(root, 'holiday.jpg'), 'of somebody else');
  const key = originalKey('../holiday' as Sha256, 'image/jpeg');
  const disk = openDisk(root);
  for (const work of [disk.stat(key), disk.read(key), disk.lease(key), disk.remove(key)])
    await assert.rejects(work, /leads elsewhere/);
  assert.equal(await readFile(join(root, 'holiday.jpg'), 'utf8'), 'of somebody else');
  await rm(root, { recursive: true });
});

test('a folder in the place of a file that is to be removed stays, and keeps nobody from going on', async () => {
  const root = await mkdtemp('/tmp/sajin-disk-');
  const key = originalKey('cd'.repeat(32) as Sha256, 'image/png');
  await mkdir(join(root, key, 'thesis'), { recursive: true });
  await openDisk(root).remove(key);
  assert.deepEqual(await readdir(join(root, key)), ['thesis']);
  await rm(root, { recursive: true });
});

describe('a file that is put', () => {
  const key = originalKey('ab'.repeat(32) as Sha256, 'image/png');
  let root = '';
  beforeEach(async () => {
    root = await mkdtemp('/tmp/sajin-disk-');
    await mkdir(join(root, dirname(key)), { recursive: true });
  });
  afterEach(() => rm(root, { recursive: true }));
  const put = async (disk = openDisk(root)) => {
    await writeFile(join(root, 'source'), 'whole');
    await disk.put(key, join(root, 'source'));
    assert.ok((await lstat(join(root, key))).isFile());
    assert.equal(await readFile(join(root, key), 'utf8'), 'whole');
  };

  test('replaces a link, and never what the link leads to', async () => {
    const elsewhere = join(root, 'elsewhere');
    await writeFile(elsewhere, 'of somebody else');
    await symlink(elsewhere, join(root, key));
    await put();
    assert.equal(await readFile(elsewhere, 'utf8'), 'of somebody else');
  });

  test('has its place although a folder lies there, which is moved aside with all that is in it', async () => {
    await mkdir(join(root, key));
    await writeFile(join(root, key, 'thesis.odt'), 'years of work');
    await put();
    const [aside = ''] = (await readdir(join(root, dirname(key)))).filter((name) => name.includes('.aside-'));
    assert.equal(await readFile(join(root, dirname(key), aside, 'thesis.odt'), 'utf8'), 'years of work');
  });

  test('is no file that is a folder or a pipe: neither is read, nor waited for', {
    timeout: 10_000,
  }, async () => {
    const disk = openDisk(root);
    for (const make of [
      () => mkdir(join(root, key)),
      () => promisify(execFile)('mkfifo', [join(root, key)]),
    ]) {
      await make();
      const found = await Promise.all([disk.stat(key), disk.read(key), disk.lease(key)]);
      assert.deepEqual(found, [undefined, undefined, undefined]);
      await rm(join(root, key), { recursive: true });
    }
  });

  test('has its folder made anew that somebody removed meanwhile', async () => {
    const disk = openDisk(root);
    await put(disk);
    await rm(join(root, 'originals'), { recursive: true });
    await put(disk);
  });
});

describe('the inbox', () => {
  let folder = '';
  let inbox: Inbox;
  beforeEach(async () => {
    folder = await mkdtemp('/tmp/sajin-inbox-');
    inbox = await openInbox(folder);
  });
  afterEach(() => rm(folder, { recursive: true }));
  const refusal = (code: string) => (error: unknown) => error instanceof GalleryError && error.code === code;

  for (const size of [0, 1, 63, 64, 65_536, 1024 * 1024, 3_500_001]) {
    test(`receives ${size} bytes as they came, with their digest and head`, async () => {
      const bytes = randomBytes(size);
      const chunks = Array.from({ length: Math.ceil(size / 65_536) }, (_, at) =>
        bytes.subarray(at * 65_536, (at + 1) * 65_536),
      );
      const file = await inbox.receive(Readable.from(chunks), 4_000_000);
      assert.deepEqual(await readFile(file.path), bytes);
      assert.equal(file.bytes, size);
      assert.equal(file.sha256, createHash('sha256').update(bytes).digest('hex'));
      assert.deepEqual(Buffer.from(file.head), bytes.subarray(0, 64));
    });
  }

  test('accepts exactly the limit, refuses one byte more and keeps nothing of it (T07)', async () => {
    const kept = await inbox.receive(Readable.from([Buffer.alloc(1000)]), 1000);
    await inbox.discard(kept.path);
    await assert.rejects(inbox.receive(Readable.from([Buffer.alloc(1001)]), 1000), refusal('too-large'));
    assert.deepEqual(await readdir(folder), []);
  });

  test('writes a text down, ready to be put somewhere', async () => {
    const { path } = await inbox.write('{"title":"사진"}');
    assert.equal(await readFile(path, 'utf8'), '{"title":"사진"}');
    assert.deepEqual(await readdir(folder), [path.split('/').at(-1)]);
  });

  test('keeps nothing of a stream that breaks', async () => {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.alloc(100_000);
        throw new Error('the phone went away');
      })(),
    );
    await assert.rejects(inbox.receive(broken, 1_000_000), /went away/);
    assert.deepEqual(await readdir(folder), []);
  });

  test('sweeps what is old, files and folders, and leaves what is young', async () => {
    const scratch = await inbox.openScratch();
    await writeFile(join(scratch.path, 'half a rendition'), 'x');
    const old = await inbox.receive(Readable.from([Buffer.from('old')]), 10);
    const young = await inbox.receive(Readable.from([Buffer.from('young')]), 10);
    const hourAgo = new Date(Date.now() - 3_600_000);
    for (const path of [scratch.path, old.path]) await utimes(path, hourAgo, hourAgo);
    assert.equal(await inbox.sweep(60_000), 2);
    assert.deepEqual(await readdir(folder), [young.path.split('/').at(-1)]);
  });

  test('says that the disk is full before it is (T21)', async () => {
    await inbox.ensureSpace(1);
    await assert.rejects(inbox.ensureSpace(Number.MAX_SAFE_INTEGER), refusal('disk-full'));
  });

  test('promises no space twice: what is still to come counts as taken, what has come does not (T21)', async () => {
    const { bavail, bsize } = await statfs(folder);
    const most = Math.floor(bavail * bsize * 0.6);
    const one = await inbox.reserve(most);
    await assert.rejects(inbox.reserve(most), refusal('disk-full'));
    await assert.rejects(inbox.ensureSpace(most), refusal('disk-full'));
    await one.came(most);
    const another = await inbox.reserve(most);
    await assert.rejects(inbox.reserve(most), refusal('disk-full'));
    for (const room of [one, another, another]) room.release();
    (await inbox.reserve(most)).release();
  });

  test('promises what is free only once, also to those that ask in the same moment (T21)', async () => {
    const { bavail, bsize } = await statfs(folder);
    const asked = Array.from({ length: 4 }, () => inbox.reserve(Math.floor(bavail * bsize * 0.4)));
    const rooms = (await Promise.allSettled(asked)).filter((one) => one.status === 'fulfilled');
    assert.equal(rooms.length, 2);
    for (const { value } of rooms) value.release();
  });

  test('looks at the disk again where more comes than was said (T21)', async () => {
    const megabyte = 1024 * 1024;
    const disk = { bsize: 1, blocks: 1000 * megabyte, bavail: 100 * megabyte };
    const space = openSpace(folder, async () => disk);
    const room = await space.reserve(0);
    const write = async () => {
      for (;;) {
        disk.bavail -= megabyte;
        await room.came(megabyte);
      }
    };
    await assert.rejects(write(), refusal('disk-full'));
    const left = disk.bavail / megabyte;
    assert.ok(left >= 20 && left <= 26, `the reserve of 20 MB is left, and little more: ${left} MB`);
    room.release();
    await space.ensureSpace(disk.bavail - 21 * megabyte);
  });
});
