// How often somebody may try to be somebody: by account and address, so that only the address that fails has to wait and whoever owns
// the account is let in from anywhere else meanwhile.
import { isIPv6 } from 'node:net';
import { type Allowance, openRateLimit } from './rates.ts';

export interface SignInTry {
  /** As it was typed, or an id. */
  readonly account: string;
  /** Of the visitor, not of a proxy: else everybody is the same one. */
  readonly address: string;
}

export interface SignInLimit {
  /**
   * Ask before the password is looked at. A try that is allowed counts as a failure from then on, so that many at once are no way
   * around the limit; `succeeded` takes that back.
   */
  begin(attempt: SignInTry): Allowance;
  /**
   * Forgets the failures of this account from this address. Of what the address failed at with other accounts it forgets nothing:
   * else one account of one's own would open all the others.
   */
  succeeded(attempt: SignInTry): void;
}

const perMs = 15 * 60_000;

/** ASVS 6.3.1 leaves the figures open. 10 an account and address (of IPv6: the /64), with pauses from the fifth on; 100 an address, whatever the account. */
export function openSignInLimit(now: () => number): SignInLimit {
  const accounts = openRateLimit({ most: 10, perMs, pauseMs: pauseAfter, now });
  const neighbourhoods = openRateLimit({ most: 100, perMs, now });

  return {
    begin({ account, address }) {
      const neighbourhood = neighbourhoodOf(address);
      const ofAll = neighbourhoods.look(neighbourhood);
      if (!ofAll.allowed) return ofAll;
      const ofOne = accounts.take(keyOf(account, neighbourhood));
      return ofOne.allowed ? neighbourhoods.take(neighbourhood) : ofOne;
    },
    succeeded({ account, address }) {
      const neighbourhood = neighbourhoodOf(address);
      accounts.clear(keyOf(account, neighbourhood));
      neighbourhoods.takeBack(neighbourhood);
    },
  };
}

/** 1 s after the fifth failure, then twice as long each time: 16 s after the ninth. */
const pauseAfter = (failures: number): number => (failures < 5 ? 0 : 1000 * 2 ** (failures - 5));

// That two long names may share their count is better than keeping whatever a visitor sends.
const keyOf = (account: string, neighbourhood: string) =>
  `${neighbourhood} ${account.slice(0, 80).normalize('NFC').toLowerCase()}`;

/**
 * Of IPv6 the /64, which is what one household or one rented machine has to itself: 2^64 addresses of one visitor must not have
 * a limit each. IPv4 as it is, also when it comes as `::ffff:192.0.2.1`.
 */
export function neighbourhoodOf(address: string): string {
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [plain = ''] = address.split('%');
  if (!isIPv6(plain)) return address;
  const [head = [], tail = []] = plain
    .split('::')
    .map((half) => half.split(':').filter((group) => group !== ''));
  const gap = plain.includes('::') ? Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0') : [];
  const groups = [...head, ...gap, ...tail].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
