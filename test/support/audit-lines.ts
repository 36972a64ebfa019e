// Of every route that changes something: what it writes down for whoever runs the gallery, or why nothing. Written by hand, beside the table
// of routes and not derived from it: a changing route without a line is one about which nobody decided.

/** The actions of its entries; or a sentence that says why there are none. */
export type AuditLine = readonly string[] | string;

/** An upload is its own record: the photo says from whom and since when it is there. Sent again it may hide a photo or bring it back. */
const sentAgain = ['photo-hidden', 'photo-restored', 'guest-photo-approved'];
const said =
  'titles and corrections are in the history of the photo, can be taken back, and may be private words';
const looking = 'it asks for a look at photos: nothing that people did or may do is changed by that';
const looked = 'a setting of one browser';
const step = 'the first half of a step whose second half is written down';

export const auditLines: Readonly<Record<string, AuditLine>> = {
  'POST /photos': sentAgain,
  'POST /uploads': sentAgain,
  'PATCH /uploads/:id': sentAgain,
  'DELETE /uploads/:id': 'what ends here never was a photo',
  'POST /share': sentAgain,
  'POST /u/:token/photos': 'the photo says by which link and from whom it came, and waits to be let in',
  'POST /photos/:id': said,
  'PATCH /photos/:id': said,
  'POST /photos/:id/corrections': said,
  'POST /photos/:id/undo': said,
  'DELETE /photos/:id': ['photo-trashed', 'guest-photo-refused', 'photo-removed'],
  'POST /photos/:id/delete': ['photo-trashed', 'guest-photo-refused'],
  'POST /photos/:id/privacy': ['photo-hidden', 'photo-shown'],
  'POST /photos/:id/restore': ['photo-restored'],
  'POST /photos/:id/remove': ['photo-removed'],
  'POST /trash/empty': ['trash-emptied'],
  'POST /photos/:id/approve': ['guest-photo-approved'],
  'POST /moderation/approve': ['guest-photos-approved'],
  'POST /links': ['share-link-made', 'upload-link-made'],
  'POST /links/:id/revoke': ['share-link-revoked', 'upload-link-revoked'],
  'POST /photos/:id/retry': looking,
  'POST /failed/retry': looking,
  'POST /verification': looking,
  'POST /verification/:sha256': 'only the very bytes that are missing come back',
  'POST /threshold': looked,
  'POST /models': 'models are listed on the page of detection, with where each came from',
  'POST /models/auto': looking,
  'POST /models/:name/fetch': looking,
  'POST /models/:name/cancel': looking,
  'POST /models/:name/verify': looking,
  'POST /models/:name/use': looking,
  'POST /reruns': 'a re-run is listed with what it changed, and people’s words are never touched',
  'POST /reruns/:id/apply': 'as above',
  'POST /reruns/:id/pause': 'as above',
  'POST /reruns/:id/resume': 'as above',
  'POST /reruns/:id/cancel': 'as above',
  'POST /sign-in': ['signed-in', 'sign-in-failed'],
  'POST /sign-in/passkey/options': step,
  'POST /sign-in/passkey': ['signed-in-by-passkey', 'sign-in-failed'],
  'POST /sign-out': ['signed-out'],
  'POST /set-up': ['set-up'],
  'POST /invite': ['invitation-accepted'],
  'POST /pair': ['paired'],
  'POST /account/password': ['password-changed', 'confirmation-failed'],
  'POST /account/sessions/:id/end': ['session-ended'],
  'POST /account/sessions/end': ['sessions-ended'],
  'POST /account/passkeys/options': step,
  'POST /account/passkeys': ['passkey-added'],
  'POST /account/passkeys/remove': ['passkey-removed'],
  'POST /account/passkeys/rename': ['passkey-renamed'],
  'POST /account/confirm': ['confirmed', 'confirmation-failed'],
  'POST /account/confirm/passkey/options': step,
  'POST /account/confirm/passkey': ['confirmed-by-passkey', 'confirmation-failed'],
  'POST /account/pair': step,
  'POST /people/invitations': ['invited'],
  'POST /people/invitations/:id/end': ['invitation-ended'],
  'POST /people/left': ['left-photos-taken', 'left-photos-trashed'],
  'POST /people/:id/role': ['made-owner', 'made-member', 'made-viewer'],
  'POST /people/:id/disable': ['user-disabled'],
  'POST /people/:id/enable': ['user-enabled'],
  'POST /people/:id/remove': ['user-removed', 'left-photos-taken', 'left-photos-trashed'],
  'POST /s/:token': 'visits of a link are counted; wrong passwords are counted by address',
  'POST /u/:token': 'as above',
};

/** Not by a route: the clock, the command line, and what is written in place of too much. */
export const otherActions: readonly string[] = ['trash-expired', 'user-added', 'more-done'];
