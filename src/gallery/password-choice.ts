// What becomes of a password that somebody chooses: a hash, or a refusal that says what is wrong with it.
import { type PasswordFault, passwordFault } from '../security/password-rules.ts';
import type { PasswordHash, Passwords } from '../security/passwords.ts';
import { TurnRefused } from '../security/turns.ts';
import { type ErrorCode, GalleryError } from './errors.ts';

/**
 * Rejects `password-too-short`, `password-too-long`, `password-too-common`, `password-like-name`, `busy`.
 * @param name of whoever will use it
 */
export async function choosePassword(
  passwords: Passwords,
  password: string,
  name: string,
  signal?: AbortSignal,
): Promise<PasswordHash> {
  const fault = await passwordFault(password, name);
  if (fault !== undefined) throw new GalleryError(codes[fault], sentences[fault]);
  return await passwords.hash(password, signal).catch((error: unknown) => {
    throw busyOrSo(error);
  });
}

/** What hashing rejects with, in the gallery's words; anything else as it came. */
export function busyOrSo(error: unknown): unknown {
  const isLate = error instanceof DOMException && error.name === 'TimeoutError';
  if (!(error instanceof TurnRefused) && !isLate) return error;
  return new GalleryError(
    'busy',
    'Too many people are signing in; try again in a moment.',
    {},
    { cause: error },
  );
}

const codes: Readonly<Record<PasswordFault, ErrorCode>> = {
  'too-short': 'password-too-short',
  'too-long': 'password-too-long',
  'too-common': 'password-too-common',
  'like-the-name': 'password-like-name',
};

const sentences: Readonly<Record<PasswordFault, string>> = {
  'too-short': 'A password has at least 12 characters; three or four words make a good one.',
  'too-long': 'A password has at most 128 characters; choose a shorter one.',
  'too-common': 'Many people use this password, so it is soon guessed; choose three or four unrelated words.',
  'like-the-name': 'This password is little more than the name; choose three or four unrelated words.',
};
