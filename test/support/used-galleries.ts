// Galleries that were used, for tests of backups, and what is asked of them.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createClient, type PhotoJson, sha256Of } from './client.ts';
import { filesBelow } from './data.ts';
import { type Cleaner, copiesOf } from './folder.ts';
import { drawPng } from './pictures.ts';
import { runCli } from './run-cli.ts';
import { startProgram } from './start-program.ts';

export const run = (uploadsDir: string, ...args: string[]) => runCli(args, { UPLOADS_DIR: uploadsDir });
export const originalsIn = (folder: string) =>
  filesBelow(join(folder, 'originals')).filter(({ name }) => name.endsWith('.png'));
export const gist = ({ id, title, sha256, uploadedAt }: PhotoJson) => ({ id, title, sha256, uploadedAt });

/** Call at the top of a file. */
export function useGalleries() {
  const galleries = new Map([1, 3, 6].map((count) => [count, copiesOf(fill(count))]));
  return {
    /** A gallery with photos, at rest. */
    async usedFolder(t: Cleaner, count: 1 | 3 | 6 = 3) {
      const { folder, told } = (await galleries.get(count)?.(t)) ?? assert.fail();
      return { uploadsDir: folder, photos: told };
    },
  };
}

const fill = (count: number) => async (uploadsDir: string) => {
  const program = await startProgram({ uploadsDir });
  const client = createClient(program.url);
  for (let seed = 0; seed < count; seed += 1) {
    const { id } = await client.keep(drawPng({ seed }), { title: `사진 ${seed}` });
    await client.developed(id);
  }
  const photos = await client.everything();
  await program.stop();
  return photos;
};

/** Opens it, and reads every original. */
export async function photosIn(t: Cleaner, uploadsDir: string): Promise<PhotoJson[]> {
  const program = await startProgram({ uploadsDir });
  t.after(() => program.stop());
  const client = createClient(program.url);
  const photos = await client.everything();
  for (const { id, links, sha256 } of photos) {
    assert.equal((await client.developed(id)).state, 'done');
    assert.equal(sha256Of(await client.bytes(links.original)), sha256);
  }
  await program.stop();
  return photos;
}

/** Reads every original as a person does who wants to be sure. */
export async function expectVerified(uploadsDir: string): Promise<void> {
  const { code, out, err } = await run(uploadsDir, 'verify', '--all');
  assert.equal(code, 0, out + err);
  assert.match(out, /as they came/);
}
