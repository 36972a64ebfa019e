// Archives of a backup: what was written comes back, cut off anywhere it is refused, and so is whatever `sajin backup` would not write.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, open as openFile, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, type TestContext, test } from 'node:test';
import { Header } from 'tar/header';
import { copyOriginal, listDamaged, type Original } from '../../src/gallery/copy-originals.ts';
import { originalKey } from '../../src/gallery/media.ts';
import type { Sha256 } from '../../src/gallery/photo.ts';
import { openArchiveWriter } from '../../src/storage/archive-writer.ts';
import { inSnapshot, openBackupArchive } from '../../src/storage/backup-archive.ts';
import { formatManifest, snapshotName } from '../../src/storage/manifest.ts';
import { makeFolder } from '../support/folder.ts';
import { openMemoryMedia } from '../support/memory-media.ts';

const takenAt = new Date('2026-11-20T10:12:00.500Z');
const name = snapshotName(takenAt);
const sha256Of = (text: string) => createHash('sha256').update(text).digest('hex') as Sha256;
const databaseText = 'a database';
// Shorter than a block, a whole block, and one byte more.
const pictures = ['every byte of it', 'x'.repeat(512), 'y'.repeat(513)];
const originals: Original[] = pictures.map((text) => ({
  sha256: sha256Of(text),
  bytes: text.length,
  type: 'image/jpeg',
}));
const keys = originals.map(({ sha256, type }) => originalKey(sha256, type));
const sidecar = `${keys[0]}.json`;
const manifest = {
  takenAt,
  gallery: 'ab'.repeat(16),
  database: { bytes: databaseText.length, sha256: sha256Of(databaseText), schema: 5, photos: 3 },
  originals: originals.map(({ bytes }, index) => ({ name: keys[index] ?? '', bytes })),
  damaged: [],
  others: [{ name: sidecar, bytes: 2, sha256: sha256Of('{}') }],
};

async function write(t: TestContext) {
  const folder = await makeFolder(t);
  const path = join(folder, 'sajin.tar');
  const writer = await openArchiveWriter(path, { owner: 'me', modifiedAt: takenAt });
  for (const [index, text] of pictures.entries()) await writer.add(keys[index] ?? '', text);
  await writer.add(sidecar, '{}');
  await writer.add('sajin-backup', 'Hello.\n');
  await writer.add(inSnapshot(name, 'gallery.db'), databaseText);
  await writer.add(inSnapshot(name, 'manifest.json'), formatManifest(manifest));
  await writer.finish();
  assert.deepEqual(
    await readdir(folder),
    ['.sajin.tar.me.part'],
    'nothing of that name before it is published',
  );
  await writer.publish();
  await writer.release();
  assert.deepEqual(await readdir(folder), ['sajin.tar']);
  return { folder, path };
}

