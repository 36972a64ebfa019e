// Secrets that are handed out once and kept only as their digest: for sessions, invitations, pairing. Nothing is signed and nothing is
// read out of them: whatever a token stands for lies in the database, where it can be ended.
import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';

declare const brand: unique symbol;

/** 32 random bytes, base64url: 43 characters. Only its holder has it. */
export type Token = string & { readonly [brand]: 'Token' };

/** SHA-256, 64 lower-case hex digits. A fast digest is enough for what nobody can guess. */
export type TokenHash = string & { readonly [brand]: 'TokenHash' };

/** For reading out and typing: 8 characters of 32, so 40 bits. Too few without a short life and a limit of tries. */
export type HumanCode = string & { readonly [brand]: 'HumanCode' };

const tokenBytes = 32;
const codeLength = 8;

/** Crockford's base 32: no I, L, O or U, so that nothing looks like a digit and hardly anything like a word. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export const newToken = (): Token => randomBytes(tokenBytes).toString('base64url') as Token;

/** Undefined for what can't be a token, so that a visitor's string of any length costs nothing. */
export function parseToken(text: string): Token | undefined {
  // The last of 43 characters carries only four bits: of four ways to write it, one is ours.
  return /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.test(text) ? (text as Token) : undefined;
}

export const newCode = (): HumanCode =>
  Array.from({ length: codeLength }, () => alphabet[randomInt(alphabet.length)]).join('') as HumanCode;

/** However it was typed: small letters, gaps, O for 0, I and L for 1. Undefined for what can't be a code. */
export function parseCode(text: string): HumanCode | undefined {
  const code = text
    .slice(0, 40)
    .toUpperCase()
    .replace(/[\s-]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
  const isCode = code.length === codeLength && [...code].every((char) => alphabet.includes(char));
  return isCode ? (code as HumanCode) : undefined;
}

/** `7K3M-Q9TX`, as people read it. */
export const spellCode = (code: HumanCode): string => `${code.slice(0, 4)}-${code.slice(4)}`;

/** What is kept. */
export const hashToken = (token: Token | HumanCode): TokenHash =>
  createHash('sha256').update(token).digest('hex') as TokenHash;

/** In a time that does not tell where two texts begin to differ, nor how long the secret one is. */
export function isSameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
