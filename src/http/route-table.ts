// Every route, whose it is to ask for it, and what is looked at before. Order does not matter: each path stands alone.
import type { RequestHandler } from 'express';
import type { Access } from './access.ts';
import { acceptPageOrJson } from './asking.ts';
import { multipart, readBodies } from './bodies.ts';
import { expectType, ifAny } from './body-guard.ts';
import { bodyIfAny } from './confirmation.ts';
import { linkRoutes } from './link-routes.ts';
import type { HttpParts } from './parts.ts';
import {
  changePassword,
  confirm,
  endOtherSessions,
  endSession,
  offerPairing,
  showAccount,
  showConfirmation,
} from './routes/account.ts';
import { correct, undo } from './routes/corrections.ts';
import { showDetection } from './routes/detection.ts';
import { findDigest } from './routes/digests.ts';
import {
  acceptInvitation,
  pair,
  setUp,
  showInvitation,
  showPairing,
  showSetUp,
  showSignIn,
  signIn,
  signOut,
} from './routes/doors.ts';
import { streamEvents } from './routes/events.ts';
import { retryFailed, showFailed } from './routes/failed.ts';
import { alive, ready } from './routes/health.ts';
import { sendRendition } from './routes/media.ts';
import { sendMetrics } from './routes/metrics.ts';
import {
  cancelModel,
  fetchModel,
  importModel,
  useBestModel,
  useModel,
  verifyModel,
} from './routes/models.ts';
import { sendOriginal } from './routes/originals.ts';
import { showLabels, showUploadForm } from './routes/pages.ts';
import {
  addPasskey,
  confirmByPasskey,
  offerNewPasskey,
  offerPasskeyConfirmation,
  offerPasskeySignIn,
  removePasskey,
  renamePasskey,
  signInByPasskey,
} from './routes/passkeys.ts';
import {
  disable,
  enable,
  endInvitation,
  invite,
  removePerson,
  setRole,
  settleLeft,
  showAudit,
  showPeople,
} from './routes/people.ts';
import { sendManifest, sendServiceWorker, showOffline, showShooting } from './routes/phone.ts';
import {
  editByForm,
  editByProgram,
  removeByForm,
  removeByProgram,
  retry,
  showList,
  showPhoto,
} from './routes/photos.ts';
import { applyRerun, cancelRerun, pauseRerun, resumeRerun, showRerun, startRerun } from './routes/reruns.ts';
import { resumable } from './routes/resumable.ts';
import { setThreshold } from './routes/threshold.ts';
import { emptyTrash, removeForGood, restore, setPrivate, showTrash } from './routes/trash.ts';
import { upload } from './routes/uploads.ts';
import { repairOriginal, showVerification, startVerification } from './routes/verification.ts';
import { guardAsking, guardEmbedding } from './site-guard.ts';
import { expectTus } from './tus.ts';
import { keepNothing } from './visit.ts';

export interface Route {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'DELETE' | 'OPTIONS';
  readonly path: string;
  /** Whose it is to ask for this at all; whether for this very photo, its query says. */
  readonly access: Access;
  readonly handle: (parts: HttpParts) => RequestHandler;
  readonly before?: readonly RequestHandler[];
  /** Only soon after whoever asks has shown who they are (confirmation.ts). */
  readonly confirmed?: true;
  /** Whoever knows such an address may do what it is for: it is not for the log. */
  readonly isKey?: true;
}

const { form, json, formOrJson } = readBodies(100);
const secret = [keepNothing];
const secretForm = [keepNothing, ...formOrJson];
const secretJson = [keepNothing, ...json];
const confirmed = { before: [keepNothing, ...bodyIfAny], confirmed: true } as const;
const confirmedJson = { before: secretJson, confirmed: true } as const;
const piece = [expectTus, expectType('application/offset+octet-stream')];

