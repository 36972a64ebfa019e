// What is expected of every route, a line each: what its address or body speaks of, what somebody needs of that, and the answer to whoever
// may. Written down by hand, beside the table of routes and not derived from it: a route without a line is a route nobody thought about.
import type { Access } from '../../src/http/access.ts';

export type Subject =
  | 'photo'
  | 'trashed'
  | 'waiting'
  | 'rerun'
  | 'upload'
  | 'link'
  | 'session'
  | 'user'
  | 'invitation'
  | 'model'
  | 'shown'
  | 'taken';

/** `see` it; have it to `keep`; `change` it; `share` or `hide` it; have begun it (`own`). */
export type Need = 'see' | 'keep' | 'change' | 'share' | 'hide' | 'own';

export interface Line {
  readonly for: Access;
  /** Only soon after they have shown who they are. */
  readonly confirmed?: true;
  readonly of?: Subject;
  readonly needs?: Need;
  /** The status for whoever may; several where it depends on who they are. */
  readonly ok: number | readonly number[];
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: object | ((id: string) => object);
  readonly headers?: Readonly<Record<string, string>>;
  readonly raw?: { readonly type: string; readonly body: string };
  /** Nothing here tells whether there is such a thing. */
  readonly silent?: true;
}

const tus = { 'Tus-Resumable': '1.0.0' };
const multipart = { type: 'multipart/form-data; boundary=x', body: '--x--\r\n' };
const piece = { type: 'application/offset+octet-stream', body: 'abc' };
const password = 'seven geese over the river';
const see = { of: 'photo', needs: 'see' } as const;
const change = { of: 'photo', needs: 'change' } as const;
const rerun = { of: 'rerun', needs: 'change' } as const;
const user = { of: 'user', ok: 200 } as const;
/** Nobody has such a token, here or there. */
const door = [303, 403, 409, 410] as const;

