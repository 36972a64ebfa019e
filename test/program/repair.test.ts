// `sajin repair`: whatever became of an original, a backup puts it back byte by byte, beside a server and without one; nothing that is
// whole is touched, nothing is believed but digests, and what is cut off is begun again.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { createClient, type PhotoJson, sha256Of } from '../support/client.ts';
import { filesBelow } from '../support/data.ts';
import { type Cleaner, copiesOf, makeFolder } from '../support/folder.ts';
import { drawPng, fattenPng } from '../support/pictures.ts';
import { runCli, startCli } from '../support/run-cli.ts';
import { startProgram } from '../support/start-program.ts';
import { until } from '../support/until.ts';

interface Used {
  readonly photos: readonly PhotoJson[];
  /** Inside the folder that is copied. */
  readonly trashed: string;
}

/** A gallery at rest in `uploads`, and its backup in `backup`. The first photo lies in the trash. */
const fill = (count: number, bytes: number) => async (folder: string) => {
  const uploadsDir = join(folder, 'uploads');
  const program = await startProgram({ uploadsDir });
  const client = createClient(program.url);
  for (let seed = 0; seed < count; seed += 1) {
    const { id } = await client.keep(fattenPng(drawPng({ seed }), bytes), { title: `사진 ${seed}` });
    await client.developed(id);
  }
  const photos = (await client.everything()).toReversed();
  const trashed = photos[0]?.id ?? '';
  assert.equal((await client.ask(`/photos/${trashed}`, { method: 'DELETE' })).status, 204);
  await program.stop();
  const made = await runCli(['backup', join(folder, 'backup')], { UPLOADS_DIR: uploadsDir });
  assert.equal(made.code, 0, made.err);
  return { photos, trashed } satisfies Used;
};
const galleries = {
  few: copiesOf(fill(3, 0)),
  some: copiesOf(fill(8, 0)),
  large: copiesOf(fill(6, 900_000)),
};

