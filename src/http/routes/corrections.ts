// What people say about what is in a photo, from a form or as JSON, and taking it back. Decides nothing: gallery/correction.ts does.
import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import type { Correction } from '../../gallery/correction.ts';
import { type ErrorCode, GalleryError } from '../../gallery/errors.ts';
import type { ChangeId, DetectionId, Photo, PhotoId } from '../../gallery/photo.ts';
import { type Asking, askedBy, idIn, queryText } from '../asking.ts';
import { statusOf } from '../errors.ts';
import { labelIn, parse } from '../fields.ts';
import { photoPath } from '../links.ts';
import type { HttpParts } from '../parts.ts';
import { renderPhoto, sendPhotoJson } from '../photo-answer.ts';
import { errorSentence } from '../words.ts';

export function correct(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const asking = askedBy(parts, request);
    const id = idIn(request);
    const correction = isForm(request)
      ? fromForm(parse(form, request.body))
      : fromProgram(parse(program, request.body));
    await answer(parts, request, response, asking, id, () =>
      parts.gallery.correct(asking.viewer, id, correction),
    );
  };
}

export function undo(parts: HttpParts): RequestHandler {
  const number = z.number().int().positive();
  const body = z.object({
    change: z.union([
      number,
      z
        .string()
        .regex(/^\d{1,15}$/)
        .transform(Number)
        .pipe(number),
    ]),
  });
  return async (request, response) => {
    const asking = askedBy(parts, request);
    const id = idIn(request);
    const { change } = parse(body, request.body);
    await answer(parts, request, response, asking, id, () =>
      parts.gallery.undo(asking.viewer, id, change as ChangeId),
    );
  };
}

const isForm = (request: Request) => request.is('application/x-www-form-urlencoded') !== false;

const detection = z
  .string()
  .min(1)
  .max(40)
  .transform((id) => id as DetectionId);
const label = z.string().max(1_000);
const box = z.strictObject({ x: z.number(), y: z.number(), width: z.number(), height: z.number() });

const program = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('confirm'), detection }),
  z.strictObject({ kind: z.literal('reject'), detection }),
  z.strictObject({ kind: z.literal('reject-label'), label }),
  z.strictObject({ kind: z.literal('rename'), detection, label }),
  z.strictObject({ kind: z.literal('move'), detection, box }),
  z.strictObject({ kind: z.literal('add'), label, box: box.optional() }),
]);

// Percent of the picture, as people think and as the fields of the page say.
const number = z.string().max(40);
const place = { left: number, top: number, width: number, height: number };
const form = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('confirm'), detection }),
  z.object({ kind: z.literal('reject'), detection }),
  z.object({ kind: z.literal('reject-label'), label }),
  z.object({ kind: z.literal('rename'), detection, label }),
  z.object({ kind: z.literal('move'), detection, ...place }),
  z.object({ kind: z.literal('add'), label, ...z.object(place).partial().shape }),
]);

function fromProgram(asked: z.infer<typeof program>): Correction {
  if (asked.kind !== 'add') return asked;
  const { kind, label, box } = asked;
  return box === undefined ? { kind, label } : { kind, label, box };
}

function fromForm(fields: z.infer<typeof form>): Correction {
  switch (fields.kind) {
    case 'move':
      return { kind: 'move', detection: fields.detection, box: boxIn(fields) };
    case 'add': {
      const { kind, label } = fields;
      return isPlaced(fields) ? { kind, label, box: boxIn(fields) } : { kind, label };
    }
    default:
      return fields;
  }
}

type Place = { readonly [side in keyof typeof place]?: string | undefined };

const isPlaced = ({ left, top, width, height }: Place) =>
  [left, top, width, height].some((text) => (text ?? '').trim() !== '');

// What is left empty, or is no number, makes a box that the gallery refuses in its own words.
function boxIn({ left, top, width, height }: Place) {
  const fraction = (text = '') => (text.trim() === '' ? Number.NaN : Number(text.replace(',', '.')) / 100);
  return { x: fraction(left), y: fraction(top), width: fraction(width), height: fraction(height) };
}

/** Refusals after which the page of the photo says more than a page about the refusal. */
const shownOnPhoto: ReadonlySet<ErrorCode> = new Set([
  'edited-meanwhile',
  'bad-label',
  'bad-box',
  'too-many-labels',
]);

async function answer(
  parts: HttpParts,
  request: Request,
  response: Response,
  asking: Asking,
  id: PhotoId,
  change: () => Promise<Photo>,
): Promise<void> {
  try {
    const photo = await change();
    response.set('Cache-Control', 'no-store');
    if (asking.json) sendPhotoJson(response, photo, asking);
    else response.redirect(303, `${photoPath(id, labelIn(queryText(request, 'label')))}#corrections`);
  } catch (error) {
    if (asking.json || !(error instanceof GalleryError) || !shownOnPhoto.has(error.code)) throw error;
    const sentence = errorSentence(asking.language, error.code, error.facts);
    response.status(statusOf[error.code]).set('Cache-Control', 'no-store').vary('Cookie');
    response.send(await renderPhoto(parts, request, id, { refusal: { sentence, typed: typedIn(request) } }));
  }
}

/** What was typed to be added, so that it need not be typed again. */
function typedIn(request: Request) {
  const { data } = z
    .object({ kind: z.literal('add'), label, ...place })
    .partial()
    .safeParse(request.body);
  return data?.kind === 'add' ? data : undefined;
}