export const accessLines: Readonly<Record<string, Line>> = {
  'GET /': { for: 'look', ok: 200 },
  'GET /photos/new': { for: 'add', ok: 200 },
  'POST /photos': { for: 'add', ok: 400, raw: multipart },
  'POST /uploads': { for: 'add', ok: 201, headers: { ...tus, 'Upload-Length': '10' } },
  'OPTIONS /uploads': { for: 'anyone', ok: 204 },
  'HEAD /uploads/:id': { for: 'add', of: 'upload', needs: 'own', ok: 200, headers: tus },
  'PATCH /uploads/:id': {
    for: 'add',
    of: 'upload',
    needs: 'own',
    ok: 204,
    headers: { ...tus, 'Upload-Offset': '0' },
    raw: piece,
  },
  'DELETE /uploads/:id': { for: 'add', of: 'upload', needs: 'own', ok: 204, headers: tus },
  'GET /digests/:sha256': { for: 'add', of: 'photo', needs: 'keep', ok: 200, silent: true },
  'GET /photos/:id': { for: 'look', ...see, ok: 200 },
  'POST /photos/:id': { for: 'add', ...change, ok: 200, form: { title: 'Another' } },
  'PATCH /photos/:id': {
    for: 'add',
    ...change,
    ok: 200,
    json: { title: 'Another' },
    headers: { 'If-Match': '*' },
  },
  'DELETE /photos/:id': { for: 'add', ...change, ok: 204 },
  'POST /photos/:id/delete': { for: 'add', ...change, ok: 204 },
  'POST /photos/:id/privacy': { for: 'add', of: 'photo', needs: 'hide', ok: 200, json: { private: true } },
  'POST /photos/:id/restore': { for: 'add', of: 'trashed', needs: 'change', ok: 200 },
  'POST /photos/:id/remove': { for: 'add', of: 'trashed', needs: 'change', ok: 204 },
  'GET /trash': { for: 'add', ok: 200 },
  'POST /trash/empty': { for: 'add', confirmed: true, ok: 200 },
  'POST /photos/:id/retry': { for: 'add', ...change, ok: 202 },
  'POST /photos/:id/corrections': { for: 'add', ...change, ok: 200, json: { kind: 'add', label: 'cup' } },
  'POST /photos/:id/undo': { for: 'add', ...change, ok: 409, json: { change: 1 } },
  'POST /threshold': { for: 'look', ok: [200, 204, 303], form: { all: '60' } },
  'GET /labels': { for: 'look', ok: 200 },
  'GET /detection': { for: 'operate', ok: 200 },
  'POST /models': { for: 'operate', ok: [400, 422], raw: multipart },
  'POST /models/auto': { for: 'operate', ok: [200, 202] },
  'POST /models/:name/fetch': { for: 'operate', of: 'model', ok: 404 },
  'POST /models/:name/cancel': { for: 'operate', of: 'model', ok: 404 },
  'POST /models/:name/verify': { for: 'operate', of: 'model', ok: 404 },
  'POST /models/:name/use': { for: 'operate', of: 'model', ok: 404 },
  'POST /reruns': { for: 'add', ...change, ok: 202, json: (photo) => ({ photo }) },
  'GET /reruns/:id': { for: 'add', ...rerun, ok: 200 },
  'POST /reruns/:id/apply': { for: 'add', ...rerun, ok: 200 },
  'POST /reruns/:id/pause': { for: 'add', ...rerun, ok: 200 },
  'POST /reruns/:id/resume': { for: 'add', ...rerun, ok: 200 },
  'POST /reruns/:id/cancel': { for: 'add', ...rerun, ok: 200 },
  'GET /failed': { for: 'add', ok: 200 },
  'POST /failed/retry': { for: 'operate', ok: [200, 202] },
  'GET /verification': { for: 'operate', ok: 200 },
  'POST /verification': { for: 'operate', ok: [200, 202] },
  'POST /verification/:sha256': { for: 'operate', ...see, ok: 200 },
  'GET /media/:id/original': { for: 'look', ...see, ok: 200 },
  'GET /media/:id/:name': { for: 'look', ...see, ok: 200 },
  'GET /events': { for: 'look', ok: 200 },
  'GET /shoot': { for: 'add', ok: 200 },
  'POST /share': { for: 'add', ok: 400, raw: multipart },
  'GET /sign-in': { for: 'anyone', ok: [200, 303] },
  // Tried seven times in a row.
  'POST /sign-in': { for: 'anyone', ok: [401, 403, 429], form: { name: 'nobody', password } },
  'POST /sign-in/passkey/options': { for: 'anyone', ok: [200, 403], json: {} },
  'POST /sign-in/passkey': { for: 'anyone', ok: [400, 403, 422], json: {} },
  'POST /sign-out': { for: 'anyone', ok: [200, 204, 303, 403] },
  'GET /set-up': { for: 'anyone', ok: door },
  'POST /set-up': { for: 'anyone', ok: door, form: { token: 'x', name: 'Mallory', password } },
  'GET /invite': { for: 'anyone', ok: door },
  'POST /invite': { for: 'anyone', ok: door, form: { token: 'x', name: 'Mallory', password } },
  'GET /pair': { for: 'anyone', ok: door },
  'POST /pair': { for: 'anyone', ok: door, form: { token: 'x' } },
  'GET /account': { for: 'self', ok: 200 },
  'POST /account/password': { for: 'self', ok: 403, form: { present: 'wrong', password, again: password } },
  'POST /account/sessions/:id/end': { for: 'self', of: 'session', needs: 'own', ok: 204 },
  'POST /account/sessions/end': { for: 'self', ok: 200 },
  'POST /account/passkeys/options': { for: 'self', confirmed: true, ok: [200, 422, 403], json: {} },
  'POST /account/passkeys': { for: 'self', confirmed: true, ok: [400, 422], json: {} },
  'POST /account/passkeys/remove': { for: 'self', confirmed: true, ok: [400, 404], form: { id: 'x' } },
  'POST /account/passkeys/rename': { for: 'self', ok: 404, form: { id: 'x', name: 'y' } },
  'GET /account/confirm': { for: 'self', ok: 200 },
  'POST /account/confirm': { for: 'self', ok: 403, form: { present: 'wrong' } },
  'POST /account/confirm/passkey/options': { for: 'self', ok: 200, json: {} },
  'POST /account/confirm/passkey': { for: 'self', ok: 400, json: {} },
  'POST /account/pair': { for: 'self', ok: 201 },
  'GET /people': { for: 'operate', ok: 200 },
  'POST /people/invitations': { for: 'operate', confirmed: true, ok: 201, form: { role: 'viewer' } },
  'POST /people/invitations/:id/end': { for: 'operate', confirmed: true, of: 'invitation', ok: 204 },
  'POST /people/left': { for: 'operate', confirmed: true, ok: 200, form: { private: 'trash' } },
  'POST /people/:id/role': { for: 'operate', confirmed: true, ...user, form: { role: 'viewer' } },
  'POST /people/:id/disable': { for: 'operate', confirmed: true, ...user },
  'POST /people/:id/enable': { for: 'operate', confirmed: true, ...user },
  'POST /people/:id/remove': { for: 'operate', confirmed: true, of: 'user', ok: 204 },
  'GET /audit': { for: 'operate', ok: 200 },
  'GET /offline': { for: 'anyone', ok: 200 },
  'GET /manifest.webmanifest': { for: 'anyone', ok: 200 },
  'GET /service-worker.js': { for: 'anyone', ok: 200 },
  'GET /links': { for: 'add', ok: 200 },
  'POST /links': { for: 'add', of: 'photo', needs: 'share', ok: 201, json: (photo) => ({ photo }) },
  'GET /links/new': { for: 'add', ok: 200 },
  'POST /links/:id/revoke': { for: 'add', of: 'link', needs: 'change', ok: 200 },
  'GET /moderation': { for: 'add', ok: 200 },
  'POST /moderation/approve': { for: 'add', ok: 200 },
  'POST /photos/:id/approve': { for: 'add', of: 'waiting', needs: 'change', ok: 200 },
  'GET /s/:token': { for: 'anyone', of: 'shown', ok: 200 },
  'POST /s/:token': { for: 'anyone', of: 'shown', ok: [303, 400, 403], form: { password } },
  'GET /s/:token/photos/:id': { for: 'anyone', of: 'shown', ok: 200 },
  'GET /s/:token/media/:id/original': { for: 'anyone', of: 'shown', ok: 200 },
  'GET /s/:token/media/:id/:name': { for: 'anyone', of: 'shown', ok: 200 },
  'GET /u/:token': { for: 'anyone', of: 'taken', ok: 200 },
  'POST /u/:token': { for: 'anyone', of: 'taken', ok: [303, 400, 403], form: { password } },
  'POST /u/:token/photos': { for: 'anyone', of: 'taken', ok: 400, raw: multipart },
  'GET /healthz': { for: 'anyone', ok: 200 },
  'GET /readyz': { for: 'anyone', ok: 200 },
  'GET /metrics': { for: 'anyone', ok: 200 },
};

