// Remembers in a cookie what a reader wants to be shown. Changes nothing about any photo.
import { stringifySetCookie } from 'cookie';
import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { Threshold } from '../../gallery/detection.ts';
import { GalleryError } from '../../gallery/errors.ts';
import { labelFrom } from '../../gallery/labels.ts';
import { askedBy, localPath } from '../asking.ts';
import { parse } from '../fields.ts';
import type { HttpParts } from '../parts.ts';
import { formatThreshold, stepIn, thresholdCookie, withLabel } from '../threshold.ts';

const yearSeconds = 365 * 24 * 60 * 60;

const fields = z.object({
  all: z.string().optional(),
  label: z.string().optional(),
  value: z.string().optional(),
  clear: z.string().optional(),
  back: z.string().max(2_000).optional(),
});

/** From a form: `all`, or `label` with `value` or `clear`. 303 to `back`, or what holds now as JSON. */
export function setThreshold(parts: HttpParts): RequestHandler {
  return (request, response) => {
    const { threshold, json } = askedBy(parts, request);
    const asked = parse(fields, request.body);
    const next = changed(threshold, asked);
    const cookie = {
      name: thresholdCookie,
      value: formatThreshold(next),
      path: '/',
      maxAge: yearSeconds,
      sameSite: 'lax',
      httpOnly: true,
    } as const;
    response.set('Set-Cookie', stringifySetCookie(cookie)).set('Cache-Control', 'no-store');
    if (json) response.json({ all: next.all, labels: Object.fromEntries(next.labels) });
    else response.redirect(303, backTo(asked.back));
  };
}

function changed(threshold: Threshold, { all, label, value, clear }: z.infer<typeof fields>): Threshold {
  if (all !== undefined) return { ...threshold, all: step(all) };
  if (label !== undefined && clear !== undefined) return withLabel(threshold, labelFrom(label), undefined);
  if (label !== undefined && value !== undefined) return withLabel(threshold, labelFrom(label), step(value));
  throw new GalleryError('bad-request', 'Give `all`, or a `label` with a `value` or with `clear`.');
}

function step(text: string): number {
  const known = stepIn(text);
  if (known !== undefined) return known;
  throw new GalleryError(
    'bad-request',
    'The slider has steps of 5 from 10 to 95 percent; choose one of them.',
  );
}

function backTo(text = '/'): string {
  const [address = '/', fragment] = text.split('#', 2);
  const path = address.startsWith('/') ? localPath(address) : '/';
  return `${path}${fragment !== undefined && /^[\w-]+$/.test(fragment) ? `#${fragment}` : ''}`;
}
