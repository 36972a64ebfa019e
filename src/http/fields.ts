// What a request brought, as the type that was expected of it. Refuses the rest with `bad-request`, naming the field.
import type { z } from 'zod';
import { GalleryError } from '../gallery/errors.ts';
import { maxLabelLength } from '../gallery/labels.ts';
import { type PhotoId, parsePhotoId, parseSha256, type Sha256 } from '../gallery/photo.ts';

/** @throws GalleryError `bad-request` */
export function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new GalleryError('bad-request', `${issue?.path.join('.')}: ${issue?.message}`, {
    field: issue?.path.join('.') ?? '',
  });
}

/** A label to look for. @throws GalleryError `bad-request` for what can be none */
export function labelIn(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  if ([...text].length <= maxLabelLength) return text;
  throw new GalleryError('bad-request', 'There is no label that long; choose one from the list of labels.');
}

/** Where a page of a list begins. @throws GalleryError `bad-request` for what is no photo */
export function beforeIn(text: string | undefined): PhotoId | undefined {
  if (text === undefined) return undefined;
  const id = parsePhotoId(text);
  if (id !== undefined) return id;
  throw new GalleryError('bad-request', 'This page does not exist; begin with the first one.');
}

/** A SHA-256; undefined when there is none. @throws GalleryError `bad-request` for what can be none */
export function digestIn(text: string | undefined): Sha256 | undefined {
  if (text === undefined || text === '') return undefined;
  const sha256 = parseSha256(text);
  if (sha256 !== undefined) return sha256;
  throw new GalleryError('bad-request', 'sha256 is 64 hexadecimal digits.', { field: 'sha256' });
}

/** 1 for yes, 0 or nothing for no. @throws GalleryError `bad-request` for anything else */
export function flagIn(text: string | undefined, field: string): boolean {
  if (text === undefined || text === '' || text === '0') return false;
  if (text === '1') return true;
  throw new GalleryError('bad-request', `${field} is 0 or 1.`, { field });
}

const largestPage = 200;

/** How long a page of a list is, `usual` unless something else is asked for. @throws GalleryError `bad-request` */
export function limitIn(text: string | undefined, usual: number): number {
  if (text === undefined) return usual;
  const limit = Number(text);
  if (/^\d{1,3}$/.test(text) && limit >= 1 && limit <= largestPage) return limit;
  throw new GalleryError('bad-request', `limit is a whole number from 1 to ${largestPage}.`, {
    limit: largestPage,
  });
}
