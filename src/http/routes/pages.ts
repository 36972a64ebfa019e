// The pages beside list and detail: the upload form and the labels.
import type { RequestHandler } from 'express';
import { labelName } from '../../gallery/labels.ts';
import { askedBy } from '../asking.ts';
import { listPath } from '../links.ts';
import { withMenu } from '../menu.ts';
import type { HttpParts } from '../parts.ts';

export function showUploadForm(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    response.vary('Accept-Language').vary('Cookie').set('Cache-Control', 'private, no-cache');
    response.send(parts.views.newPhoto(await withMenu(parts, askedBy(parts, request)), {}));
  };
}

export function showLabels(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const asking = askedBy(parts, request);
    const { viewer, language, threshold, json } = asking;
    const labels = await parts.photos.listLabels(viewer, threshold);
    response.vary('Accept').vary('Accept-Language').vary('Cookie').set('Cache-Control', 'private, no-cache');
    if (!json) {
      const covers = await parts.photos.listCovers(viewer, threshold);
      response.send(parts.views.labels(await withMenu(parts, asking), { labels, covers }));
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