/** To each page, from which addresses that take POST only a browser is led that asks for them. */
export const waysBack: Readonly<Record<string, readonly string[]>> = {
  '/': ['/reruns', '/sign-out', '/threshold'],
  '/photos/new': ['/photos', '/share'],
  '/photos/:id': [
    ...['delete', 'privacy', 'restore', 'remove', 'retry', 'corrections', 'undo', 'approve'].map(
      (verb) => `/photos/:id/${verb}`,
    ),
  ],
  '/trash': ['/trash/empty'],
  '/verification': ['/verification/:sha256'],
  '/detection': [
    '/models',
    ...['auto', ':name/fetch', ':name/cancel', ':name/verify', ':name/use'].map((what) => `/models/${what}`),
  ],
  '/reruns/:id': ['apply', 'pause', 'resume', 'cancel'].map((verb) => `/reruns/:id/${verb}`),
  '/failed': ['/failed/retry'],
  '/sign-in': ['/sign-in/passkey/options', '/sign-in/passkey'],
  '/account': [
    ...['password', 'pair', 'sessions/:id/end', 'sessions/end'].map((what) => `/account/${what}`),
    ...['', '/options', '/remove', '/rename'].map((what) => `/account/passkeys${what}`),
  ],
  '/account/confirm': ['/account/confirm/passkey/options', '/account/confirm/passkey'],
  '/people': [
    ...['invitations', 'invitations/:id/end', 'left'].map((what) => `/people/${what}`),
    ...['role', 'disable', 'enable', 'remove'].map((verb) => `/people/:id/${verb}`),
  ],
  '/links': ['/links/:id/revoke'],
  '/moderation': ['/moderation/approve'],
  '/u/:token': ['/u/:token/photos'],
};
