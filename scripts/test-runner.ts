// What every command that runs tests shares: node's runner on some files, what became of each test, and why some were left out.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Outcome {
  readonly file: string;
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Why it was skipped; else empty. */
  readonly reason: string;
}

/** What a test wished to say of itself, in figures. */
export interface Told {
  readonly file: string;
  readonly told: string;
}

export interface Run {
  readonly files: readonly string[];
  /** Files at a time. */
  readonly concurrency: number;
  /** Only tests with such a name, as `--test-name-pattern` has it. */
  readonly only?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** For one test; ten minutes if absent. */
  readonly longestMs?: number;
}

export interface TestRunner {
  /** Shows a line a file and every failure whole. False when something failed. */
  run(run: Run): boolean;
  /** Of everything that ran so far. */
  outcomes(): readonly Outcome[];
  /** As if these files had not run yet. */
  forget(files: readonly string[]): void;
  told(): readonly Told[];
  close(): void;
}

const root = fileURLToPath(new URL('../', import.meta.url));

/** Reasons for which CI may leave a test out. Anything else would be a test that silently never runs. */
const allowedInCi: readonly RegExp[] = [
  /SAJIN_TEST_DATA/, // pictures and models that are not ours to ship; fixtures cover the same ground
  /^needs root\b/,
  /^needs Node \d+/,
];

/** Every test file of the project, by its path from the root. */
export const testFiles = (): string[] =>
  readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .map((name) => `test/${name.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.test.ts'))
    .sort();

export function openTestRunner(): TestRunner {
  const folder = mkdtempSync(join(tmpdir(), 'sajin-tests-'));
  const record = join(folder, 'outcomes.jsonl');
  const lines = () =>
    existsSync(record)
      ? readFileSync(record, 'utf8')
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as Outcome | Told)
      : [];
  return {
    run: ({ files, concurrency, only, env = {}, longestMs = 10 * 60_000 }) => {
      const { status } = spawnSync(
        process.execPath,
        [
          ...['--import', 'tsx', '--import', './scripts/test-setup.mjs'],
          ...['--test', `--test-concurrency=${concurrency}`, `--test-timeout=${longestMs}`],
          ...(only === undefined ? [] : [`--test-name-pattern=${only}`]),
          ...['--test-reporter=./scripts/test-reporter.mjs', '--test-reporter-destination=stdout'],
          ...files,
        ],
        { cwd: root, stdio: 'inherit', env: { ...process.env, ...env, SAJIN_TEST_RECORD: record } },
      );
      return status === 0;
    },
    outcomes: () => lines().filter((line): line is Outcome => 'outcome' in line),
    forget(files) {
      const left = lines().filter(({ file }) => !files.includes(file));
      writeFileSync(record, left.map((line) => `${JSON.stringify(line)}\n`).join(''));
    },
    told: () => lines().filter((line): line is Told => 'told' in line),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Shows what was left out and why; returns the tests that CI must not leave out. */
function explainSkipped(outcomes: readonly Outcome[]): readonly Outcome[] {
  const skipped = outcomes.filter(({ outcome }) => outcome === 'skipped');
  const byReason = new Map<string, Outcome[]>();
  for (const test of skipped) byReason.set(test.reason, [...(byReason.get(test.reason) ?? []), test]);
  for (const [reason, tests] of byReason) {
    say(`skipped, ${reason || 'without a reason'}:`);
    for (const { file, name } of tests) say(`  ${file}: ${name}`);
  }
  return skipped.filter(({ reason }) => !allowedInCi.some((allowed) => allowed.test(reason)));
}

/** The last words of such a command, and its exit code: 0 when something passed, nothing failed and CI left out nothing it must not. */
export function conclude(outcomes: readonly Outcome[], passed: boolean): number {
  say('');
  const silent = explainSkipped(outcomes);
  const forbidden = process.env.CI === 'true' ? silent : [];
  if (forbidden.length > 0)
    say(`\nin CI these ${forbidden.length} may not be skipped: add what they need, or allow the reason`);
  const count = (wanted: Outcome['outcome']) => outcomes.filter(({ outcome }) => outcome === wanted).length;
  say(`\n${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`);
  return passed && count('failed') === 0 && count('passed') > 0 && forbidden.length === 0 ? 0 : 1;
}

export const say = (line: string) => process.stdout.write(`${line}\n`);
