// `sajin backup` and `sajin restore`: what was acknowledged before a backup began comes back whole, what was cut off never looks like a
// backup, and nothing that is in order is ever replaced.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import Database from 'better-sqlite3';
import { createClient } from '../support/client.ts';
import { filesBelow } from '../support/data.ts';
import { makeFolder } from '../support/folder.ts';
import { drawPng } from '../support/pictures.ts';
import { startCli } from '../support/run-cli.ts';
import { startProgram } from '../support/start-program.ts';
import { until } from '../support/until.ts';
import { expectVerified, gist, originalsIn, photosIn, run, useGalleries } from '../support/used-galleries.ts';

const { usedFolder } = useGalleries();

describe('a backup', () => {
  test('comes back whole into an empty folder, and is made again of what is new only', async (t) => {
    const { uploadsDir, photos } = await usedFolder(t);
    const folder = join(await makeFolder(t), 'backup');
    const first = await run(uploadsDir, 'backup', folder);
    assert.deepEqual([first.code, first.err], [0, ''], first.out);
    assert.match(first.out, /3 photos .* 3 originals copied/);
    const second = await run(uploadsDir, 'backup', folder, '--verify');
    assert.match(second.out, /0 originals copied/);
    assert.equal((await readdir(join(folder, 'snapshots'))).length, 1, 'the last of a day stays');

    const rehearsed = await run(uploadsDir, 'restore', '--check', folder);
    assert.deepEqual([rehearsed.code, rehearsed.err], [0, '']);
    assert.match(rehearsed.out, /3 photos .*\n.*It would work/);

    const empty = join(await makeFolder(t), 'new');
    const restored = await run(empty, 'restore', folder);
    assert.deepEqual([restored.code, restored.err], [0, ''], restored.out);
    assert.deepEqual((await photosIn(t, empty)).map(gist), photos.map(gist));
    assert.equal(filesBelow(join(empty, 'originals')).filter(({ name }) => name.endsWith('.json')).length, 3);
  });

  test('comes back in the place of a corrupt database, which is kept aside', async (t) => {
    const { uploadsDir, photos } = await usedFolder(t);
    const folder = await makeFolder(t);
    assert.equal((await run(uploadsDir, 'backup', folder)).code, 0);
    const path = join(uploadsDir, 'gallery.db');
    const torn = (await readFile(path)).fill(0x5a, 0, 4096 * 3);
    await writeFile(path, torn);
    const [lost] = originalsIn(uploadsDir);
    await rm(lost?.path ?? '');
    const { code, out, err } = await run(uploadsDir, 'restore', folder);
    assert.equal(code, 0, err);
    assert.doesNotMatch(out, /developed again/, 'renditions that are there are used');
    const aside = (await readdir(uploadsDir)).find((name) => name.includes('.aside-')) ?? '';
    assert.deepEqual(await readFile(join(uploadsDir, aside)), torn);
    assert.deepEqual((await photosIn(t, uploadsDir)).map(gist), photos.map(gist));
  });

  test('gives back no way in, and keeps hidden what was hidden since as the folder still tells', async (t) => {
    const { uploadsDir } = await usedFolder(t);
    const folder = await makeFolder(t);
    assert.equal((await run(uploadsDir, 'backup', folder)).code, 0);
    const [sidecar] = filesBelow(join(uploadsDir, 'originals')).filter(({ name }) => name.endsWith('.json'));
    const said = await readFile(sidecar?.path ?? '', 'utf8');
    await writeFile(sidecar?.path ?? '', said.replace('"changes"', '"isPrivate": true, "changes"'));
    await writeFile(join(uploadsDir, 'gallery.db'), 'torn');
    const { code, out, err } = await run(uploadsDir, 'restore', folder);
    assert.equal(code, 0, err);
    assert.match(out, /1 photo was hidden or deleted since/);
    assert.match(out, /sign in again/);
    assert.equal((await photosIn(t, uploadsDir)).length, 2);
  });

  test('taken while photos come in and go holds every one that was acknowledged before it, each with its original', async (t) => {
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
    const folder = await makeFolder(t);
    const { code, err } = await run(uploadsDir, 'backup', folder);
    isOver = true;
    await uploading;
    assert.equal(code, 0, err);
    const other = await makeFolder(t);
    const restored = await run(other, 'restore', folder);
    assert.equal(restored.code, 0, restored.err);
    await expectVerified(other);
    const ids = new Set((await photosIn(t, other)).map(({ id }) => id));
    for (const id of before) assert.ok(ids.has(id), `${id} is missing`);
  });

  test('that was killed does not look like one, and the next one is whole', async (t) => {
    const { uploadsDir } = await usedFolder(t, 6);
    const folder = await makeFolder(t);
    const running = startCli(['backup', folder], { UPLOADS_DIR: uploadsDir });
    await until('the first original to be copied', () => originalsIn(folder).length > 0, { everyMs: 1 });
    running.kill('SIGKILL');
    await running.ended;
    const refused = await run(await makeFolder(t), 'restore', folder);
    if (
      existsSync(join(folder, 'snapshots')) &&
      (await readdir(join(folder, 'snapshots'))).some((name) => !name.startsWith('.'))
    )
      return t.diagnostic('it was faster than the kill');
    assert.equal(refused.code, 78, refused.err);
    assert.match(refused.err, /no whole backup/);
    assert.equal((await run(uploadsDir, 'backup', folder)).code, 0);
    assert.equal((await run(uploadsDir, 'restore', '--check', folder)).code, 0);
  });

  test('says which originals are damaged, keeps the good copy it has, and goes on with the others', async (t) => {
    const { uploadsDir } = await usedFolder(t);
    const folder = await makeFolder(t);
    const [known, fresh] = originalsIn(uploadsDir);
    assert.ok(known && fresh);
    const good = await readFile(known.path);
    await writeFile(fresh.path, Buffer.from(await readFile(fresh.path)).fill(0, 60));
    const first = await run(uploadsDir, 'backup', folder);
    assert.equal(first.code, 1);
    assert.match(first.err, new RegExp(`damaged: ${fresh.name.slice(3, 67)}`));
    assert.equal(filesBelow(folder).filter(({ name }) => name.endsWith('.png.damaged')).length, 1);
    await writeFile(known.path, 'rotten');
    assert.equal((await run(uploadsDir, 'backup', folder)).code, 1);
    assert.deepEqual(await readFile(join(folder, 'originals', known.name)), good);
    const other = await makeFolder(t);
    const restored = await run(other, 'restore', folder);
    assert.equal(restored.code, 1, 'it says that one is damaged');
    assert.match(restored.out, /3 photos are back/);
    assert.equal(originalsIn(other).length, 3, 'and gives back what there is of it');
  });

  test('that rotted is noticed by a rehearsal, and mended by the next backup that reads everything', async (t) => {
    const { uploadsDir } = await usedFolder(t);
    const folder = await makeFolder(t);
    await run(uploadsDir, 'backup', folder);
    const [copy] = originalsIn(folder);
    assert.ok(copy);
    const bytes = await readFile(copy.path);
    await writeFile(copy.path, Buffer.from(bytes).fill(1, 50, 51));
    const rehearsed = await run(uploadsDir, 'restore', '--check', folder);
    assert.equal(rehearsed.code, 1);
    assert.match(rehearsed.err, new RegExp(copy.name.slice(3)));
    assert.equal((await run(uploadsDir, 'backup', folder, '--verify')).code, 0);
    assert.deepEqual(await readFile(copy.path), bytes);
    const [name = ''] = await readdir(join(folder, 'snapshots'));
    await writeFile(join(folder, 'snapshots', name, 'gallery.db'), 'rotten');
    const refused = await run(await makeFolder(t), 'restore', folder);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /snapshot .* is damaged/);
  });

  test('reads again what it holds of earlier days, and replaces what rotted by what is whole in the gallery', async (t) => {
    const { uploadsDir } = await usedFolder(t);
    const folder = await makeFolder(t);
    await run(uploadsDir, 'backup', folder);
    const snapshots = join(folder, 'snapshots');
    /** As if the latest had been made so many days before. */
    const age = async (days: number) => {
      const [name = ''] = (await readdir(snapshots)).sort().reverse();
      const manifest = join(snapshots, name, 'manifest.json');
      const text = await readFile(manifest, 'utf8');
      const made = String((JSON.parse(text) as { takenAt: string }).takenAt);
      const earlier = new Date(Date.parse(made) - days * 86_400_000).toISOString();
      await writeFile(manifest, text.replace(made, earlier));
      const older = join(snapshots, earlier.replaceAll(':', '-'));
      await rename(join(snapshots, name), older);
      return older;
    };
    const [copy] = originalsIn(folder);
    assert.ok(copy);
    const bytes = await readFile(copy.path);
    await writeFile(copy.path, Buffer.from(bytes).fill(1, 50, 51));
    await age(31);
    const after = await run(uploadsDir, 'backup', folder);
    assert.deepEqual([after.code, after.err], [0, '']);
    assert.match(after.out, /3 older originals read again in .*; 1 damaged and replaced\./);
    assert.deepEqual(await readFile(copy.path), bytes);

    await writeFile(copy.path, Buffer.from(bytes).fill(1, 50, 51));
    const same = await run(uploadsDir, 'backup', folder);
    assert.match(same.out, /0 older originals read again/, 'of one day that is enough');
    assert.match(
      (await run(uploadsDir, 'backup', folder, '--verify')).out,
      /3 older .*; 1 damaged and replaced/,
    );

    const older = await age(30);
    await writeFile(join(older, 'gallery.db'), 'rotten');
    const noticed = await run(uploadsDir, 'backup', folder);
    assert.equal(noticed.code, 1);
    assert.match(noticed.err, /The older snapshot .* is damaged/);
    assert.equal((await run(uploadsDir, 'restore', '--check', folder)).code, 0, 'that of today is whole');
  });

  test('forgets what was deleted once no snapshot needs it', async (t) => {
    const { uploadsDir, photos } = await usedFolder(t);
    const folder = await makeFolder(t);
    await run(uploadsDir, 'backup', folder);
    const program = await startProgram({ uploadsDir });
    await createClient(program.url).removeForGood(photos[0]?.id ?? '');
    await program.stop();
    const fewer = await run(uploadsDir, 'backup', folder);
    assert.equal(fewer.code, 0);
    assert.match(fewer.err, /older backup holds 3 photos.*--forget/);
    assert.equal(originalsIn(folder).length, 3, 'a gallery that has lost much may have lost it by accident');
    assert.equal((await readdir(join(folder, 'snapshots'))).length, 2);
    await run(uploadsDir, 'backup', folder, '--forget');
    // Of one day only the last stays, and that one does not need it.
    assert.equal(originalsIn(folder).length, 2);
    assert.equal((await readdir(join(folder, 'snapshots'))).length, 1);
    assert.equal((await run(uploadsDir, 'restore', '--check', folder)).code, 0);
  });
});

