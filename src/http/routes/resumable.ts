// Uploads that go on where they were cut off (tus 1.0). What is whole goes the way of every upload, through the same checks; the
// protocol's answers carry the photo in a header of their own.
import type { Request, RequestHandler, Response } from 'express';
import { fileTooLarge, GalleryError, mayPass } from '../../gallery/errors.ts';
import { checkedTitle, expectDigest, expectSomebody } from '../../gallery/ingest.ts';
import { createKeyedLock, type KeyedLock } from '../../gallery/keyed-lock.ts';
import type { Became, Room } from '../../gallery/ports.ts';
import { userOf, type Viewer } from '../../gallery/viewer.ts';
import { askedBy } from '../asking.ts';
import { watchPace, welcomeBody } from '../body-guard.ts';
import { countUpload } from '../count-upload.ts';
import { digestIn, flagIn } from '../fields.ts';
import { photoPath, uploadsPath } from '../links.ts';
import { noteSentAgain } from '../noted.ts';
import type { HttpParts } from '../parts.ts';
import { idleMs } from '../server.ts';
import { bringsBytes, metadataIn, nameFor, openTus, type TusAnswer } from '../tus.ts';
import { openUploadRoom, type UploadRoom } from '../upload-room.ts';
import { viewerNow } from '../viewer-now.ts';

/** POST makes an upload, HEAD says how far it is, PATCH goes on, DELETE gives it up; OPTIONS says what is understood. */
export function resumable(parts: HttpParts): RequestHandler {
  const { unfinished, maxUploadBytes, uploadSlots } = parts;
  const tus = openTus({ store: unfinished, path: uploadsPath, maxBytes: maxUploadBytes });
  const oneAtATime = createKeyedLock();
  const room = openUploadRoom({ quota: parts.gallery.quota, unfinished });
  const finish = openFinish(parts, oneAtATime, room);
  // Whoever asks or gives up while a photo is being made of it waits for the end of that: in between the file is nowhere to be seen.
  const afterFinish = (request: Request, by: string) =>
    oneAtATime(String(request.params.id), () => tus(request, by));
  return async (request, response) => {
    const { viewer } = askedBy(parts, request);
    const by = userOf(viewer) ?? '';
    const brings = bringsBytes(request);
    let release = () => {};
    // Nobody has the address of a new one before its answer.
    const created = openCreated(parts, response);
    try {
      const name = request.method === 'POST' ? created.named(nameFor(by)) : undefined;
      if (name !== undefined) await checkNew(parts, room, viewer, { request, name });
      if (brings) release = uploadSlots.take(viewer, request);
      const making = name === undefined ? {} : { name };
      const { status, headers, id } = brings
        ? await receive(
            parts,
            (came) => created.watch(tus(request, by, { ...making, came })),
            request,
            response,
          )
        : await (request.method === 'HEAD' || request.method === 'DELETE'
            ? afterFinish(request, by)
            : tus(request, by, making));
      response.status(status).set({ ...headers, 'Cache-Control': 'no-store' });
      // What was only made is not whole, and what is given up will not be.
      const isOver = request.method === 'DELETE' || (request.method === 'POST' && !brings);
      const became = id === undefined || isOver ? undefined : await finish(request, id);
      if (became !== undefined) {
        response.set('Sajin-Photo', photoPath(became.photo));
        if (became.duplicate) response.set('Sajin-Duplicate', '1');
      }
      response.end();
    } catch (error) {
      await created.forget();
      throw error;
    } finally {
      release();
    }
  };
}

/** An upload that is made, or made and filled, by one request: when that fails, nobody will ever ask for what there is of it. */
function openCreated({ unfinished, log }: HttpParts, response: Response) {
  let id: string | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  return {
    named(name: string): string {
      id = name;
      return name;
    },
    watch<T>(making: Promise<T>): Promise<T> {
      ended = making.catch(() => undefined);
      return making;
    },
    async forget() {
      if (id === undefined) return;
      const made = id;
      response.removeHeader('Location');
      const remove = () =>
        unfinished
          .forget(made)
          .catch((error: unknown) => log.warn({ code: codeOf(error) }, 'an upload was not removed'));
      await remove();
      // One that was turned away may still be written to, until its sender hangs up.
      void ended.then(remove);
    },
  };
}

