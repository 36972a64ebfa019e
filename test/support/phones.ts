// Phones that do not give up: each sends its pictures until they are acknowledged, to whichever program runs then. By the form or in
// pieces. Knows nothing about why a program ended.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient, type PhotoJson, sha256Of } from './client.ts';
import type { Acknowledged } from './invariants.ts';
import { drawPng, fattenPng, randomFrom } from './pictures.ts';
import type { Program } from './start-program.ts';
import { createTusClient } from './tus-client.ts';

export interface PhoneOptions {
  readonly uploads: number;
  readonly phones: number;
  /** The program that runs, or will run in a moment. */
  readonly current: () => Promise<Program>;
  readonly pictureOf: (index: number) => Buffer<ArrayBuffer>;
  /** Called at once for each upload that was acknowledged. */
  readonly onKept: (kept: Acknowledged) => void;
}

/** Resolves when everything was acknowledged, every second picture by the form. */
export async function uploadAll({
  uploads,
  phones,
  current,
  pictureOf,
  onKept,
}: PhoneOptions): Promise<void> {
  let next = 0;
  const phone = async () => {
    while (next < uploads) {
      const index = next++;
      const bytes = pictureOf(index);
      const kept = await (index % 2 === 0 ? uploadUntilKept : resumeUntilKept)(bytes, current);
      assert.equal(kept.sha256, sha256Of(bytes));
      onKept(kept);
    }
  };
  await Promise.all(Array.from({ length: phones }, phone));
}

/** Another picture for every index: few pixels, so that developing it costs little, and a file of `from` to `to` bytes, small ones more often. */
export function pictureBetween(from: number, to: number, seed: number) {
  return (index: number): Buffer<ArrayBuffer> => {
    const share = (randomFrom(seed * 100_003 + index)() >>> 0) / 2 ** 32;
    return fattenPng(
      drawPng({ seed: index, width: 40 + (index % 90), height: 48 }),
      from * (to / from) ** share,
    );
  };
}

/** The same bytes again and again, as a phone would. */
async function uploadUntilKept(
  bytes: Buffer<ArrayBuffer>,
  current: () => Promise<Program>,
): Promise<Acknowledged> {
  for (;;) {
    const { url } = await current();
    const answer = await createClient(url)
      .upload(bytes)
      .catch(() => undefined);
    if (answer === undefined || answer.status === 503) {
      await pause(10);
      continue;
    }
    assert.ok([200, 201].includes(answer.status), `${answer.status} ${answer.text}`);
    return JSON.parse(answer.text) as PhotoJson;
  }
}

/** The same in pieces that resume: goes on where the program that died had got to. */
async function resumeUntilKept(
  bytes: Buffer<ArrayBuffer>,
  current: () => Promise<Program>,
): Promise<Acknowledged> {
  let path: string | undefined;
  for (;;) {
    const tus = createTusClient((await current()).url);
    const answer = await (async () => {
      if (path === undefined) {
        const made = await tus.make({ bytes: bytes.length, sha256: sha256Of(bytes) });
        if (made.status !== 201) return made;
        path = String(made.headers.location);
      }
      const head = await tus.head(path);
      if (head.status !== 200 || head.headers['sajin-photo'] !== undefined) return head;
      const offset = Number(head.headers['upload-offset']);
      return tus.patch(path, offset, bytes.subarray(offset));
    })().catch(() => undefined);
    const photo = answer?.headers['sajin-photo'];
    if (typeof photo === 'string') return { id: photo.split('/').at(-1) ?? '', sha256: sha256Of(bytes) };
    // Killed between the photo and the note of it: begun anew, it is a duplicate.
    if (answer?.status === 404) path = undefined;
    else if (answer !== undefined && answer.status !== 503) assert.fail(`${answer.status} ${answer.text}`);
    await pause(10);
  }
}