describe('refused with a sentence, and nothing is touched:', () => {
  const refusedWith = async (code: number, words: RegExp, uploadsDir: string, ...args: string[]) => {
    const refused = await run(uploadsDir, ...args);
    assert.equal(refused.code, code, refused.out + refused.err);
    assert.match(refused.err, words);
    assert.doesNotMatch(refused.err, /^ +at /m);
  };

  test('restoring over a database that is in order, or that a newer program wrote, or that is in use', async (t) => {
    const { uploadsDir } = await usedFolder(t, 1);
    const folder = await makeFolder(t);
    await run(uploadsDir, 'backup', folder);
    const path = join(uploadsDir, 'gallery.db');
    const before = await readFile(path);
    await refusedWith(78, /in order/, uploadsDir, 'restore', folder);
    assert.deepEqual(await readFile(path), before);
    const program = await startProgram({ uploadsDir });
    await refusedWith(75, /in use/, uploadsDir, 'restore', folder);
    await program.stop();
    const database = new Database(path);
    database.pragma('user_version = 9999');
    database.close();
    await refusedWith(78, /newer/, uploadsDir, 'restore', folder);
  });

  test('restoring into a folder of something else', async (t) => {
    const { uploadsDir } = await usedFolder(t, 1);
    const folder = await makeFolder(t);
    await run(uploadsDir, 'backup', folder);
    const other = await makeFolder(t);
    await writeFile(join(other, 'thesis.odt'), 'years of work');
    await refusedWith(78, /thesis\.odt/, other, 'restore', folder);
    assert.deepEqual(await readdir(other), ['thesis.odt']);
  });

  test('restoring over the originals of another gallery, until somebody says that they belong together', async (t) => {
    const [first, second] = [await usedFolder(t, 3), await usedFolder(t, 6)];
    const folder = join(await makeFolder(t), 'backup');
    assert.equal((await run(first.uploadsDir, 'backup', folder)).code, 0);
    await rm(join(second.uploadsDir, 'gallery.db'));
    const before = filesBelow(second.uploadsDir).map(({ name }) => name);
    await refusedWith(
      78,
      /originals of another gallery than this backup/,
      second.uploadsDir,
      'restore',
      folder,
    );
    assert.deepEqual(
      filesBelow(second.uploadsDir).map(({ name }) => name),
      before,
    );
    await rm(join(second.uploadsDir, 'originals/.gallery-id'));
    assert.equal((await run(second.uploadsDir, 'restore', folder)).code, 0);
  });

  test('backing up into the folder of another gallery, with everything there as it was', async (t) => {
    const [first, second] = [await usedFolder(t, 3), await usedFolder(t, 6)];
    const folder = await makeFolder(t);
    assert.equal((await run(first.uploadsDir, 'backup', folder)).code, 0);
    const contents = () => filesBelow(folder).map(({ name }) => name);
    const before = contents();
    await refusedWith(64, /another gallery/, second.uploadsDir, 'backup', folder, '--forget');
    assert.deepEqual(contents(), before);
    assert.equal(
      (await run(second.uploadsDir, 'restore', '--check', folder)).code,
      0,
      'for reading it is anybody’s',
    );
    assert.equal((await run(first.uploadsDir, 'backup', folder)).code, 0);

    // As it was begun before folders knew whose they are.
    await writeFile(join(folder, 'sajin-backup'), 'A folder of backups of Sajin.\n');
    await refusedWith(64, /another gallery/, second.uploadsDir, 'backup', folder);
    assert.equal((await run(first.uploadsDir, 'backup', folder)).code, 0, 'they have photos in common');
    await refusedWith(64, /another gallery/, second.uploadsDir, 'backup', folder);
    const restored = await makeFolder(t);
    assert.equal((await run(restored, 'restore', folder)).code, 0);
    assert.equal((await run(restored, 'backup', folder)).code, 0, 'what was restored is the same gallery');
  });

  test('a folder that holds no backups, a snapshot that is not there, no folder at all', async (t) => {
    const { uploadsDir } = await usedFolder(t, 1);
    const folder = await makeFolder(t);
    await refusedWith(64, /holds no backups/, uploadsDir, 'restore', folder);
    await run(uploadsDir, 'backup', folder);
    await refusedWith(
      64,
      /one of these snapshots/,
      await makeFolder(t),
      'restore',
      folder,
      '--snapshot',
      'x',
    );
    await refusedWith(64, /needs one folder/, uploadsDir, 'restore');
    await refusedWith(64, /needs one folder/, uploadsDir, 'backup');
  });

  test('backing up into the gallery itself, into a folder of something else, or from where no gallery is', async (t) => {
    const { uploadsDir } = await usedFolder(t, 1);
    await refusedWith(64, /outside/, uploadsDir, 'backup', join(uploadsDir, 'backups'));
    await mkdir(join(uploadsDir, 'renditions', 'zz', 'copy'), { recursive: true });
    const byLink = join(await makeFolder(t), 'link');
    await symlink(join(uploadsDir, 'renditions', 'zz'), byLink);
    for (const folder of [byLink, join(byLink, 'copy'), join(byLink, 'new')])
      await refusedWith(64, /outside/, uploadsDir, 'backup', folder);
    const other = await makeFolder(t);
    await mkdir(join(other, 'music'));
    await refusedWith(64, /not empty/, uploadsDir, 'backup', other);
    assert.deepEqual(await readdir(other), ['music']);
    await refusedWith(78, /no gallery/, await makeFolder(t), 'backup', await makeFolder(t));
    await refusedWith(1, /did not work: ENOTDIR/, uploadsDir, 'backup', '/dev/null/x');
  });

  test('a database that is damaged is not taken for a backup', async (t) => {
    const { uploadsDir } = await usedFolder(t, 1);
    const folder = await makeFolder(t);
    await run(uploadsDir, 'backup', folder);
    const kept = await makeFolder(t);
    await cp(folder, kept, { recursive: true });
    const path = join(uploadsDir, 'gallery.db');
    await writeFile(path, (await readFile(path)).fill(0x5a, 4096, 4096 * 6));
    await refusedWith(78, /can't be used/, uploadsDir, 'backup', folder);
    assert.deepEqual(
      filesBelow(folder).map(({ name }) => name),
      filesBelow(kept).map(({ name }) => name),
    );
  });
});
