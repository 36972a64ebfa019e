// Looking again at photos: begin, look at what would change, pause, go on, stop, and let it into the photos. Decides nothing itself.
import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import { GalleryError, noSuchPhoto, noSuchRerun } from '../../gallery/errors.ts';
import { maxLabelLength } from '../../gallery/labels.ts';
import { type PhotoId, parsePhotoId } from '../../gallery/photo.ts';
import { isWithin, type Rerun, type RerunId, type RerunScope } from '../../gallery/rerun.ts';
import type { Viewer } from '../../gallery/viewer.ts';
import { type Asking, askedBy, queryText } from '../asking.ts';
import { beforeIn, limitIn, parse } from '../fields.ts';
import { detectionPath, rerunPath } from '../links.ts';
import { withMenu } from '../menu.ts';
import type { RerunModel } from '../pages/reruns.ts';
import type { HttpParts } from '../parts.ts';
import { rerunJson, rerunPageJson } from '../rerun-json.ts';

/** Divisible by 2 and 3, so that rows end full. */
const pageSize = 24;

/** `photo`, `label`, `model` or `older`, and perhaps `approved`; from a form or as JSON. */
export function startRerun(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { viewer, speech, json, threshold } = askedBy(parts, request);
    const { scope, approved } = wishIn(request.body, threshold);
    try {
      const rerun = await parts.gallery.lookAgain.start(viewer, scope, threshold, approved);
      const path = rerunPath(rerun.id);
      if (json)
        response
          .status(202)
          .location(path)
          .json(rerunJson(rerun, await parts.models.list(), speech));
      else response.redirect(303, path);
    } catch (error) {
      // The page of the models says why nothing can look, and what to do.
      if (json || !(error instanceof GalleryError) || error.code !== 'no-engine') throw error;
      response.redirect(303, detectionPath);
    }
  };
}

export function showRerun(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const asking = askedBy(parts, request);
    const limit = asking.json ? limitIn(queryText(request, 'limit'), pageSize) : pageSize;
    const model = await readRerun(parts, asking, request, limit);
    response.vary('Accept').vary('Accept-Language').vary('Cookie').set('Cache-Control', 'private, no-cache');
    if (asking.json) response.json(rerunPageJson(model, asking.speech, limit));
    else response.send(parts.views.rerun(await withMenu(parts, asking), model));
  };
}

type Change = (lookAgain: HttpParts['gallery']['lookAgain'], viewer: Viewer, id: RerunId) => Promise<Rerun>;

export const applyRerun = changeRerun((lookAgain, viewer, id) => lookAgain.approve(viewer, id));
export const pauseRerun = changeRerun((lookAgain, viewer, id) => lookAgain.setState(viewer, id, 'paused'));
export const resumeRerun = changeRerun((lookAgain, viewer, id) => lookAgain.setState(viewer, id, 'looking'));
export const cancelRerun = changeRerun((lookAgain, viewer, id) =>
  lookAgain.setState(viewer, id, 'cancelled'),
);

function changeRerun(change: Change) {
  return (parts: HttpParts): RequestHandler =>
    async (request, response) => {
      const { viewer, speech, json } = askedBy(parts, request);
      const id = rerunIn(request);
      try {
        const rerun = await change(parts.gallery.lookAgain, viewer, id);
        if (json) response.json(rerunJson(rerun, await parts.models.list(), speech));
      } catch (error) {
        // What is over is seen best on its own page.
        if (json || !(error instanceof GalleryError) || error.code !== 'rerun-over') throw error;
      }
      if (!json) response.redirect(303, rerunPath(id));
    };
}

async function readRerun(
  parts: HttpParts,
  { viewer }: Asking,
  request: Request,
  limit: number,
): Promise<RerunModel> {
  const { reruns, models, photos, settings, now } = parts;
  const id = rerunIn(request);
  const all = queryText(request, 'all') === '1';
  const before = beforeIn(queryText(request, 'before'));
  const rerun = await reruns.findRerun(viewer, id);
  if (rerun === undefined) throw noSuchRerun();
  const { scope } = rerun;
  const differing = !all && scope.kind !== 'photo';
  const [entries, page, photo] = await Promise.all([
    models.list(),
    reruns.listRerunPhotos(viewer, id, { differing, limit, ...(before === undefined ? {} : { before }) }),
    scope.kind === 'photo' ? photos.findPhoto(viewer, scope.photo) : undefined,
  ]);
  // One photo is looked at in any hour: somebody waits for it.
  const rerunHours = scope.kind === 'photo' ? undefined : settings.rerunHours;
  const waitsFor =
    rerunHours !== undefined && !isWithin(rerunHours, new Date(now())) ? rerunHours : undefined;
  return { rerun, models: entries, page, all, first: before === undefined, photo, waitsFor };
}

const yes = z.union([z.literal('1'), z.literal(true)]);
const wish = z.object({
  photo: z.string().max(64).optional(),
  label: z.string().min(1).max(maxLabelLength).optional(),
  /** SHA-256 of weights; '' for photos that nobody looked at. */
  model: z
    .string()
    .regex(/^([0-9a-f]{64})?$/)
    .optional(),
  older: yes.optional(),
  approved: yes.optional(),
});

/** @throws GalleryError `bad-request` unless exactly one scope is given */
function wishIn(body: unknown, threshold: Rerun['threshold']): { scope: RerunScope; approved: boolean } {
  const { photo, label, model, older, approved } = parse(wish, body);
  const scopes: RerunScope[] = [
    ...(photo === undefined ? [] : [{ kind: 'photo' as const, photo: photoIn(photo) }]),
    ...(label === undefined ? [] : [{ kind: 'label' as const, label, threshold }]),
    ...(model === undefined ? [] : [{ kind: 'model' as const, model }]),
    ...(older === undefined ? [] : [{ kind: 'older' as const }]),
  ];
  const [scope] = scopes;
  if (scope !== undefined && scopes.length === 1) return { scope, approved: approved !== undefined };
  throw new GalleryError('bad-request', 'Give one of photo, label, model and older.');
}

function photoIn(text: string): PhotoId {
  const id = parsePhotoId(text);
  if (id !== undefined) return id;
  throw noSuchPhoto();
}

/** @throws GalleryError `not-found` for what cannot be a number of ours */
function rerunIn(request: Request): RerunId {
  const text = String(request.params['id']);
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text) as RerunId;
  throw noSuchRerun();
}