async function used(t: Cleaner, which: keyof typeof galleries) {
  const { folder, told } = await galleries[which](t);
  const uploadsDir = join(folder, 'uploads');
  const backup = join(folder, 'backup');
  const pathOf = ({ sha256 }: PhotoJson, root = uploadsDir) =>
    join(root, 'originals', sha256.slice(0, 2), `${sha256}.png`);
  const env = { UPLOADS_DIR: uploadsDir };
  return {
    ...{ folder, uploadsDir, backup, pathOf, ...told },
    run: (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
      runCli(args, { ...env, ...more }),
    /** Compares bytes with names, which the photos know: whatever the program says. */
    expectWhole: () => {
      for (const photo of told.photos) {
        const path = pathOf(photo);
        assert.ok(lstatSync(path).isFile(), path);
        assert.equal(sha256Of(readFileSync(path)), photo.sha256, photo.title);
      }
    },
  };
}

const flip = async (path: string) => {
  const bytes = await readFile(path);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(path, bytes);
};

/** Everything that may become of a file, and what is outside of the gallery afterwards. */
async function damageAll({ photos, pathOf, folder }: Awaited<ReturnType<typeof used>>) {
  const secret = join(folder, 'secret');
  await writeFile(secret, 'of somebody else');
  const [deleted, flipped, cut, folded, linked, dangling, piped, gone] = photos.map((photo) => pathOf(photo));
  assert.ok(deleted && flipped && cut && folded && linked && dangling && piped && gone);
  await rm(deleted);
  await flip(flipped);
  await truncate(cut, 100);
  await rm(folded);
  await mkdir(folded);
  await writeFile(join(folded, 'thesis.odt'), 'years of work');
  await rm(linked);
  await symlink(secret, linked);
  await rm(dangling);
  await symlink(join(folder, 'nowhere'), dangling);
  await rm(piped);
  execFileSync('mkfifo', [piped]);
  await rm(dirname(gone), { recursive: true });
  return {
    expectUntouched: () => {
      assert.equal(readFileSync(secret, 'utf8'), 'of somebody else');
      assert.equal(existsSync(join(folder, 'nowhere')), false);
      const aside = readdirSync(dirname(folded)).find((name) => name.includes('.aside-')) ?? '';
      assert.equal(readFileSync(join(dirname(folded), aside, 'thesis.odt'), 'utf8'), 'years of work');
    },
  };
}

/** All but what says whose they are. */
async function emptyOriginals(uploadsDir: string): Promise<void> {
  const folder = join(uploadsDir, 'originals');
  for (const name of readdirSync(folder))
    if (name !== '.gallery-id') await rm(join(folder, name), { recursive: true });
}

const expectWell = async (gallery: Awaited<ReturnType<typeof used>>) => {
  const verified = await gallery.run(['verify', '--all']);
  assert.equal(verified.code, 0, verified.out + verified.err);
  assert.match(verified.out, /as they came/);
};

describe('sajin repair', () => {
  test('puts back what was deleted, changed, cut short, or replaced by a folder, a link or a pipe', async (t) => {
    const gallery = await used(t, 'some');
    const { expectUntouched } = await damageAll(gallery);
    const { code, out, err } = await gallery.run(['repair', gallery.backup]);
    assert.equal(code, 0, out + err);
    assert.match(out, /8 of 8 originals were damaged or missing; 8 put back\./);
    gallery.expectWhole();
    expectUntouched();
    await expectWell(gallery);
    assert.equal(
      filesBelow(join(gallery.uploadsDir, 'originals')).filter(({ name }) => name.endsWith('.png.json'))
        .length,
      8,
      'and the sidecars that were gone with their folder',
    );
    const again = await gallery.run(['repair', gallery.backup]);
    assert.equal(again.code, 0, again.err);
    assert.match(again.out, /8 originals: as they came\. There is nothing to put back\./);
  });

  test('takes a folder that is not the gallery’s own for no damage', async (t) => {
    const gallery = await used(t, 'some');
    const originals = join(gallery.uploadsDir, 'originals');
    await rename(originals, join(gallery.folder, 'elsewhere'));
    for (const args of [['--check', gallery.backup], [gallery.backup]]) {
      const { code, out, err } = await gallery.run(['repair', ...args]);
      assert.notEqual(code, 0);
      assert.doesNotMatch(out, /put back|no whole copy/);
      assert.match(err, /originals/);
    }
    await rm(originals, { recursive: true, force: true });
    await rename(join(gallery.folder, 'elsewhere'), originals);
    await expectWell(gallery);
  });

  test('takes what it needs out of a backup in one file', async (t) => {
    const gallery = await used(t, 'some');
    const archive = join(gallery.folder, 'backup.tar');
    assert.equal((await gallery.run(['backup', archive])).code, 0);
    const { expectUntouched } = await damageAll(gallery);
    const { code, out, err } = await gallery.run(['repair', archive]);
    assert.equal(code, 0, out + err);
    assert.match(out, /8 of 8 originals were damaged or missing; 8 put back\./);
    gallery.expectWhole();
    expectUntouched();
    await expectWell(gallery);
  });

  test('does the same beside a server where everybody has to sign in, which shows it at once', async (t) => {
    const gallery = await used(t, 'some');
    const program = await startProgram({ uploadsDir: gallery.uploadsDir });
    t.after(() => program.stop());
    const PORT = new URL(program.url).port;
    const { expectUntouched } = await damageAll(gallery);
    assert.equal((await gallery.run(['verify', '--all'], { PORT })).code, 1);
    const client = createClient(program.url);
    const damaged = async () => JSON.parse((await client.ask('/verification')).text).damaged;
    assert.equal(await damaged(), 8, 'the one in the trash, too');
    const { code, out, err } = await gallery.run(['repair', gallery.backup], { PORT });
    assert.equal(code, 0, out + err);
    assert.match(err, /Asking the gallery/);
    gallery.expectWhole();
    expectUntouched();
    assert.equal(await damaged(), 0);
    await program.stop();
    const closed = await startProgram({ uploadsDir: gallery.uploadsDir, env: { ACCESS: 'members' } });
    t.after(() => closed.stop());
    await rm(gallery.pathOf(gallery.photos[1] as PhotoJson));
    const there = await gallery.run(['repair', gallery.backup], { PORT: new URL(closed.url).port });
    assert.equal(there.code, 0, there.out + there.err);
    gallery.expectWhole();
    await closed.stop();
    await expectWell(gallery);
  });

  test('only says what it would do when asked to check, and changes nothing', async (t) => {
    const gallery = await used(t, 'some');
    await damageAll(gallery);
    const contents = () =>
      filesBelow(gallery.folder)
        .filter(({ name }) => !/-(wal|shm)$/.test(name))
        .map(({ name, path }) => `${name} ${sha256Of(readFileSync(path))}`);
    const before = contents();
    const { code, out, err } = await gallery.run(['repair', '--check', gallery.backup]);
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /8 of 8 originals are damaged or missing; 8 would be put back\./);
    assert.deepEqual(contents(), before);
  });

  test('never replaces what is whole, and makes again what is gone beside it', async (t) => {
    const gallery = await used(t, 'few');
    const [one, other] = gallery.photos as [PhotoJson, PhotoJson, PhotoJson];
    const whole = lstatSync(gallery.pathOf(one)).ino;
    for (const photo of gallery.photos) await flip(gallery.pathOf(photo, gallery.backup));
    await rm(`${gallery.pathOf(other)}.json`);
    const { code, out } = await gallery.run(['repair', gallery.backup]);
    assert.equal(code, 0);
    assert.match(out, /There is nothing to put back/);
    assert.equal(lstatSync(gallery.pathOf(one)).ino, whole, 'it is the very same file');
    assert.ok(existsSync(`${gallery.pathOf(other)}.json`));
    gallery.expectWhole();
  });

  test('has pictures made again that went with the originals', async (t) => {
    const gallery = await used(t, 'few');
    const renditions = () => filesBelow(join(gallery.uploadsDir, 'renditions')).length;
    const before = renditions();
    await emptyOriginals(gallery.uploadsDir);
    await rm(join(gallery.uploadsDir, 'renditions'), { recursive: true });
    assert.equal((await gallery.run(['repair', gallery.backup])).code, 0);
    gallery.expectWhole();
    const program = await startProgram({ uploadsDir: gallery.uploadsDir });
    t.after(() => program.stop());
    await until('all pictures to be made again', () => renditions() === before);
  });

  test('takes nothing from a backup that rotted, and names what is still lost', async (t) => {
    const gallery = await used(t, 'few');
    const [lost, cut, good] = gallery.photos as [PhotoJson, PhotoJson, PhotoJson];
    for (const photo of gallery.photos) await flip(gallery.pathOf(photo));
    const rotten = readFileSync(gallery.pathOf(cut));
    await flip(gallery.pathOf(lost, gallery.backup));
    await truncate(gallery.pathOf(cut, gallery.backup), 50);
    const checked = await gallery.run(['repair', '--check', gallery.backup]);
    const { code, out } = await gallery.run(['repair', gallery.backup]);
    assert.deepEqual([checked.code, code], [1, 1]);
    assert.match(checked.out, /3 originals are damaged or missing; 1 would be put back/);
    assert.match(out, /3 originals were damaged or missing; 1 put back/);
    for (const text of [checked.out, out]) {
      assert.match(text, new RegExp(`changed here, changed in the backup: ${lost.id} ${lost.title}`));
      assert.match(text, new RegExp(`changed here, short in the backup: ${cut.id} ${cut.title}`));
      assert.doesNotMatch(text, new RegExp(good.id));
    }
    assert.equal(sha256Of(readFileSync(gallery.pathOf(good))), good.sha256);
    assert.deepEqual(readFileSync(gallery.pathOf(cut)), rotten, 'what is left of it stays');
    const { out: told } = await gallery.run(['verify', '--json']);
    assert.deepEqual(
      JSON.parse(told).photos.map(({ id }: PhotoJson) => id),
      [cut.id, lost.id],
    );
  });

  test('reads no further than it has to where the backup leads out, or is something else', async (t) => {
    const gallery = await used(t, 'few');
    const [linked, piped, folded] = gallery.photos.map((photo) => gallery.pathOf(photo, gallery.backup));
    assert.ok(linked && piped && folded);
    for (const photo of gallery.photos) await rm(gallery.pathOf(photo));
    for (const path of [linked, piped, folded]) await rm(path);
    await symlink('/dev/zero', linked);
    execFileSync('mkfifo', [piped]);
    await mkdir(folded);
    const { code, out, err } = await gallery.run(['repair', gallery.backup]);
    assert.equal(code, 1, err);
    assert.match(out, /3 originals were damaged or missing; 0 put back/);
    assert.equal([...out.matchAll(/missing here, missing in the backup/g)].length, 3);
  });

  test('takes the right bytes also by a link, and from the backup of another gallery', async (t) => {
    const gallery = await used(t, 'few');
    const other = await used(t, 'some');
    for (const photo of gallery.photos) await rm(gallery.pathOf(photo));
    const [moved] = gallery.photos as [PhotoJson];
    const elsewhere = join(other.folder, 'elsewhere.png');
    await rename(other.pathOf(moved, other.backup), elsewhere);
    await symlink(elsewhere, other.pathOf(moved, other.backup));
    const { code, out, err } = await gallery.run(['repair', other.backup]);
    assert.equal(code, 0, out + err);
    gallery.expectWhole();
    assert.ok(existsSync(elsewhere));
  });

  test('goes on without any snapshot that can be read: originals are enough', async (t) => {
    const gallery = await used(t, 'few');
    await rm(join(gallery.backup, 'snapshots'), { recursive: true });
    await rm(gallery.pathOf(gallery.photos[1] as PhotoJson));
    const { code, out, err } = await gallery.run(['repair', gallery.backup]);
    assert.equal(code, 0, out + err);
    gallery.expectWhole();
  });

  test('that is killed in the middle leaves no half file, and the next one ends the work', async (t) => {
    const gallery = await used(t, 'large');
    const originals = () =>
      filesBelow(join(gallery.uploadsDir, 'originals')).filter(({ name }) => name !== '.gallery-id');
    for (let kill = 1; kill <= 3; kill += 1) {
      await emptyOriginals(gallery.uploadsDir);
      const running = startCli(['repair', gallery.backup], { UPLOADS_DIR: gallery.uploadsDir });
      await until('some to be put back', () => originals().length >= kill, { everyMs: 1 });
      running.kill('SIGKILL');
      const { signal } = await running.ended;
      if (signal === null) t.diagnostic('it was faster than the kill');
      for (const { path, name } of originals().filter((file) => file.name.endsWith('.png')))
        assert.equal(sha256Of(readFileSync(path)), name.slice(3, 67), 'what has its name is whole');
    }
    const { code, out, err } = await gallery.run(['repair', gallery.backup]);
    assert.equal(code, 0, out + err);
    gallery.expectWhole();
    await expectWell(gallery);
    assert.deepEqual(readdirSync(join(gallery.uploadsDir, 'incoming')), [], 'nothing half is left');
  });

  test('forgets a fault that was mended by hand, or by a repair that was killed before it said so', async (t) => {
    const gallery = await used(t, 'few');
    const path = gallery.pathOf(gallery.photos[1] as PhotoJson);
    await cp(path, `${path}.kept`);
    await rm(path);
    assert.equal((await gallery.run(['verify', '--all'])).code, 1);
    await rename(`${path}.kept`, path);
    assert.equal((await gallery.run(['repair', gallery.backup])).code, 0);
    const { code, out } = await gallery.run(['verify']);
    assert.equal(code, 0, out);
  });

  test('says when the disk is full how far it came, and loses nothing', async (t) => {
    const gallery = await used(t, 'large');
    for (const photo of gallery.photos) await rm(gallery.pathOf(photo));
    const full = await startCli(['repair', gallery.backup], { UPLOADS_DIR: gallery.uploadsDir }, [
      'prlimit',
      '--fsize=500000',
    ]).ended;
    assert.equal(full.code, 1);
    assert.match(full.err, /disk of the gallery is full/);
    const { code } = await gallery.run(['repair', gallery.backup]);
    assert.equal(code, 0);
    gallery.expectWhole();
  });

  test('is refused with a sentence where there is no gallery, no backup, or no folder', async (t) => {
    const gallery = await used(t, 'few');
    const refusals: readonly (readonly [number, RegExp, readonly string[], Record<string, string>?])[] = [
      [64, /needs one folder/, ['repair']],
      [64, /holds no backups/, ['repair', gallery.uploadsDir]],
      [64, /holds no backups/, ['repair', join(gallery.folder, 'nothing')]],
      [78, /no gallery/, ['repair', gallery.backup], { UPLOADS_DIR: await makeFolder(t) }],
    ];
    for (const [code, words, args, env] of refusals) {
      const refused = await gallery.run(args, env);
      assert.equal(refused.code, code, refused.err);
      assert.match(refused.err, words);
      assert.doesNotMatch(refused.err, /^ +at /m);
    }
    const program = await startProgram({ uploadsDir: gallery.uploadsDir });
    t.after(() => program.stop());
    const { code, err } = await gallery.run(['repair', gallery.backup], { PORT: '1' });
    assert.equal(code, 1);
    assert.match(err, /in use by another Sajin.*set PORT.*or stop it first/);
  });
});
