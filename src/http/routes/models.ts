// Models: fetch, stop, check, use, and bring a file. Decides nothing: the shelf does; here only its answers become pages and JSON.
import type { Request, RequestHandler, Response } from 'express';
import { GalleryError } from '../../gallery/errors.ts';
import type { ModelEntry } from '../../gallery/ports.ts';
import { askedBy } from '../asking.ts';
import { statusOf, toGalleryError } from '../errors.ts';
import { detectionPath } from '../links.ts';
import { modelElement } from '../pages/models.ts';
import type { HttpParts } from '../parts.ts';
import { type IncomingFile, receiveUpload } from '../receive.ts';
import { detectionJson, modelJson } from '../rerun-json.ts';
import { idleMs } from '../server.ts';
import { errorSentence } from '../words.ts';
import { readDetection, renderDetection } from './detection.ts';

/** The largest YOLOX export has about 400 MB. */
const maxModelBytes = 500 * 1024 * 1024;

/** 202: it has begun, and `models-changed` tells how it goes on. */
export const fetchModel = changeModel(202, ({ models }, name) => models.fetch(name));
export const cancelModel = changeModel(200, ({ models }, name) => models.cancel(name));
export const useModel = changeModel(200, ({ models }, name) => models.use(name));

/** With `verified` in the answer; of what is not right the entry says what is wrong. */
export function verifyModel(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const name = nameIn(request);
    const verified = await parts.models.verify(name);
    const entry = await getEntry(parts, name);
    if (askedBy(parts, request).json) response.json({ ...modelJson(entry), verified });
    else response.redirect(303, pathTo(entry.name, verified ? { verified: entry.name } : {}));
  };
}

/** From now on the best of those that are here looks. */
export function useBestModel(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const asking = askedBy(parts, request);
    await parts.models.use(undefined);
    if (asking.json) response.json(detectionJson(await readDetection(parts, asking), asking.speech));
    else response.redirect(303, detectionPath);
  };
}

/** One file named `model`: 201 with its entry, or 303; a form's file that is refused gets the page with the reason. */
export function importModel(parts: HttpParts): RequestHandler {
  let isBusy = false;
  return async (request, response) => {
    const asking = askedBy(parts, request);
    if (isBusy || parts.closing.aborted)
      throw new GalleryError('busy', 'Another model is being brought; try again in a moment.');
    isBusy = true;
    try {
      const entry = await receiveModel(parts, request, response);
      if (asking.json) response.status(201).location(detectionPath).json(modelJson(entry));
      else response.redirect(303, pathTo(entry.name));
    } catch (thrown) {
      const { code, facts } = toGalleryError(thrown);
      if (asking.json || statusOf[code] !== 422) throw thrown;
      const refusal = errorSentence(asking.language, code, facts);
      response.status(422).set('Cache-Control', 'no-store').vary('Accept').vary('Cookie');
      response.send(await renderDetection(parts, asking, { refusal }));
    } finally {
      isBusy = false;
    }
  };
}

async function receiveModel(parts: HttpParts, request: Request, response: Response): Promise<ModelEntry> {
  const { files } = await receiveUpload(request, response, {
    inbox: parts.inbox,
    maxFileBytes: maxModelBytes,
    field: 'model',
    mostFiles: 1,
  });
  // A connection is idle while the model is tried; the server would hang up after a minute.
  const { socket } = request;
  socket.setTimeout(0);
  response.once('finish', () => socket.setTimeout(idleMs));
  try {
    const [file] = files;
    // A form that was sent without a file has a part without a name.
    if (file === undefined || file.name === '') throw noModel();
    return await parts.models.importFile(file.path, fileName(file)).catch((error: unknown) => {
      // What the shelf found out is worth more than that something is wrong.
      if (!(error instanceof GalleryError) || error.code !== 'bad-model') throw error;
      throw new GalleryError('bad-model', error.message, { reason: error.message }, { cause: error });
    });
  } finally {
    // The shelf has a copy of its own.
    for (const { path } of files) await parts.inbox.discard(path);
  }
}

const noModel = () => new GalleryError('bad-model', 'No model was sent; choose an .onnx file first.');

// What an old browser sends is a whole path.
const fileName = ({ name }: IncomingFile) =>
  name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);

function changeModel(status: number, change: (parts: HttpParts, name: string) => Promise<void>) {
  return (parts: HttpParts): RequestHandler =>
    async (request, response) => {
      const name = nameIn(request);
      await change(parts, name);
      const entry = await getEntry(parts, name);
      if (askedBy(parts, request).json) response.status(status).json(modelJson(entry));
      else response.redirect(303, pathTo(name));
    };
}

const nameIn = (request: Request) => String(request.params['name']);

async function getEntry({ models }: HttpParts, name: string): Promise<ModelEntry> {
  const entry = (await models.list()).find((one) => one.name === name);
  if (entry !== undefined) return entry;
  throw new GalleryError('not-found', 'There is no such model; look at the list of models.');
}

function pathTo(name: string, query: Record<string, string> = {}): string {
  const asked = new URLSearchParams(query);
  return `${detectionPath}${asked.size === 0 ? '' : `?${asked}`}#${modelElement(name)}`;
}
