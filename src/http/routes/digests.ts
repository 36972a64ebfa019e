// Are these bytes here already? So that a phone need not send a picture that the gallery has.
import type { RequestHandler } from 'express';
import { noSuchPhoto } from '../../gallery/errors.ts';
import { parseSha256 } from '../../gallery/photo.ts';
import { askedBy, queryText } from '../asking.ts';
import { flagIn } from '../fields.ts';
import { photoPath } from '../links.ts';
import type { HttpParts } from '../parts.ts';

export function findDigest(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { viewer } = askedBy(parts, request);
    const sha256 = parseSha256(String(request.params.sha256));
    if (sha256 === undefined) throw noSuchPhoto();
    const isPrivate = flagIn(queryText(request, 'private'), 'private');
    const photo = await parts.gallery.findKept(viewer, sha256, isPrivate);
    response.set('Cache-Control', 'no-store');
    // Not 404: a phone asks this for each new picture, and a browser would write every one of them down as a fault.
    if (photo === undefined) response.status(204).end();
    else response.json({ photo: photoPath(photo.id) });
  };
}
