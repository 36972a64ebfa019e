// Keeps passwords so that who reads the database can't use them: scrypt, written as a PHC string. Never keeps, logs or returns one.
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import type { Share } from './shares.ts';
import { openTurns, type Turns } from './turns.ts';

declare const brand: unique symbol;

/** `$scrypt$ln=15,r=8,p=3$<salt>$<hash>`, both base64 without padding, as PHC strings are. */
export type PasswordHash = string & { readonly [brand]: 'PasswordHash' };

export interface Verdict {
  readonly isRight: boolean;
  /** Right, but made with other costs than today's: hash the same password again and keep that. */
  readonly needsRehash: boolean;
}

export interface Passwords {
  /** As it was typed: nothing is normalised or cut. Rejects TurnRefused when too many wait, or with the signal's reason. */
  hash(password: string, signal?: AbortSignal): Promise<PasswordHash>;
  /**
   * Takes the costs from the hash. For undefined, and for what is no hash, it works as long and says no, so that time does not tell
   * whether somebody exists. Rejects as `hash`.
   */
  verify(password: string, hash: string | undefined, signal?: AbortSignal): Promise<Verdict>;
  /** The same, for somebody who may have only so many waiting. */
  sharedBy(shares: readonly Share[]): Passwords;
}

/** N = 2 ** ln. */
export interface Costs {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/** ASVS 5.0, appendix C, approves N >= 2 ** 15 with p >= 3: 32 MiB, and a quarter of a second of one core. */
const costsToday: Costs = { ln: 15, r: 8, p: 3 };

const saltBytes = 16;
const keyBytes = 32;
/** Node allows 32 MiB, which N = 2 ** 15 just exceeds. What a hash asks for beyond this is refused. */
const maxMemoryBytes = 64 * 1024 * 1024;

/** Two take 64 MiB and half of the four threads that also read files. */
const atOnce = 2;
const mostWaiting = 50;
const longestWaitMs = 10_000;

/** Open one for the process: what it bounds is the memory and the cores of this machine. */
export function openPasswords(costs: Costs = costsToday): Passwords {
  return passwordsIn(openTurns({ atOnce, mostWaiting }), costs, []);
}

function passwordsIn(turns: Turns, costs: Costs, shares: readonly Share[]): Passwords {
  const compute = async (password: string, salt: Buffer, at: Costs, signal = deadline()) =>
    await inTurn(turns.take(signal, shares), () => derive(password, salt, at));

  return {
    sharedBy: (others) => passwordsIn(turns, costs, others),
    async hash(password, signal) {
      const salt = randomBytes(saltBytes);
      return format({ costs, salt, key: await compute(password, salt, costs, signal) });
    },
    async verify(password, hash, signal) {
      const kept = hash === undefined ? undefined : parse(hash);
      const { salt, key, costs: at } = kept ?? { salt: randomBytes(saltBytes), key: nobody, costs };
      const isRight = timingSafeEqual(await compute(password, salt, at, signal), key) && kept !== undefined;
      return { isRight, needsRehash: isRight && !isSame(at, costs) };
    },
  };
}

const deadline = () => AbortSignal.timeout(longestWaitMs);

async function inTurn<T>(turn: Promise<() => void>, work: () => Promise<T>): Promise<T> {
  const release = await turn;
  try {
    return await work();
  } finally {
    release();
  }
}

function derive(password: string, salt: Buffer, { ln, r, p }: Costs): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** ln, r, p, maxmem: maxMemoryBytes };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, keyBytes, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

interface Kept {
  readonly costs: Costs;
  readonly salt: Buffer;
  readonly key: Buffer;
}

/** Compared with when nobody is asked for; that it is no password's key is not what it rests on. */
const nobody = Buffer.alloc(keyBytes);

const format = ({ costs: { ln, r, p }, salt, key }: Kept) =>
  `$scrypt$ln=${ln},r=${r},p=${p}$${base64(salt)}$${base64(key)}` as PasswordHash;

const base64 = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');

const phc = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{22,86})\$([A-Za-z0-9+/]{43})$/;

/** Undefined for what is no hash of ours, also when it asks for more memory or time than a hash may. */
function parse(text: string): Kept | undefined {
  const [, ln, r, p, salt = '', key = ''] = phc.exec(text) ?? [];
  const costs = { ln: Number(ln), r: Number(r), p: Number(p) };
  if (!isBearable(costs)) return undefined;
  return { costs, salt: Buffer.from(salt, 'base64'), key: Buffer.from(key, 'base64') };
}

// RFC 7914: scrypt takes 128 * N * r bytes, and p times the work.
const isBearable = ({ ln, r, p }: Costs) =>
  ln >= 1 && r >= 1 && p >= 1 && p <= 16 && 128 * 2 ** ln * r < maxMemoryBytes;

const isSame = (a: Costs, b: Costs) => a.ln === b.ln && a.r === b.r && a.p === b.p;
