// What every trial shares: how it reports, and how it reads its own command line. Refuses to judge: run.ts does that.

export interface Result {
  readonly trial: string;
  /** What was measured, in a few words. */
  readonly what: string;
  /** By name, the unit in the name: `{ 'ours ms': 12.1, 'raw ms': 8.7 }`. */
  readonly figures: Readonly<Record<string, number>>;
  /** Ours against the raw limit of the same run. */
  readonly ratio?: number;
  /** What `ratio` should be: `<= 2` or `>= 0.8`. */
  readonly goal?: `${'<=' | '>='} ${number}`;
}

/** With `--short` a trial takes a few seconds and says little; it only shows that it works. */
export const isShort = process.argv.includes('--short');

/** One line of JSON, which run.ts collects. */
export function report(result: Result): void {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

/** The value below which a share 0..1 of the values lies, by nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1))] ?? Number.NaN;
}

export const median = (values: readonly number[]) => percentile(values, 0.5);
