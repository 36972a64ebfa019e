// Sajin as an app: its manifest, its service worker, the page without a connection, the shooting mode.
import type { RequestHandler, Response } from 'express';
import { cutTitle } from '../../gallery/cut-title.ts';
import { parsePhotoId } from '../../gallery/photo.ts';
import { askedBy, languageOf, queryText } from '../asking.ts';
import { photoPath } from '../links.ts';
import { withMenu } from '../menu.ts';
import { manifestOf } from '../pages/manifest.ts';
import type { HttpParts } from '../parts.ts';

export function sendManifest(parts: HttpParts): RequestHandler {
  return (request, response) => {
    byLanguage(response).type('application/manifest+json');
    response.send(JSON.stringify(manifestOf(parts.speeches[languageOf(request)], parts.assets)));
  };
}

/** A browser asks for it after every page; whatever it keeps is thrown away as soon as a byte of this is another one. */
export function sendServiceWorker({ offline }: HttpParts): RequestHandler {
  return (_request, response) => {
    response.set('Cache-Control', 'no-cache').type('text/javascript');
    response.send(offline().serviceWorker);
  };
}

/** `Sajin-Version` lets a service worker of another version see that this page is not for it. */
export function showOffline({ offline }: HttpParts): RequestHandler {
  return (request, response) => {
    const language = languageOf(request);
    const { version, page } = offline();
    byLanguage(response).set({ 'Sajin-Version': version, 'Content-Language': language });
    response.send(page(language));
  };
}

/** The only page that may ask for the camera. `?title=`, `?private=` and `?last=` are what a shot without scripts comes back with. */
export function showShooting(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const last = parsePhotoId(queryText(request, 'last') ?? '');
    const title = cutTitle(queryText(request, 'title') ?? '');
    byLanguage(response).set(
      'Permissions-Policy',
      String(response.getHeader('Permissions-Policy')).replace('camera=()', 'camera=(self)'),
    );
    const context = await withMenu(parts, askedBy(parts, request));
    response.send(
      parts.views.shoot(context, {
        title,
        isPrivate: queryText(request, 'private') === '1',
        last: last === undefined ? undefined : photoPath(last),
      }),
    );
  };
}

const byLanguage = (response: Response) =>
  response.vary('Accept-Language').vary('Cookie').set('Cache-Control', 'private, no-cache');
