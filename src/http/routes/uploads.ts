// The upload: one file or several, from a form or a program. Answers only what is durable.
import type { Request, RequestHandler, Response } from 'express';
import { GalleryError } from '../../gallery/errors.ts';
import { expectDigest } from '../../gallery/ingest.ts';
import type { Photo } from '../../gallery/photo.ts';
import { type Asking, askedBy } from '../asking.ts';
import { countRefused, countUpload } from '../count-upload.ts';
import { type Problem, problemOf, statusOf, toGalleryError } from '../errors.ts';
import { digestIn, flagIn } from '../fields.ts';
import { expectForWhom } from '../for-whom.ts';
import { photoJson } from '../json.ts';
import { nextShotPath, photoPath, sendShotPath, sharePath } from '../links.ts';
import { noteSentAgain } from '../noted.ts';
import type { HttpParts } from '../parts.ts';
import { type IncomingFile, receiveUpload, type Upload } from '../receive.ts';
import { idleMs } from '../server.ts';
import { viewerNow } from '../viewer-now.ts';

type Outcome = { readonly name: string; readonly status: number } & (
  | { readonly photo: Photo; readonly duplicate: boolean }
  | { readonly error: GalleryError }
);

export function upload(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const asking = askedBy(parts, request);
    const release = parts.uploadSlots.take(asking.viewer, request);
    try {
      const receiving = receiveUpload(request, response, {
        inbox: parts.inbox,
        maxFileBytes: parts.maxUploadBytes,
        expectRoom: (bytes) => parts.gallery.quota.expectRoom(asking.viewer, bytes),
      });
      const sent = await countRefused(parts.metrics, wayOf(asking), receiving);
      // The connection is idle while the answer is made; the server would hang up after a minute.
      const { socket } = request;
      socket.setTimeout(0);
      response.once('finish', () => socket.setTimeout(idleMs));
      await expectOwn(parts, asking, sent);
      if (sent.files.length === 0) throw new GalleryError('no-file', 'No photo was sent; choose one first.');
      const outcomes = await ingestAll(parts, request, sent);
      const [only] = outcomes;
      if (outcomes.length === 1 && only !== undefined) answerOne(response, asking, only);
      else answerSeveral(parts, request, response, outcomes);
    } finally {
      release();
    }
  };
}

const wayOf = ({ context }: Asking) => (context.path === sharePath ? 'share' : 'form');

/** A form of a page that was left open while somebody else signed in. Nothing of it is kept. */
async function expectOwn(
  { inbox }: HttpParts,
  { viewer }: Asking,
  { files, forWhom }: Upload,
): Promise<void> {
  try {
    expectForWhom(viewer, forWhom);
  } catch (error) {
    for (const { path } of files) await inbox.discard(path);
    throw error;
  }
}

// One after the other: the order of the answer is the order sent, and so is the order in the list.
async function ingestAll(
  parts: HttpParts,
  request: Request,
  { files, titles, digests, isPrivate }: Upload,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [index, file] of files.entries()) {
    const title = titles[titles.length > 1 ? index : 0] ?? '';
    outcomes.push(await ingestOne(parts, request, file, { title, sha256: digests[index], isPrivate }));
  }
  return outcomes;
}

async function ingestOne(
  parts: HttpParts,
  request: Request,
  file: IncomingFile,
  said: { readonly title: string } & Readonly<Record<'sha256' | 'isPrivate', string | undefined>>,
): Promise<Outcome> {
  const { name } = file;
  const asking = askedBy(parts, request);
  try {
    expectDigest(file, digestIn(said.sha256), 'wrong-digest');
    const isPrivate = flagIn(said.isPrivate, 'private');
    const viewer = await viewerNow(parts, asking.viewer);
    const keeping = parts.gallery.ingest(viewer, file, said.title, isPrivate);
    const kept = await countUpload(parts.metrics, { way: wayOf(asking), bytes: file.bytes }, keeping);
    await noteSentAgain(parts, request, kept);
    return { name, status: kept.duplicate ? 200 : 201, ...kept };
  } catch (thrown) {
    const error = toGalleryError(thrown);
    // A body is sent again as a whole, so nothing of it is kept for later.
    await parts.inbox.discard(file.path);
    return { name, status: statusOf[error.code], error };
  }
}

function answerOne(response: Response, asking: Asking, outcome: Outcome): void {
  if ('error' in outcome) throw outcome.error;
  const { photo, status, duplicate } = outcome;
  if (!asking.json) {
    const goesOn = asking.context.path === sendShotPath;
    response.redirect(303, goesOn ? nextShotPath(photo) : photoPath(photo.id));
    return;
  }
  response.status(status).location(photoPath(photo.id)).set('Cache-Control', 'no-store');
  response.json({ ...photoJson(photo, asking), ...(duplicate ? { duplicate } : {}) });
}

function answerSeveral(
  parts: HttpParts,
  request: Request,
  response: Response,
  outcomes: readonly Outcome[],
): void {
  const asking = askedBy(parts, request);
  const { json, context } = asking;
  response.set('Cache-Control', 'no-store');
  if (!json && outcomes.every((outcome) => 'photo' in outcome)) {
    response.redirect(303, '/');
    return;
  }
  const results = outcomes.map((outcome) =>
    'photo' in outcome ? outcome : { ...outcome, error: problemOf(parts, request, outcome.error) },
  );
  response.status(207);
  if (json) response.json({ results: results.map((result) => resultJson(result, asking)) });
  else response.send(parts.views.uploadResults(context, { results: results.map(resultRow) }));
}

type Result =
  | Extract<Outcome, { photo: Photo }>
  | { readonly name: string; readonly status: number; readonly error: Problem };

function resultJson(result: Result, asking: Asking) {
  const { name, status } = result;
  if ('error' in result) return { name, status, error: result.error };
  const duplicate = result.duplicate ? { duplicate: true } : {};
  return { name, status, photo: { ...photoJson(result.photo, asking), ...duplicate } };
}

function resultRow(result: Result) {
  const { name, status } = result;
  return 'error' in result
    ? { name, status, error: result.error.detail }
    : { name, status, photo: result.photo };
}
