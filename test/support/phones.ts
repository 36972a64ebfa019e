// Phones that do not give up: each sends its pictures until they are acknowledged, to whichever program runs then. By the form or in
// pieces. Knows nothing about why a program ended.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient, type PhotoJson, sha256Of } from './client.ts';
import type { Acknowledged } from './invariants.ts';
import { drawPng, fattenPng, randomFrom } from './pictures.ts';
import type { Program } from './start-program.ts';
import { createTusClient, type TusReply } from './tus-client.ts';

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
  const begun: Begun = {};
  for (;;) {
    const { url } = await current();
    const answer = await sendPieces(url, bytes, begun).catch(() => 503);
    if (typeof answer !== 'number') return answer;
    assert.equal(answer, 503);
    await pause(10);
  }
}

/** An upload in pieces as a phone remembers it. */
export interface Begun {
  path?: string;
}

/** One try: makes the upload or goes on with it, from its beginning when it is not known any more. The status if it was refused. */
export async function sendPieces(
  url: string,
  bytes: Buffer<ArrayBuffer>,
  begun: Begun,
): Promise<Acknowledged | number> {
  const tus = createTusClient(url);
  const sha256 = sha256Of(bytes);
  const kept = ({ headers, status }: TusReply) => {
    const photo = headers['sajin-photo'];
    return typeof photo === 'string' ? { id: photo.split('/').at(-1) ?? '', sha256 } : status;
  };
  if (begun.path !== undefined) {
    const head = await tus.head(begun.path);
    if (head.status === 200 && head.headers['sajin-photo'] === undefined) {
      const offset = Number(head.headers['upload-offset']);
      return kept(await tus.patch(begun.path, offset, bytes.subarray(offset)));
    }
    // Killed between the photo and the note of it: begun anew, it is a duplicate.
    if (head.status !== 404) return kept(head);
  }
  const made = await tus.make({ bytes: bytes.length, sha256 });
  if (made.status !== 201) return made.status;
  begun.path = String(made.headers.location);
  return kept(await tus.patch(begun.path, 0, bytes));
}
