// Are these bytes here already? So that a phone need not send a picture that the gallery has. Says nothing about what it does not have.
import type { RequestHandler } from 'express';
import { noSuchPhoto } from '../../gallery/errors.ts';
import { parseSha256 } from '../../gallery/photo.ts';
import { askedBy } from '../asking.ts';
import { photoPath } from '../links.ts';
import type { HttpParts } from '../parts.ts';

export function findDigest(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { viewer } = askedBy(parts, request);
    const sha256 = parseSha256(String(request.params.sha256));
    const photo = sha256 === undefined ? undefined : await parts.gallery.findKept(viewer, sha256);
    if (photo === undefined) throw noSuchPhoto();
    response.set('Cache-Control', 'no-store').json({ photo: photoPath(photo.id) });
  };
}