describe('an archive', () => {
  test('gives back what was written into it, also a part of a file', async (t) => {
    const { path } = await write(t);
    const { gallery, media, snapshots } = await openBackupArchive(path);
    assert.equal(gallery, manifest.gallery);
    assert.deepEqual(await snapshots.list(), [{ ...manifest, name }]);
    assert.equal(String(await buffer(snapshots.read(name))), databaseText);
    assert.deepEqual(await listDamaged(media, originals, manifest.others), []);
    const key = keys[0] ?? assert.fail();
    assert.deepEqual(await media.stat(key), { bytes: 16 });
    const part = await media.read(key, { start: 6, end: 99 });
    assert.equal(String(await buffer(part?.stream ?? assert.fail())), 'byte of it');
    assert.equal(await media.read(originalKey('0'.repeat(64) as Sha256, 'image/jpeg')), undefined);
  });

  test('cut off at any byte is refused, and says so', async (t) => {
    const { path } = await write(t);
    const { size } = await stat(path);
    for (
      let bytes = size - 1;
      bytes > 0;
      bytes -= bytes % 512 === 1 || bytes % 512 === 0 ? 1 : (bytes - 1) % 512
    ) {
      await truncate(path, bytes);
      const expected =
        bytes < 512 ? /is no archive of Sajin/ : /is not whole: it ends (behind|in the middle of) /;
      await assert.rejects(openBackupArchive(path), { message: expected }, `${bytes} of ${size} bytes`);
    }
  });

  test('with one bit wrong is either refused or known not to be right', async (t) => {
    const { path } = await write(t);
    const whole = await readFile(path);
    // Padding, and what a header says of the owner, are nobody's loss: the checksum of a header notices that one, too.
    for (const [index, key] of keys.entries()) {
      const at = whole.indexOf(pictures[index] ?? assert.fail());
      const rotten = Buffer.from(whole);
      rotten[at] = (rotten[at] ?? 0) ^ 1;
      await writeFile(path, rotten);
      assert.deepEqual(await listDamaged((await openBackupArchive(path)).media, originals), [key]);
    }
    for (const at of [3, 100, 130, 156, 600 + 512]) {
      const rotten = Buffer.from(whole);
      rotten[at] = (rotten[at] ?? 0) ^ 1;
      await writeFile(path, rotten);
      await assert.rejects(
        openBackupArchive(path),
        { message: /no archive of Sajin|is damaged at byte/ },
        `byte ${at}`,
      );
    }
  });

  test('takes what is damaged in the gallery apart, and nothing that did not come whole', async (t) => {
    const folder = await makeFolder(t);
    const writer = await openArchiveWriter(join(folder, 'a.tar'), { owner: 'me', modifiedAt: takenAt });
    const from = openMemoryMedia();
    const [first, second] = originals;
    assert.ok(first && second);
    const put = async (key: ReturnType<typeof originalKey>, text: string) => {
      await writeFile(join(folder, 'x'), text);
      await from.put(key, join(folder, 'x'));
    };
    await put(keys[0] ?? assert.fail(), 'rotten');
    await put(keys[1] ?? assert.fail(), pictures[1] ?? '');
    const places = { from, to: writer.to, inbox: writer.inbox, rest: 'apart' } as const;
    assert.equal(await copyOriginal(places, first, false), 'damaged');
    const broken = Readable.from(
      (function* () {
        yield Buffer.from('half of');
        throw new Error('the line broke');
      })(),
    );
    await assert.rejects(writer.add('originals/x', broken), /the line broke/);
    assert.equal(await copyOriginal(places, second, false), 'copied');
    assert.deepEqual(
      writer.members().map((member) => [member.name, member.bytes]),
      [
        [`${keys[0]}.damaged`, 6],
        [keys[1], 512],
      ],
    );
    await writer.release();
    assert.deepEqual(await readdir(folder), [], 'what was not published is gone');
  });
});

