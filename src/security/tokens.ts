// Secrets that are handed out once and kept only as their digest: for sessions, invitations, pairing. Nothing is signed and nothing is
// read out of them: whatever a token stands for lies in the database, where it can be ended.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

declare const brand: unique symbol;

/** 32 random bytes, base64url: 43 characters. Only its holder has it. */
export type Token = string & { readonly [brand]: 'Token' };

/** SHA-256, 64 lower-case hex digits. A fast digest is enough for what nobody can guess. */
export type TokenHash = string & { readonly [brand]: 'TokenHash' };

const tokenBytes = 32;

export const newToken = (): Token => randomBytes(tokenBytes).toString('base64url') as Token;

/** Undefined for what can't be a token, so that a visitor's string of any length costs nothing. */
export function parseToken(text: string): Token | undefined {
  // The last of 43 characters carries only four bits: of four ways to write it, one is ours.
  return /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.test(text) ? (text as Token) : undefined;
}

/** What is kept. */
export const hashToken = (token: Token): TokenHash =>
  createHash('sha256').update(token).digest('hex') as TokenHash;

/** In a time that does not tell where two texts begin to differ, nor how long the secret one is. */
export function isSameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
