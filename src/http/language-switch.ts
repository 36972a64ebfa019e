// `?lang=ko` on any page: remembers the language in a cookie and comes back without the parameter. Works without scripts.

import { stringifySetCookie } from 'cookie';
import type { RequestHandler } from 'express';
import { asLanguage, localPath } from './asking.ts';

const yearSeconds = 365 * 24 * 60 * 60;

export const switchLanguage: RequestHandler = (request, response, next) => {
  const language = request.method === 'GET' ? asLanguage(request.query.lang) : undefined;
  if (language === undefined) {
    next();
    return;
  }
  const [path = '/', query = ''] = request.originalUrl.split('?', 2);
  const rest = new URLSearchParams(query);
  rest.delete('lang');
  const cookie = {
    name: 'lang',
    value: language,
    path: '/',
    maxAge: yearSeconds,
    sameSite: 'lax',
    httpOnly: true,
  } as const;
  response
    .set('Set-Cookie', stringifySetCookie(cookie))
    .set('Cache-Control', 'no-store')
    .redirect(303, localPath(rest.size === 0 ? path : `${path}?${rest}`));
};
