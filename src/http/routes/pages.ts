// The pages beside list and detail: the upload form and the labels.
import type { RequestHandler } from 'express';
import { labelName } from '../../gallery/labels.ts';
import { askedBy } from '../asking.ts';
import { listPath } from '../links.ts';
import type { HttpParts } from '../parts.ts';

export function showUploadForm(parts: HttpParts): RequestHandler {
  return (request, response) => {
    response.vary('Accept-Language').vary('Cookie').set('Cache-Control', 'private, no-cache');
    response.send(parts.views.newPhoto(askedBy(parts, request).context, {}));
  };
}

export function showLabels(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { viewer, language, json, context } = askedBy(parts, request);
    const labels = await parts.photos.listLabels(viewer);
    response.vary('Accept').vary('Accept-Language').vary('Cookie').set('Cache-Control', 'private, no-cache');
    if (!json) {
      response.send(parts.views.labels(context, { labels, covers: await parts.photos.listCovers(viewer) }));
      return;
    }
    response.json({
      labels: labels.map(({ label, photos }) => ({
        label,
        name: labelName(label, language),
        photos,
        links: { photos: listPath({ label }) },
      })),
    });
  };
}
