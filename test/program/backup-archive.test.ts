// `sajin backup FILE.tar`: whole or not there, comes back as a folder of backups does, and replaces nothing but an older one of its gallery.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { createClient } from '../support/client.ts';
import { filesBelow } from '../support/data.ts';
import { makeFolder } from '../support/folder.ts';
import { drawPng } from '../support/pictures.ts';
import { startCli } from '../support/run-cli.ts';
import { startProgram } from '../support/start-program.ts';
import { until } from '../support/until.ts';
import { expectVerified, gist, originalsIn, photosIn, run, useGalleries } from '../support/used-galleries.ts';

const { usedFolder } = useGalleries();
const bytesIn = async (folder: string) =>
  await Promise.all(originalsIn(folder).map(async ({ name, path }) => [name, await readFile(path)] as const));

describe('a backup in one file', () => {
  test('comes back whole into an empty folder, and in the place of a corrupt database', async (t) => {
    const { uploadsDir, photos } = await usedFolder(t);
    const place = await makeFolder(t);
    const file = join(place, 'sajin.tar');
    const made = await run(uploadsDir, 'backup', file);
    assert.deepEqual([made.code, made.err], [0, ''], made.out);
    assert.match(made.out, /3 photos .* 3 originals copied/);
    assert.deepEqual(await readdir(place), ['sajin.tar'], 'nothing is left beside it');
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const rehearsed = await run(uploadsDir, 'restore', '--check', file);
    assert.deepEqual([rehearsed.code, rehearsed.err], [0, '']);
    assert.match(rehearsed.out, /3 photos .*\n.*It would work/);

    const empty = join(await makeFolder(t), 'new');
    const restored = await run(empty, 'restore', file);
    assert.deepEqual([restored.code, restored.err], [0, ''], restored.out);
    assert.deepEqual(await bytesIn(empty), await bytesIn(uploadsDir));
    await expectVerified(empty);
    assert.deepEqual((await photosIn(t, empty)).map(gist), photos.map(gist));

    await writeFile(join(uploadsDir, 'gallery.db'), 'torn');
    assert.equal((await run(uploadsDir, 'restore', file)).code, 0);
    assert.ok((await readdir(uploadsDir)).some((name) => name.includes('.aside-')));
    assert.deepEqual((await photosIn(t, uploadsDir)).map(gist), photos.map(gist));
  });

  test('unpacked by tar is a folder of backups', async (t) => {
    const { uploadsDir } = await usedFolder(t);
    const [place, unpacked] = [await makeFolder(t), await makeFolder(t)];
    await run(uploadsDir, 'backup', join(place, 'a.tar'));
    await promisify(execFile)('tar', ['xf', join(place, 'a.tar'), '-C', unpacked]);
    const ages = await Promise.all(filesBelow(unpacked).map(async ({ path }) => (await stat(path)).mtimeMs));
    assert.ok(ages.every((age) => Math.abs(Date.now() - age) < 600_000));
    const rehearsed = await run(uploadsDir, 'restore', '--check', unpacked);
    assert.equal(rehearsed.code, 0, rehearsed.err);
    assert.equal((await run(uploadsDir, 'backup', unpacked)).code, 0, 'of the same gallery');
  });

  test('taken while photos come in and go holds every one that was acknowledged before it', async (t) => {
    const uploadsDir = await makeFolder(t);
    const program = await startProgram({ uploadsDir });
    t.after(() => program.stop());
    const client = createClient(program.url);
    const before: string[] = [];
    for (let seed = 0; seed < 10; seed += 1) before.push((await client.keep(drawPng({ seed }))).id);
    let isOver = false;
    const uploading = (async () => {
      for (let seed = 100; !isOver; seed += 1) {
        const { id } = await client.keep(drawPng({ seed }));
        if (seed % 3 === 0) await client.removeForGood(id);
      }
    })();
    const file = join(await makeFolder(t), 'sajin.tar');
    const { code, err } = await run(uploadsDir, 'backup', file);
    isOver = true;
    await uploading;
    assert.equal(code, 0, err);
    const other = await makeFolder(t);
    const restored = await run(other, 'restore', file);
    assert.equal(restored.code, 0, restored.err);
    await expectVerified(other);
    const ids = new Set((await photosIn(t, other)).map(({ id }) => id));
    for (const id of before) assert.ok(ids.has(id), `${id} is missing`);
  });

  test('that was killed has no name, and the next one leaves nothing of it', async (t) => {
    const { uploadsDir } = await usedFolder(t, 6);
    const place = await makeFolder(t);
    const file = join(place, 'sajin.tar');
    const running = startCli(['backup', file], { UPLOADS_DIR: uploadsDir });
    await until('the draft to be begun', async () => (await readdir(place)).length > 0, { everyMs: 1 });
    running.kill('SIGKILL');
    assert.equal((await running.ended).signal, 'SIGKILL');
    assert.deepEqual(
      (await readdir(place)).map((name) => name.endsWith('.part')),
      [true],
    );
    assert.equal((await run(await makeFolder(t), 'restore', file)).code, 64);
    assert.equal((await run(uploadsDir, 'backup', file)).code, 0);
    assert.deepEqual(await readdir(place), ['sajin.tar']);
  });

  test('keeps the last good copy of an original that rotted in the gallery, and says what it lacks', async (t) => {
    const { uploadsDir } = await usedFolder(t);
    const file = join(await makeFolder(t), 'sajin.tar');
    const [rotten, gone] = originalsIn(uploadsDir);
    assert.ok(rotten && gone);
    const good = await readFile(rotten.path);
    await rm(gone.path);
    const first = await run(uploadsDir, 'backup', file);
    assert.equal(first.code, 1);
    assert.match(first.err, new RegExp(`missing: ${gone.name.slice(3, 67)}`));
    await writeFile(rotten.path, 'rotten');
    const second = await run(uploadsDir, 'backup', file);
    assert.match(second.err, /1 original can not be read in the gallery/);
    const other = await makeFolder(t);
    const restored = await run(other, 'restore', file);
    assert.equal(restored.code, 1, 'it says that one is missing');
    assert.match(restored.out, /3 photos are back/);
    assert.deepEqual(await readFile(join(other, 'originals', rotten.name)), good);
  });

  test('that a full disk cuts off leaves the older one as it was', async (t) => {
    const { uploadsDir } = await usedFolder(t);
    const place = await makeFolder(t);
    const file = join(place, 'sajin.tar');
    await run(uploadsDir, 'backup', file);
    const before = await readFile(file);
    // The database fits, the archive of it and the originals does not.
    const most = (await stat(join(uploadsDir, 'gallery.db'))).size;
    const full = await startCli(['backup', file], { UPLOADS_DIR: uploadsDir }, [
      'prlimit',
      `--fsize=${Math.min(most + 1024, before.length - 2048)}`,
    ]).ended;
    assert.equal(full.code, 1, full.out);
    assert.match(full.err, /no room for so long a file/);
    assert.deepEqual(await readFile(file), before);
    assert.deepEqual(await readdir(place), ['sajin.tar']);
  });
});

