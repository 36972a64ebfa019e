// For whoever watches the program: alive at all, and ready for visitors.
import type { RequestHandler } from 'express';
import { readOnly } from '../../gallery/disk-trust.ts';
import { GalleryError } from '../../gallery/errors.ts';
import type { HttpParts } from '../parts.ts';

export function alive(): RequestHandler {
  return (_request, response) => {
    response.set('Cache-Control', 'no-store').json({ status: 'alive' });
  };
}

/**
 * 503 while closing, without a database or the folder of originals, or with a disk that failed. Detection that does not work is said,
 * but keeps nobody out.
 */
export function ready(parts: HttpParts): RequestHandler {
  return async (_request, response) => {
    if (parts.closing.aborted)
      throw new GalleryError('unavailable', 'Sajin is closing; try again in a moment.');
    if (parts.readOnly.aborted) throw readOnly(parts.readOnly.reason);
    await parts.photos.check();
    await parts.media.check();
    const { engine, problem } = parts.darkroom.status();
    response.set('Cache-Control', 'no-store').json({
      status: 'ready',
      detection: { engine: engine?.name ?? 'off', ...(problem === undefined ? {} : { problem }) },
    });
  };
}
