// How often something may be tried, counted in memory: a restart forgets it. Knows keys, not what they stand for.

export type Allowance =
  | { readonly allowed: true }
  /** Whole milliseconds, at least 1: for Retry-After. */
  | { readonly allowed: false; readonly retryAfterMs: number };

export interface RateLimit {
  /** Counts one try, if it is allowed. */
  take(key: string): Allowance;
  /** Asks without counting. */
  look(key: string): Allowance;
  /** The latest try shall not have been one. */
  takeBack(key: string): void;
  /** As if nothing had been tried. */
  clear(key: string): void;
}

export interface RateOptions {
  readonly most: number;
  readonly perMs: number;
  /** Pause after so many tries within `perMs`, beside what `most` asks for; none if absent. */
  readonly pauseMs?: (tries: number) => number;
  /** Beyond this the key that was used longest ago is forgotten. */
  readonly mostKeys?: number;
  /** Milliseconds of any clock. When it jumps back, waits begin anew at its new time; when it jumps ahead, they end early. */
  readonly now: () => number;
}

/** With ten tries a key some 2 MB. */
const mostKeysUsually = 10_000;

/** A sliding window: within any `perMs`, at most `most` tries. */
export function openRateLimit(options: RateOptions): RateLimit {
  const { most, perMs, pauseMs = () => 0, mostKeys = mostKeysUsually, now } = options;
  // A map keeps its keys in the order in which they were put in: the first is the one that was used longest ago.
  const kept = new Map<string, readonly number[]>();

  /** Tries that still count. What lies ahead of the clock is moved to it for good, or its wait would never get shorter. */
  const recent = (key: string, at: number): readonly number[] => {
    const times = (kept.get(key) ?? []).map((time) => Math.min(time, at)).filter((time) => time > at - perMs);
    if (times.length > 0) kept.set(key, times);
    else kept.delete(key);
    return times;
  };
  const judge = (times: readonly number[], at: number): Allowance => {
    const last = times.at(-1);
    if (last === undefined) return { allowed: true };
    const full = (times.at(-most) ?? Number.NEGATIVE_INFINITY) + perMs;
    const retryAfterMs = Math.ceil(Math.max(full, last + pauseMs(times.length)) - at);
    return retryAfterMs > 0 ? { allowed: false, retryAfterMs } : { allowed: true };
  };
  const add = (key: string, times: readonly number[], at: number) => {
    kept.delete(key);
    kept.set(key, [...times, at]);
    const [oldest] = kept.keys();
    if (kept.size > mostKeys && oldest !== undefined) kept.delete(oldest);
  };

  return {
    take(key) {
      const at = now();
      const times = recent(key, at);
      const allowance = judge(times, at);
      if (allowance.allowed) add(key, times, at);
      return allowance;
    },
    look(key) {
      const at = now();
      return judge(recent(key, at), at);
    },
    takeBack(key) {
      const times = kept.get(key);
      if (times !== undefined) kept.set(key, times.slice(0, -1));
    },
    clear(key) {
      kept.delete(key);
    },
  };
}