describe('refused with a sentence, and nothing is touched:', () => {
  const refusedWith = async (code: number, words: RegExp, uploadsDir: string, ...args: string[]) => {
    const refused = await run(uploadsDir, ...args);
    assert.equal(refused.code, code, refused.out + refused.err);
    assert.match(refused.err, words);
    assert.doesNotMatch(refused.err, /^ +at /m);
  };

  test('an archive that is cut off, or of which the database rotted, and an original that did', async (t) => {
    const { uploadsDir } = await usedFolder(t, 1);
    const file = join(await makeFolder(t), 'sajin.tar');
    await run(uploadsDir, 'backup', file);
    const whole = await readFile(file);
    const empty = join(await makeFolder(t), 'new');
    for (const part of [0.3, 0.6, 0.99]) {
      await truncate(file, Math.floor(whole.length * part));
      await refusedWith(1, /is not whole/, empty, 'restore', file);
      await refusedWith(1, /is not whole/, empty, 'restore', '--check', file);
      await writeFile(file, whole);
    }
    const rotten = Buffer.from(whole);
    rotten.fill(0x5a, rotten.indexOf('SQLite format 3') + 4000, rotten.indexOf('SQLite format 3') + 4001);
    await writeFile(file, rotten);
    await refusedWith(1, /snapshot .* is damaged/, empty, 'restore', file);
    assert.equal((await readdir(join(empty, '..'))).length, 0, 'nothing was begun');

    const [{ path: original, name } = assert.fail()] = originalsIn(uploadsDir);
    const changed = Buffer.from(whole);
    const at = whole.indexOf(await readFile(original)) + 60;
    changed[at] = (changed[at] ?? 0) ^ 1;
    await writeFile(file, changed);
    await refusedWith(1, new RegExp(name.slice(3, 67)), empty, 'restore', '--check', file);
  });

  test('another kind of archive, a folder that is not there, and the gallery itself', async (t) => {
    const { uploadsDir } = await usedFolder(t, 1);
    const place = await makeFolder(t);
    for (const name of ['a.zip', 'a.tgz', 'a.tar.gz', 'a.tar.zst', 'a.7z'])
      await refusedWith(64, /ends in \.tar, or a folder/, uploadsDir, 'backup', join(place, name));
    await refusedWith(64, /no folder/, uploadsDir, 'backup', join(place, 'not', 'there.tar'));
    await refusedWith(64, /outside/, uploadsDir, 'backup', join(uploadsDir, 'sajin.tar'));
    assert.deepEqual(await readdir(place), []);
    await mkdir(join(place, 'old.tar'));
    assert.equal((await run(uploadsDir, 'backup', join(place, 'old.tar'))).code, 0, 'a folder is a folder');
    assert.equal((await run(uploadsDir, 'restore', '--check', join(place, 'old.tar'))).code, 0);
  });

  test('a file that is something else, an archive of another gallery, or one with many more photos', async (t) => {
    const [first, second] = [await usedFolder(t, 3), await usedFolder(t, 1)];
    const file = join(await makeFolder(t), 'thesis.tar');
    await writeFile(file, 'years of work');
    await refusedWith(64, /is no whole archive of Sajin/, first.uploadsDir, 'backup', file);
    assert.equal(await readFile(file, 'utf8'), 'years of work');
    await rm(file);
    await run(first.uploadsDir, 'backup', file);
    const before = await readFile(file);
    await refusedWith(64, /another gallery/, second.uploadsDir, 'backup', file);
    const program = await startProgram({ uploadsDir: first.uploadsDir });
    await createClient(program.url).removeForGood(first.photos[0]?.id ?? '');
    await program.stop();
    await refusedWith(64, /holds 3 photos, many more.*--forget/, first.uploadsDir, 'backup', file);
    assert.deepEqual(await readFile(file), before);
    assert.equal((await run(first.uploadsDir, 'backup', file, '--forget')).code, 0);
    const rehearsed = await run(first.uploadsDir, 'restore', '--check', file);
    assert.match(rehearsed.out, /2 photos/);
  });
});
