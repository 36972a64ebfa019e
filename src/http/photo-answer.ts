// How one photo is answered, whoever asked for it and after whatever was done to it: its JSON with an ETag, or its page.
import type { Request, Response } from 'express';
import { defaultThreshold, thresholdSteps } from '../gallery/detection.ts';
import { cocoLabels } from '../gallery/labels.ts';
import type { Photo, PhotoId } from '../gallery/photo.ts';
import type { Viewer } from '../gallery/viewer.ts';
import { photoRightsOf } from './access.ts';
import { type Asking, askedBy, queryText } from './asking.ts';
import { labelIn } from './fields.ts';
import { photoJson } from './json.ts';
import { withMenu } from './menu.ts';
import type { PhotoModel } from './pages/detail.ts';
import type { HttpParts } from './parts.ts';
import { formatThreshold } from './threshold.ts';

export function sendPhotoJson(response: Response, photo: Photo, asking: Asking): void {
  response.set('ETag', etagOf(photo.version, asking)).json(photoJson(photo, asking));
}

/** Language and threshold are part of it because names and counts are: one tag must never stand for two bodies. */
export function etagOf(version: number, { language, threshold }: Asking): string {
  const shown = formatThreshold(threshold);
  return `"${version}-${language}${shown === formatThreshold(defaultThreshold) ? '' : `-${shown}`}"`;
}

/** The versions that an If-Match with such tags names. A weak tag names none. */
export function versionsOf(ifMatch: string): number[] {
  return [...ifMatch.matchAll(/(W\/)?"(\d+)-[a-z]+(?:-[^"]*)?"/g)].flatMap(([, weak, version]) =>
    weak === undefined ? [Number(version)] : [],
  );
}

/** The page of the photo as it is now. Rejects `not-found`. */
export async function renderPhoto(
  parts: HttpParts,
  request: Request,
  id: PhotoId,
  more: Pick<PhotoModel, 'conflict' | 'refusal'> = {},
): Promise<string> {
  const asking = askedBy(parts, request);
  const { viewer, threshold } = asking;
  const label = labelIn(queryText(request, 'label'));
  const [context, photo, neighbours, place, check, ownLabels, from] = await Promise.all([
    withMenu(parts, asking),
    parts.gallery.getPhoto(viewer, id),
    parts.photos.findNeighbours(viewer, id, label === undefined ? undefined : { label, threshold }),
    parts.photos.findPlace(viewer, id),
    parts.verification.findCheck(viewer, id),
    listOwnLabels(parts, viewer),
    findFrom(parts, viewer, id),
  ]);
  return parts.views.photo(context, {
    photo,
    may: photoRightsOf(viewer, photo.owner),
    neighbours,
    ownLabels,
    check,
    ...from,
    ...(label === undefined ? {} : { label }),
    ...(place === undefined ? {} : { place }),
    ...more,
  });
}

/** By whom it came, for who has an account: visitors are told of nobody. */
async function findFrom(
  { photos, links, accounts }: HttpParts,
  viewer: Viewer,
  id: PhotoId,
): Promise<Pick<PhotoModel, 'owner' | 'sender'>> {
  if (viewer.kind !== 'user' && viewer.kind !== 'machine') return {};
  const [photo, senders] = await Promise.all([photos.findPhoto(viewer, id), links.listSenders(viewer, [id])]);
  const owner = photo?.owner === undefined ? undefined : await accounts.findUser(photo.owner);
  return { owner: owner?.name, sender: senders.get(id) };
}

const everything = { all: thresholdSteps[0] ?? 0, labels: new Map<string, number>() };
// To choose from while typing; more than this is no choice any more.
const mostOwnLabels = 100;

async function listOwnLabels(parts: HttpParts, viewer: Viewer): Promise<string[]> {
  const known: ReadonlySet<string> = new Set(cocoLabels);
  const totals = await parts.photos.listLabels(viewer, everything);
  return totals
    .map(({ label }) => label)
    .filter((label) => !known.has(label))
    .slice(0, mostOwnLabels);
}
