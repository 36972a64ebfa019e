// The errors that cross floors: an expected refusal, told in one sentence that ends with what to do, and a lost child.

export const errorCodes = [
  'bad-request',
  'bad-upload',
  'no-file',
  'empty-file',
  'unsupported-type',
  'unreadable',
  'too-many-pixels',
  'too-many-frames',
  'too-large',
  'title-too-long',
  'not-found',
  'edited-meanwhile',
  'precondition-failed',
  'precondition-required',
  'wrong-content-type',
  'wrong-host',
  'foreign-origin',
  'no-origin',
  'wrong-token',
  'disk-full',
  'busy',
  'method-not-allowed',
  'not-acceptable',
  'bad-range',
  'too-slow',
  'offline',
  'bad-model',
  'bad-label',
  'bad-box',
  'too-many-labels',
  'no-engine',
  'rerun-over',
  'wrong-digest',
  'wrong-checksum',
  'wrong-offset',
  'wrong-protocol',
  'no-upload',
  'upload-expired',
  'too-many-uploads',
  'quota-used-up',
  'not-allowed',
  'not-in-trash',
  'signed-out',
  'other-user',
  'local-only',
  'bad-user-name',
  'name-taken',
  'last-owner',
  'already-set-up',
  'grant-over',
  'passkey-taken',
  'password-too-short',
  'password-too-long',
  'password-too-common',
  'password-like-name',
  'passwords-differ',
  'not-confirmed',
  'wrong-password',
  'wrong-link-password',
  'wrong-sign-in',
  'too-many-tries',
  'bad-passkey',
  'no-link',
  'link-over',
  'link-full',
  'link-locked',
  'internal',
  'unavailable',
  'read-only',
  'database-damaged',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** Numbers and names that a sentence in any language may need; never a path, never SQL. */
export type ErrorFacts = Readonly<Record<string, string | number>>;

/** The same words for a photo that never was and one that is gone. */
export const noSuchPhoto = () =>
  new GalleryError('not-found', 'There is no such photo; it may have been deleted.');

export const notInTrash = () =>
  new GalleryError(
    'not-in-trash',
    'Only what lies in the trash is deleted for good; delete the photo first.',
  );

export const noSuchRerun = () =>
  new GalleryError('not-found', 'There is no such re-run; look at the list of re-runs.');

export const fileTooLarge = (maxBytes: number) => {
  const limitMb = Math.floor(maxBytes / 1024 / 1024);
  return new GalleryError('too-large', `The file is larger than ${limitMb} MB; choose a smaller one.`, {
    limitMb,
  });
};

export class GalleryError extends Error {
  override readonly name = 'GalleryError';
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;

  /** @param message one English sentence for the log and for programs; pages say it in the reader's language by `code`. */
  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.facts = facts;
  }
}

/**
 * The bytes came, and could not be brought to the disk: reading them may say otherwise until the power fails, and so may the next sync.
 * They have to be sent again.
 */
export class BytesLost extends GalleryError {
  constructor({ code, message, facts, cause }: GalleryError) {
    super(code, message, facts, { cause });
  }
}

/** Not a refusal: the same bytes may be taken another time, so whoever holds them keeps them. */
export function mayPass(error: unknown): boolean {
  if (error instanceof BytesLost) return false;
  if (!(error instanceof GalleryError)) return true;
  return ['busy', 'unavailable', 'disk-full', 'internal', 'read-only', 'database-damaged'].includes(
    error.code,
  );
}

/** What ended a child instead of an answer. Worth another try, for at most three in all. */
export class DarkroomError extends Error {
  override readonly name = 'DarkroomError';
  /** `not-started`: no child came to life, so nothing is said about the picture. */
  readonly code: 'crashed' | 'timed-out' | 'out-of-memory' | 'not-started' | 'closed';

  constructor(code: DarkroomError['code'], message: string) {
    super(message);
    this.code = code;
  }
}
