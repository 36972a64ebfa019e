// Finds and runs the tests: `npm test`, or a part of them with `npm run test:quick -- darkroom storage`.
// Heavy ones (a real program, models) run one file at a time, so that they do not starve the rest.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { threats, threatsIn } from '../test/threats.ts';

interface Outcome {
  readonly file: string;
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly reason: string;
}

const root = fileURLToPath(new URL('../', import.meta.url));

const groups: readonly { readonly name: string; readonly concurrency: number; readonly of: RegExp }[] = [
  { name: 'rules', concurrency: 2, of: /^test\/(?!(program|e2e|darkroom|contracts)\/)/ },
  { name: 'contracts and pictures', concurrency: 2, of: /^test\/(darkroom|contracts)\// },
  { name: 'the whole program', concurrency: 1, of: /^test\/program\// },
  // Mostly waiting for pages, and for lines that are slow on purpose.
  { name: 'in a browser', concurrency: 2, of: /^test\/e2e\// },
];

/** Reasons for which CI may leave a test out. Anything else would be a test that silently never runs. */
const allowedInCi: readonly RegExp[] = [
  /SAJIN_TEST_DATA/, // pictures and models that are not ours to ship; fixtures cover the same ground
  /^needs root\b/,
  /^needs Node \d+/,
];

const longestMs = 10 * 60_000;

function findTests(filters: readonly string[]): string[] {
  return readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .map((name) => `test/${name.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.test.ts'))
    .filter((path) => filters.length === 0 || filters.some((filter) => path.includes(filter)))
    .sort();
}

function runGroup(files: readonly string[], concurrency: number, record: string): boolean {
  const { status } = spawnSync(
    process.execPath,
    [
      ...[
        '--import',
        'tsx',
        '--import',
        './scripts/test-setup.mjs',
        '--test',
        `--test-concurrency=${concurrency}`,
        `--test-timeout=${longestMs}`,
      ],
      ...['--test-reporter=./scripts/test-reporter.mjs', '--test-reporter-destination=stdout'],
      ...files,
    ],
    { cwd: root, stdio: 'inherit', env: { ...process.env, SAJIN_TEST_RECORD: record } },
  );
  return status === 0;
}

const readOutcomes = (record: string): Outcome[] =>
  existsSync(record)
    ? readFileSync(record, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Outcome)
    : [];

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

/** Says how many of the threat cases had a test that passed; returns those that had none. */
function countThreats(outcomes: readonly Outcome[]): readonly string[] {
  const passed = outcomes.filter(({ outcome }) => outcome === 'passed');
  const tried = new Set(passed.flatMap(({ name }) => threatsIn(name)));
  const missing = threats.filter(({ id }) => !tried.has(id));
  say(`threat cases: ${threats.length - missing.length} of ${threats.length}`);
  for (const { id, what, where } of missing) say(`  ${id}: ${what} (${where.join(', ')})`);
  return missing.map(({ id }) => id);
}

const say = (line: string) => process.stdout.write(`${line}\n`);

function main(): number {
  const filters = process.argv.slice(2);
  const files = findTests(filters);
  if (files.length === 0) {
    say('no test file has such a name');
    return 1;
  }
  const folder = mkdtempSync(join(tmpdir(), 'sajin-tests-'));
  const record = join(folder, 'outcomes.jsonl');
  let passed = true;
  for (const { name, concurrency, of } of groups) {
    const chosen = files.filter((file) => of.test(file));
    if (chosen.length === 0) continue;
    say(`\n— ${name}`);
    passed = runGroup(chosen, concurrency, record) && passed;
  }
  const outcomes = readOutcomes(record);
  rmSync(folder, { recursive: true, force: true });
  say('');
  const silent = explainSkipped(outcomes);
  const forbidden = process.env.CI === 'true' ? silent : [];
  if (forbidden.length > 0)
    say(`\nin CI these ${forbidden.length} may not be skipped: add what they need, or allow the reason`);
  // A part of the tests tries a part of the cases.
  const untried = filters.length === 0 ? countThreats(outcomes) : [];
  const isUnsafe = process.env.CI === 'true' && untried.length > 0;
  const count = (wanted: Outcome['outcome']) => outcomes.filter(({ outcome }) => outcome === wanted).length;
  say(`\n${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`);
  const isWhole = forbidden.length === 0 && !isUnsafe;
  return passed && count('failed') === 0 && count('passed') > 0 && isWhole ? 0 : 1;
}

process.exitCode = main();
