// What the tests of the upload queue share: pictures to choose, and whether every one of them arrived, once and byte for byte.
import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { createClient, sha256Of } from './client.ts';
import { drawPng, type PictureOptions } from './pictures.ts';
import type { Program } from './start-program.ts';
import { until } from './until.ts';

export interface Chosen {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** Different pictures, a few kilobytes each unless they are asked to be larger. */
export const pictures = (count: number, seed: number, size: Omit<PictureOptions, 'seed'> = {}): Chosen[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `IMG_${seed}_${String(index).padStart(4, '0')}.png`,
    mimeType: 'image/png',
    buffer: drawPng({ ...size, seed: seed * 10_000 + index }),
  }));

/** About 470 kB each. */
export const large = { width: 480, height: 320, compression: 0 } as const;

export const choose = (page: Page, files: readonly Chosen[]) => page.setInputFiles('#choose', [...files]);

export const rows = (state: string) =>
  `document.querySelectorAll('.row:is(${state
    .split(' ')
    .map((one) => `[data-state=${one}]`)
    .join(', ')})').length`;

/** Acknowledged: a photo, whatever becomes of it there. */
export const arrived = 'developing done undeveloped duplicate';

export const allArrive = (page: Page, count: number, deadlineMs = 60_000) =>
  until(
    `${count} to arrive`,
    () => page.evaluate<boolean>(`${rows(arrived)} === ${count}`).catch(() => false),
    { deadlineMs },
  );

/** Every one of them is there once and as it was, and nothing lies around. */
export async function assertStored(program: Program, files: readonly Chosen[]): Promise<void> {
  const client = createClient(program.url);
  const photos = await client.everything();
  for (const { name, buffer } of files) {
    const same = photos.filter(({ sha256 }) => sha256 === sha256Of(buffer));
    assert.equal(same.length, 1, `${name} is there ${same.length} times`);
    const original = await client.bytes(same[0]?.links.original ?? '');
    assert.equal(sha256Of(original), sha256Of(buffer), name);
  }
  assert.equal(photos.length, files.length, 'nothing else is there');
  // The darkroom has folders of its own there while it works.
  await until('nothing to lie around', async () => (await leftovers(program.uploadsDir)).length === 0, {
    deadlineMs: 20_000,
  });
}

/** Every photo that was acknowledged is there once, as what its digest says, and nothing lies around. */
export async function assertAllWhole(program: Program, least: number): Promise<void> {
  const client = createClient(program.url);
  const photos = await client.everything();
  assert.ok(photos.length >= least, `${photos.length} photos are there, of at least ${least}`);
  assert.equal(new Set(photos.map(({ sha256 }) => sha256)).size, photos.length, 'each is there once');
  for (const { id, sha256, links } of photos)
    assert.equal(sha256Of(await client.bytes(links.original)), sha256, id);
  await until('nothing to lie around', async () => (await leftovers(program.uploadsDir)).length === 0, {
    deadlineMs: 20_000,
  });
}

/**
 * What belongs to no photo. What the server remembers of uploads is meant to lie there, and so is the empty file of one whose
 * beginning was cut before the answer came; a day later that is gone.
 */
export async function leftovers(uploadsDir: string): Promise<string[]> {
  const paths: string[] = [];
  for (const folder of ['incoming', 'resumable'])
    for (const name of await readdir(join(uploadsDir, folder))) {
      const found = await stat(join(uploadsDir, folder, name)).catch(() => undefined);
      const isMeant = folder === 'resumable' && (found?.size === 0 || name.endsWith('.json'));
      if (found !== undefined && !isMeant) paths.push(`${folder}/${name}`);
    }
  return paths;
}

/** A narrow line, as in the country. */
export async function narrow(page: Page, bytesPerSecond: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 60,
    downloadThroughput: bytesPerSecond,
    uploadThroughput: bytesPerSecond,
  });
}