export const routeTable: readonly Route[] = [
  { method: 'GET', path: '/', access: 'look', before: [acceptPageOrJson], handle: showList },
  { method: 'GET', path: '/photos/new', access: 'add', handle: showUploadForm },
  { method: 'POST', path: '/photos', access: 'add', before: multipart, handle: upload },
  { method: 'POST', path: '/uploads', access: 'add', before: [expectTus], handle: resumable },
  { method: 'OPTIONS', path: '/uploads', access: 'anyone', handle: resumable },
  {
    method: 'HEAD',
    path: '/uploads/:id',
    access: 'add',
    before: [expectTus],
    handle: resumable,
    isKey: true,
  },
  { method: 'PATCH', path: '/uploads/:id', access: 'add', before: piece, handle: resumable },
  { method: 'DELETE', path: '/uploads/:id', access: 'add', before: [expectTus], handle: resumable },
  { method: 'GET', path: '/digests/:sha256', access: 'add', before: [guardAsking], handle: findDigest },
  { method: 'GET', path: '/photos/:id', access: 'look', before: [acceptPageOrJson], handle: showPhoto },
  { method: 'POST', path: '/photos/:id', access: 'add', before: form, handle: editByForm },
  { method: 'PATCH', path: '/photos/:id', access: 'add', before: json, handle: editByProgram },
  { method: 'DELETE', path: '/photos/:id', access: 'add', handle: removeByProgram },
  { method: 'POST', path: '/photos/:id/delete', access: 'add', handle: removeByForm },
  { method: 'POST', path: '/photos/:id/privacy', access: 'add', before: formOrJson, handle: setPrivate },
  { method: 'POST', path: '/photos/:id/restore', access: 'add', handle: restore },
  { method: 'POST', path: '/photos/:id/remove', access: 'add', handle: removeForGood },
  { method: 'GET', path: '/trash', access: 'add', before: [acceptPageOrJson], handle: showTrash },
  { method: 'POST', path: '/trash/empty', access: 'add', ...confirmed, handle: emptyTrash },
  { method: 'POST', path: '/photos/:id/retry', access: 'add', handle: retry },
  { method: 'POST', path: '/photos/:id/corrections', access: 'add', before: formOrJson, handle: correct },
  { method: 'POST', path: '/photos/:id/undo', access: 'add', before: formOrJson, handle: undo },
  { method: 'POST', path: '/threshold', access: 'look', before: form, handle: setThreshold },
  { method: 'GET', path: '/labels', access: 'look', before: [acceptPageOrJson], handle: showLabels },
  { method: 'GET', path: '/detection', access: 'operate', before: [acceptPageOrJson], handle: showDetection },
  { method: 'POST', path: '/models', access: 'operate', before: multipart, handle: importModel },
  { method: 'POST', path: '/models/auto', access: 'operate', handle: useBestModel },
  { method: 'POST', path: '/models/:name/fetch', access: 'operate', handle: fetchModel },
  { method: 'POST', path: '/models/:name/cancel', access: 'operate', handle: cancelModel },
  { method: 'POST', path: '/models/:name/verify', access: 'operate', handle: verifyModel },
  { method: 'POST', path: '/models/:name/use', access: 'operate', handle: useModel },
  { method: 'POST', path: '/reruns', access: 'add', before: formOrJson, handle: startRerun },
  { method: 'GET', path: '/reruns/:id', access: 'add', before: [acceptPageOrJson], handle: showRerun },
  { method: 'POST', path: '/reruns/:id/apply', access: 'add', handle: applyRerun },
  { method: 'POST', path: '/reruns/:id/pause', access: 'add', handle: pauseRerun },
  { method: 'POST', path: '/reruns/:id/resume', access: 'add', handle: resumeRerun },
  { method: 'POST', path: '/reruns/:id/cancel', access: 'add', handle: cancelRerun },
  { method: 'GET', path: '/failed', access: 'add', before: [acceptPageOrJson], handle: showFailed },
  { method: 'POST', path: '/failed/retry', access: 'operate', handle: retryFailed },
  {
    method: 'GET',
    path: '/verification',
    access: 'operate',
    before: [acceptPageOrJson],
    handle: showVerification,
  },
  { method: 'POST', path: '/verification', access: 'operate', handle: startVerification },
  {
    method: 'POST',
    path: '/verification/:sha256',
    access: 'operate',
    before: [ifAny(expectType('application/octet-stream'))],
    handle: repairOriginal,
  },
  {
    method: 'GET',
    path: '/media/:id/original',
    access: 'look',
    before: [guardEmbedding],
    handle: sendOriginal,
  },
  {
    method: 'GET',
    path: '/media/:id/:name',
    access: 'look',
    before: [guardEmbedding],
    handle: sendRendition,
  },
  { method: 'GET', path: '/events', access: 'look', handle: streamEvents },
  { method: 'GET', path: '/shoot', access: 'add', handle: showShooting },
  { method: 'POST', path: '/share', access: 'add', before: multipart, handle: upload },
  { method: 'GET', path: '/sign-in', access: 'anyone', before: secret, handle: showSignIn },
  { method: 'POST', path: '/sign-in', access: 'anyone', before: secretForm, handle: signIn },
  {
    method: 'POST',
    path: '/sign-in/passkey/options',
    access: 'anyone',
    before: secretJson,
    handle: offerPasskeySignIn,
  },
  { method: 'POST', path: '/sign-in/passkey', access: 'anyone', before: secretJson, handle: signInByPasskey },
  { method: 'POST', path: '/sign-out', access: 'anyone', handle: signOut },
  { method: 'GET', path: '/set-up', access: 'anyone', before: secret, handle: showSetUp },
  { method: 'POST', path: '/set-up', access: 'anyone', before: secretForm, handle: setUp },
  { method: 'GET', path: '/invite', access: 'anyone', before: secret, handle: showInvitation },
  { method: 'POST', path: '/invite', access: 'anyone', before: secretForm, handle: acceptInvitation },
  { method: 'GET', path: '/pair', access: 'anyone', before: secret, handle: showPairing },
  { method: 'POST', path: '/pair', access: 'anyone', before: secretForm, handle: pair },
  { method: 'GET', path: '/account', access: 'self', before: secret, handle: showAccount },
  { method: 'POST', path: '/account/password', access: 'self', before: secretForm, handle: changePassword },
  { method: 'POST', path: '/account/sessions/:id/end', access: 'self', handle: endSession },
  { method: 'POST', path: '/account/sessions/end', access: 'self', handle: endOtherSessions },
  {
    method: 'POST',
    path: '/account/passkeys/options',
    access: 'self',
    ...confirmedJson,
    handle: offerNewPasskey,
  },
  { method: 'POST', path: '/account/passkeys', access: 'self', ...confirmedJson, handle: addPasskey },
  {
    method: 'POST',
    path: '/account/passkeys/remove',
    access: 'self',
    ...confirmed,
    handle: removePasskey,
  },
  {
    method: 'POST',
    path: '/account/passkeys/rename',
    access: 'self',
    before: secretForm,
    handle: renamePasskey,
  },
  { method: 'GET', path: '/account/confirm', access: 'self', before: secret, handle: showConfirmation },
  { method: 'POST', path: '/account/confirm', access: 'self', before: secretForm, handle: confirm },
  {
    method: 'POST',
    path: '/account/confirm/passkey/options',
    access: 'self',
    before: secretJson,
    handle: offerPasskeyConfirmation,
  },
  {
    method: 'POST',
    path: '/account/confirm/passkey',
    access: 'self',
    before: secretJson,
    handle: confirmByPasskey,
  },
  { method: 'POST', path: '/account/pair', access: 'self', before: secret, handle: offerPairing },
  { method: 'GET', path: '/people', access: 'operate', before: secret, handle: showPeople },
  { method: 'POST', path: '/people/invitations', access: 'operate', ...confirmed, handle: invite },
  {
    method: 'POST',
    path: '/people/invitations/:id/end',
    access: 'operate',
    ...confirmed,
    handle: endInvitation,
  },
  { method: 'POST', path: '/people/left', access: 'operate', ...confirmed, handle: settleLeft },
  { method: 'POST', path: '/people/:id/role', access: 'operate', ...confirmed, handle: setRole },
  { method: 'POST', path: '/people/:id/disable', access: 'operate', ...confirmed, handle: disable },
  { method: 'POST', path: '/people/:id/enable', access: 'operate', ...confirmed, handle: enable },
  { method: 'POST', path: '/people/:id/remove', access: 'operate', ...confirmed, handle: removePerson },
  { method: 'GET', path: '/audit', access: 'operate', before: secret, handle: showAudit },
  { method: 'GET', path: '/offline', access: 'anyone', handle: showOffline },
  { method: 'GET', path: '/manifest.webmanifest', access: 'anyone', handle: sendManifest },
  { method: 'GET', path: '/service-worker.js', access: 'anyone', handle: sendServiceWorker },
  ...linkRoutes,
  { method: 'GET', path: '/healthz', access: 'anyone', handle: alive },
  { method: 'GET', path: '/readyz', access: 'anyone', handle: ready },
  { method: 'GET', path: '/metrics', access: 'anyone', handle: sendMetrics },
];
