// The one error that crosses floors: an expected refusal, told in one sentence that ends with what to do.

export const errorCodes = [
  'bad-request',
  'bad-upload',
  'no-file',
  'empty-file',
  'unsupported-type',
  'heic',
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
  'disk-full',
  'busy',
  'method-not-allowed',
  'not-acceptable',
  'bad-range',
  'too-slow',
  'internal',
  'unavailable',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** Numbers and names that a sentence in any language may need; never a path, never SQL. */
export type ErrorFacts = Readonly<Record<string, string | number>>;

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