describe('an archive is refused that', () => {
  const block = (entry: ConstructorParameters<typeof Header>[0], body = '') => {
    const header = Buffer.alloc(512);
    new Header({ mode: 0o600, size: Buffer.byteLength(body), type: 'File', ...(entry as object) }).encode(
      header,
    );
    const padding = Buffer.alloc((512 - (Buffer.byteLength(body) % 512)) % 512);
    return Buffer.concat([header, Buffer.from(body), padding]);
  };
  /** Behind the members that are in order, before the end. */
  const insert = async (path: string, ...blocks: Buffer[]) => {
    const whole = await readFile(path);
    await writeFile(path, Buffer.concat([whole.subarray(0, -1024), ...blocks, Buffer.alloc(1024)]));
  };
  const other = `originals/ab/${'ab'.repeat(32)}.jpg`;
  const hostile: readonly (readonly [what: string, blocks: () => Buffer[], words: RegExp])[] = [
    [
      'leads out',
      () => [block({ path: '../../etc/cron.d/x' }, 'x')],
      /"\.\.\/\.\.\/etc\/cron\.d\/x", which no/,
    ],
    ['leads out from within', () => [block({ path: 'originals/../../x' }, 'x')], /which no backup does/],
    [
      'begins at the root',
      () => [block({ path: '/etc/passwd' }, 'x')],
      /"\/etc\/passwd", which no backup does/,
    ],
    [
      'speaks to terminals',
      () => [block({ path: 'a\u001b[2J' }, 'x')],
      /"a\\u001b\[2J", which no backup does/,
    ],
    [
      'holds a symbolic link',
      () => [block({ path: other, type: 'SymbolicLink', linkpath: '/etc' })],
      /no plain/,
    ],
    [
      'holds a hard link',
      () => [block({ path: other, type: 'Link', linkpath: keys[0] ?? '' })],
      /no plain file/,
    ],
    ['holds a device', () => [block({ path: other, type: 'CharacterDevice' })], /no plain file/],
    ['holds a pipe', () => [block({ path: other, type: 'FIFO' })], /no plain file/],
    ['holds a folder', () => [block({ path: 'originals/ab/', type: 'Directory' })], /no plain file/],
    [
      'renames by an extension',
      () => [block({ path: other, type: 'ExtendedHeader' }, '9 path=/x\n')],
      /no plain/,
    ],
    ['holds a file twice', () => [block({ path: keys[0] ?? '' }, 'again')], /twice/],
    [
      'holds what its manifest does not name',
      () => [block({ path: other }, 'x')],
      /its manifest does not name/,
    ],
    [
      'holds two manifests',
      () => [block({ path: inSnapshot('2026', 'manifest.json') }, '{}')],
      /two manifests/,
    ],
    [
      'says that a file is longer than all',
      () => [block({ path: other, size: 2 ** 52 })],
      /in the middle of/,
    ],
  ];
  for (const [what, blocks, words] of hostile)
    test(what, async (t) => {
      const { path } = await write(t);
      await insert(path, ...blocks());
      await assert.rejects(openBackupArchive(path), { code: 'unavailable', message: words });
    });

  test('goes on behind its end', async (t) => {
    const { path } = await write(t);
    await writeFile(path, Buffer.concat([await readFile(path), Buffer.from('more')]));
    await assert.rejects(openBackupArchive(path), { code: 'unavailable', message: /goes on behind its end/ });
  });

  test('holds a file of another length than its manifest says', async (t) => {
    const { path } = await write(t);
    const whole = String(await readFile(path));
    await writeFile(path, whole.replace(`${keys[1]}",512`, `${keys[1]}",511`));
    await assert.rejects(openBackupArchive(path), { message: /holds 512 bytes as .* manifest says 511/ });
  });

  test('has a manifest that leads out, is torn, or is of another moment', async (t) => {
    const { path } = await write(t);
    const whole = String(await readFile(path));
    for (const [from, to] of [
      [`["${keys[1]}"`, `["../${keys[1]?.slice(3)}"`],
      ['{"format"', '["format"'],
      ['10:12:00', '10:12:01'],
    ] as const) {
      assert.ok(whole.includes(from));
      await writeFile(path, whole.replace(from, to));
      await assert.rejects(openBackupArchive(path), {
        message: /has a manifest (that can’t be read|of another)/,
      });
    }
  });

  test('is something else', async (t) => {
    const folder = await makeFolder(t);
    const path = join(folder, 'x.tar');
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.alloc(2048),
      Buffer.alloc(5000, 'text '),
      block({ path: 'a.txt' }, 'x'),
    ]) {
      await writeFile(path, bytes);
      await assert.rejects(openBackupArchive(path), { code: 'bad-request', message: /no archive of Sajin/ });
    }
    await mkdir(join(folder, 'folder.tar'));
    await assert.rejects(openBackupArchive(join(folder, 'folder.tar')), { message: /no archive of Sajin/ });
    await assert.rejects(openBackupArchive('/dev/zero'), { message: /no archive of Sajin/ });
  });
});

test('a member of 9 GB is found behind its header, and what follows it, too', async (t) => {
  const folder = await makeFolder(t);
  const path = join(folder, 'large.tar');
  const bytes = 9 * 1024 ** 3;
  const large = { ...manifest, database: { ...manifest.database, bytes }, originals: [], others: [] };
  const { encodeHeader, endMark, paddingOf } = await import('../../src/storage/tar.ts');
  const text = formatManifest(large);
  // With a hole where the database is: it takes no room.
  const file = await openFile(path, 'w');
  await file.write(encodeHeader(inSnapshot(name, 'gallery.db'), bytes, takenAt));
  const tail = [
    encodeHeader(inSnapshot(name, 'manifest.json'), text.length, takenAt),
    Buffer.from(text),
    paddingOf(text.length),
    endMark,
  ];
  await file.write(Buffer.concat(tail), 0, undefined, 512 + bytes);
  await file.close();
  const { snapshots } = await openBackupArchive(path);
  assert.equal((await snapshots.list())[0]?.database.bytes, bytes);
});