// Its path and its stack would name the upload, and whoever knows its address may go on with it.
const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? error.code : undefined);

/** What can be refused before a byte has come. */
async function checkNew(
  { maxUploadBytes, inbox }: HttpParts,
  room: UploadRoom,
  viewer: Viewer,
  { request, name }: { readonly request: Request; readonly name: string },
): Promise<void> {
  const length = request.get('upload-length');
  if (length !== undefined && !/^\d+$/.test(length)) {
    throw new GalleryError('bad-request', 'Upload-Length is a whole number of bytes.', {
      field: 'Upload-Length',
    });
  }
  if (length === '0') throw new GalleryError('empty-file', 'The file is empty; choose it again.');
  if (Number(length) > maxUploadBytes) throw fileTooLarge(maxUploadBytes);
  const { title, sha256, private: isPrivate } = metadataIn(request);
  checkedTitle(title ?? '');
  expectSomebody(viewer, flagIn(isPrivate ?? undefined, 'private'));
  const digest = digestIn(sha256 ?? undefined);
  await room.announce(viewer, { id: name, bytes: Number(length ?? 0), sha256: digest });
  await inbox.ensureSpace(Number(length ?? 0));
}

/** Watches over the body while the library writes it down. */
async function receive(
  { inbox }: HttpParts,
  tus: (came: Room['came']) => Promise<TusAnswer>,
  request: Request,
  response: Response,
) {
  const room = await inbox.reserve(Number(request.get('content-length') ?? 0));
  welcomeBody(request, response);
  const { socket } = request;
  let stopWatching = () => {};
  const tooSlow = new Promise<never>((_resolve, reject) => {
    stopWatching = watchPace(request, () =>
      reject(new GalleryError('too-slow', 'The upload came too slowly and was stopped; go on with it.')),
    );
  });
  const receiving = tus(room.came);
  // Turned away, the sender hangs up, and the library ends with what it has.
  receiving.catch(() => {}).finally(room.release);
  try {
    return await Promise.race([receiving, tooSlow]);
  } finally {
    stopWatching();
    // The connection is idle while the answer is made; the server would hang up after a minute.
    socket.setTimeout(0);
    response.once('finish', () => socket.setTimeout(idleMs));
  }
}

/**
 * Makes a photo of an upload that is whole, once, whoever asks first: the request with the last byte, or one that comes back because
 * it did not hear the answer. Undefined while bytes are missing. What may pass (a full disk, a busy database) keeps the bytes.
 */
function openFinish(parts: HttpParts, oneAtATime: KeyedLock, room: UploadRoom) {
  const { unfinished } = parts;
  return (request: Request, id: string): Promise<Became | undefined> =>
    oneAtATime(id, async () => {
      const upload = await unfinished.find(id);
      if (upload === undefined || upload.bytes < upload.size) return undefined;
      if (upload.became !== undefined) return upload.became;
      const { viewer } = askedBy(parts, request);
      return room.whileEnding(viewer, () => makePhoto(parts, request, id, upload.metadata));
    });
}

async function makePhoto(
  parts: HttpParts,
  request: Request,
  id: string,
  metadata: Readonly<Record<string, string | null>>,
): Promise<Became> {
  const { unfinished, gallery, accounts, metrics, log } = parts;
  try {
    const file = await unfinished.received(id);
    expectDigest(file, digestIn(metadata['sha256'] ?? undefined), 'wrong-checksum');
    const { title, private: isPrivate } = metadata;
    const hidden = flagIn(isPrivate ?? undefined, 'private');
    const viewer = await viewerNow({ accounts }, askedBy(parts, request).viewer);
    const keeping = gallery.ingest(viewer, file, title ?? '', hidden);
    const counted = { way: 'resumable', bytes: file.bytes } as const;
    const kept = await countUpload(metrics, counted, keeping);
    await noteSentAgain(parts, request, kept);
    const became = { photo: kept.photo.id, duplicate: kept.duplicate };
    // The photo is safe and the phone hears so, whatever becomes of the note. Who asks again without it sends a duplicate.
    await unfinished.conclude(id, became).catch((error: unknown) => {
      log.warn({ code: codeOf(error) }, 'it could not be noted which photo an upload became');
    });
    return became;
  } catch (error) {
    if (!mayPass(error)) await unfinished.forget(id);
    throw error;
  }
}
