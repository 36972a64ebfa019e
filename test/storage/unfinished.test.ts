import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { Upload } from '@tus/utils';
import { GalleryError } from '../../src/gallery/errors.ts';
import type { PhotoId } from '../../src/gallery/photo.ts';
import { keptMs, openUnfinished } from '../../src/storage/unfinished.ts';
import { type NewUpload, testUnfinishedUploads } from '../contracts/unfinished-uploads.ts';
import { makeFolder } from '../support/folder.ts';

const photo = '01990000-0000-7000-8000-000000000000' as PhotoId;

async function open() {
  const folder = await makeFolder();
  const uploads = await openUnfinished(folder);
  return {
    folder,
    uploads,
    async make({ size, bytes, ageMs = 0, metadata = {}, ...named }: NewUpload) {
      const { holder = randomBytes(4).toString('hex') } = named;
      const { id = `${randomBytes(12).toString('hex')}${holder}` } = named;
      const creation_date = new Date(Date.now() - ageMs).toISOString();
      await uploads.create(new Upload({ id, size, offset: 0, metadata, creation_date }));
      if (bytes.length > 0) await uploads.write(Readable.from([bytes]), id, 0);
      return id;
    },
  };
}

describe('unfinished uploads in a folder', () => {
  testUnfinishedUploads(open);

  test('keep what came before a stream broke', async () => {
    const { uploads, make } = await open();
    const id = await make({ size: 100, bytes: Buffer.alloc(0) });
    async function* broken() {
      yield Buffer.from('the beginning');
      throw new Error('the connection is gone');
    }
    await assert.rejects(uploads.write(Readable.from(broken()), id, 0), /gone/);
    assert.equal((await uploads.find(id))?.bytes, 13);
  });

  test('leave nothing of one that was received, when it is concluded, forgotten, or too old', async () => {
    const { folder, uploads, make } = await open();
    const whole = { size: 1, bytes: Buffer.from('x') };
    const [concluded, forgotten, old] = [
      await make(whole),
      await make(whole),
      await make({ ...whole, ageMs: 2 * keptMs }),
    ];
    for (const id of [concluded, forgotten, old]) await uploads.received(id);
    await uploads.conclude(concluded, { photo, duplicate: false });
    await uploads.forget(forgotten);
    const again = await openUnfinished(folder);
    assert.equal(await again.deleteExpired(), 3);
    assert.deepEqual(await readdir(folder), [`${concluded}.json`]);
  });

  test('are what they became also for a request that came while they became it', async () => {
    const { uploads, make } = await open();
    const id = await make({ size: 1, bytes: Buffer.from('x') });
    await uploads.getUpload(id);
    await uploads.received(id);
    const late = uploads.getUpload(id);
    const { set } = uploads.configstore;
    uploads.configstore.set = async (...note) => {
      // It has read the note of one that is no photo yet.
      await late;
      await set.apply(uploads.configstore, note);
    };
    await uploads.conclude(id, { photo, duplicate: false });
    assert.equal((await uploads.find(id))?.became?.photo, photo);
    assert.equal((await uploads.getUpload(id)).offset, 1);
  });

  test('leave no note when the file beside it can not be made, although the note comes later', async () => {
    const { folder, uploads, make } = await open();
    const { set } = uploads.configstore;
    uploads.directory = join(folder, 'not', 'there');
    let noted = false;
    uploads.configstore.set = async (...note) => {
      // What this waits for fails as the file does, and was begun after it.
      await writeFile(join(uploads.directory, 'x'), '').catch(() => undefined);
      await set.apply(uploads.configstore, note);
      noted = true;
    };
    await assert.rejects(make({ size: 1, bytes: Buffer.alloc(0) }));
    assert.ok(noted);
    assert.deepEqual(await readdir(folder), []);
  });

  test('are made although somebody removed their folder, unless what it lay in is gone, too', async () => {
    const { folder, uploads, make } = await open();
    await rm(folder, { recursive: true });
    const one = { size: 1, bytes: Buffer.from('x') };
    for (const id of await Promise.all([make(one), make(one), make(one)]))
      assert.equal((await uploads.find(id))?.bytes, 1);
    uploads.directory = join(folder, 'not', 'there');
    await assert.rejects(make({ size: 1, bytes: Buffer.from('x') }), GalleryError);
  });

  test('keep what they became, although a sweep comes while that is written', async () => {
    const { folder, uploads, make } = await open();
    const id = await make({ size: 1, bytes: Buffer.from('x') });
    await uploads.received(id);
    const { set } = uploads.configstore;
    uploads.configstore.set = async (...note) => {
      await writeFile(join(folder, `${id}.json`), '');
      await rm(join(folder, id), { force: true });
      assert.equal(await uploads.deleteExpired(), 0);
      await set.apply(uploads.configstore, note);
    };
    await uploads.conclude(id, { photo, duplicate: false });
    assert.equal((await uploads.find(id))?.became?.photo, photo);
  });

  test('lose their bytes and give their place back when they became a photo, although the note can not be read', async () => {
    const { folder, make } = await open();
    const id = await make({ size: 1, bytes: Buffer.from('x') });
    const uploads = await openUnfinished(folder, { most: 1, partOfOne: 1 });
    await uploads.received(id);
    await writeFile(join(folder, `${id}.json`), '{ half of a no');
    await assert.rejects(uploads.conclude(id, { photo, duplicate: false }), { code: 'no-upload' });
    assert.deepEqual(await readdir(folder), [`${id}.json`]);
    await uploads.create(new Upload({ id: 'f'.repeat(32), size: 1, offset: 0 }));
  });

  test('whose bytes could not be removed when they became a photo lose them with the next sweep', async () => {
    const { folder, uploads, make } = await open();
    const id = await make({ size: 1, bytes: Buffer.from('x') });
    await uploads.received(id);
    await uploads.conclude(id, { photo, duplicate: false });
    await writeFile(join(folder, id), 'x');
    const again = await openUnfinished(folder, { most: 1, partOfOne: 1 });
    assert.equal(await again.deleteExpired(), 1);
    assert.deepEqual(await readdir(folder), [`${id}.json`]);
    assert.equal((await again.find(id))?.became?.photo, photo);
    await again.create(new Upload({ id: 'f'.repeat(32), size: 1, offset: 0 }));
  });

  test('pass over a note that was cut off while it was written', async () => {
    const { folder, uploads, make } = await open();
    const id = await make({ size: 100, bytes: Buffer.from('x') });
    await writeFile(join(folder, `${id}.json`), '{"id":"');
    assert.equal(await uploads.find(id), undefined);
  });

  test('remember no more than ten thousand that became photos', async () => {
    const { folder } = await open();
    const note = (at: number) => join(folder, `${at.toString(16).padStart(32, '0')}.json`);
    for (let at = 0; at < 10_000; at += 1) await writeFile(note(at), '{}');
    const uploads = await openUnfinished(folder);
    const id = 'f'.repeat(32);
    await uploads.create(new Upload({ id, size: 1, offset: 0 }));
    await uploads.received(id);
    await uploads.conclude(id, {
      photo,
      duplicate: false,
    });
    const names = await readdir(folder);
    assert.equal(names.length, 10_000);
    assert.ok(names.includes(`${id}.json`));
  });

  test('are at most ten thousand (T21)', async () => {
    const { folder } = await open();
    for (let at = 0; at < 10_000; at += 1)
      await writeFile(join(folder, at.toString(16).padStart(32, '0')), '');
    const uploads = await openUnfinished(folder);
    await assert.rejects(uploads.create(new Upload({ id: 'f'.repeat(32), size: 1, offset: 0 })), {
      code: 'too-many-uploads',
    });
  });

  test('of one person are at most five hundred, after a restart, too, and others still begin theirs (T21)', async () => {
    const { folder, uploads } = await open();
    const idOf = (at: number, whose: string) => `${at.toString(16).padStart(24, '0')}${whose}`;
    const begin = (to: typeof uploads, at: number, whose: string) =>
      to.create(new Upload({ id: idOf(at, whose), size: 1, offset: 0 }));
    for (let at = 0; at < 500; at += 1) await begin(uploads, at, 'aaaaaaaa');
    for (const one of [uploads, await openUnfinished(folder)]) {
      await assert.rejects(begin(one, 500, 'aaaaaaaa'), { code: 'too-many-uploads' });
      await begin(one, 501, 'bbbbbbbb');
      await one.forget(idOf(501, 'bbbbbbbb'));
    }
    await uploads.forget(idOf(7, 'aaaaaaaa'));
    await begin(uploads, 502, 'aaaaaaaa');
  });

  test('take one place each after a restart, and give it back', async () => {
    const { folder, uploads, make } = await open();
    const holder = 'aaaaaaaa';
    const ids = [];
    for (let at = 0; at < 3; at += 1) ids.push(await make({ size: 5, bytes: Buffer.from('x'), holder }));
    for (const id of ids) await writeFile(join(folder, `${id}.link`), 'x');
    const again = await openUnfinished(folder, { most: 4, partOfOne: 1 });
    const begin = (digit: string) =>
      again.create(new Upload({ id: `${digit.repeat(24)}${holder}`, size: 1, offset: 0 }));
    await begin('1');
    await assert.rejects(begin('2'), { code: 'too-many-uploads' });
    await again.forget(ids[0] ?? '');
    await begin('2');
    assert.equal(uploads.announcedBefore(`${'3'.repeat(24)}${holder}`), 15);
  });

  test('of an earlier run count with what their notes announce; without a note with what has come; not what became a photo', async () => {
    const { folder, uploads, make } = await open();
    const holder = 'aaaaaaaa';
    await make({ size: 1000, bytes: Buffer.from('x'), holder });
    const cut = await make({ size: 1000, bytes: Buffer.from('xyz'), holder });
    await writeFile(join(folder, `${cut}.json`), '{"id":"');
    const became = await make({ size: 1, bytes: Buffer.from('x'), holder });
    await uploads.received(became);
    const photo = '01990000-0000-7000-8000-000000000000' as PhotoId;
    await uploads.conclude(became, { photo, duplicate: false });
    // Its bytes could not be removed.
    await writeFile(join(folder, became), 'x');
    const again = await openUnfinished(folder);
    assert.equal(again.announcedBefore(`${'0'.repeat(24)}${holder}`), 1003);
  });

  test('of an earlier run, ten thousand of them, are counted within seconds', async () => {
    const { folder } = await open();
    const idOf = (at: number) => `${at.toString(16).padStart(24, '0')}aaaaaaaa`;
    for (let at = 0; at < 10_000; at += 1) {
      await writeFile(join(folder, idOf(at)), '');
      await writeFile(
        join(folder, `${idOf(at)}.json`),
        JSON.stringify({ size: 2, metadata: { title: '사'.repeat(200) } }),
      );
    }
    const began = performance.now();
    const uploads = await openUnfinished(folder);
    const tookMs = performance.now() - began;
    assert.equal(uploads.announcedBefore(idOf(0)), 20_000);
    assert.ok(tookMs < 10_000, `${tookMs}`);
  });
});
