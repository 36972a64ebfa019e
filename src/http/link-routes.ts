// The routes of links, part of the table in route-table.ts: of who makes them, of who comes by one, and of what came in by one.
import { acceptPageOrJson } from './asking.ts';
import { multipart, readBodies } from './bodies.ts';
import { keepSecret } from './by-link.ts';
import type { Route } from './route-table.ts';
import { receiveFromGuest, showGuestForm } from './routes/guests.ts';
import { createLink, revokeLink, showLinks, showNewLink } from './routes/links.ts';
import { approve, approveAll, showModeration } from './routes/moderation.ts';
import { showShared, showSharedPhoto, unlockGuests, unlockShared } from './routes/shared.ts';
import { sendSharedOriginal, sendSharedRendition } from './routes/shared-media.ts';
import { guardEmbedding } from './site-guard.ts';

// A selection names every photo of it.
const { form, formOrJson } = readBodies(300);
const password = [keepSecret, ...form];
const guestPhotos = [keepSecret, ...multipart];
const picture = [keepSecret, guardEmbedding];

/** What leads with `/s` shows, what leads with `/u` takes; both are for anyone who knows the rest of the address. */
export const linkRoutes: readonly Route[] = [
  { method: 'GET', path: '/links', access: 'add', before: [acceptPageOrJson], handle: showLinks },
  { method: 'POST', path: '/links', access: 'add', before: formOrJson, handle: createLink },
  { method: 'GET', path: '/links/new', access: 'add', handle: showNewLink },
  { method: 'POST', path: '/links/:id/revoke', access: 'add', handle: revokeLink },
  { method: 'GET', path: '/moderation', access: 'add', before: [acceptPageOrJson], handle: showModeration },
  { method: 'POST', path: '/moderation/approve', access: 'add', handle: approveAll },
  { method: 'POST', path: '/photos/:id/approve', access: 'add', handle: approve },
  { method: 'GET', path: '/s/:token', access: 'anyone', before: [keepSecret], handle: showShared },
  {
    method: 'POST',
    path: '/s/:token',
    access: 'anyone',
    before: password,
    handle: unlockShared,
  },
  {
    method: 'GET',
    path: '/s/:token/photos/:id',
    access: 'anyone',
    before: [keepSecret],
    handle: showSharedPhoto,
  },
  {
    method: 'GET',
    path: '/s/:token/media/:id/original',
    access: 'anyone',
    before: picture,
    handle: sendSharedOriginal,
  },
  {
    method: 'GET',
    path: '/s/:token/media/:id/:name',
    access: 'anyone',
    before: picture,
    handle: sendSharedRendition,
  },
  { method: 'GET', path: '/u/:token', access: 'anyone', before: [keepSecret], handle: showGuestForm },
  {
    method: 'POST',
    path: '/u/:token',
    access: 'anyone',
    before: password,
    handle: unlockGuests,
  },
  {
    method: 'POST',
    path: '/u/:token/photos',
    access: 'anyone',
    before: guestPhotos,
    handle: receiveFromGuest,
  },
];
