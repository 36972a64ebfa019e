// Finds and runs the tests: `npm test`, or a part of them with `npm run test:quick -- darkroom storage`. Two files at a time. Faults
// that take minutes to inject have a command of their own: scripts/faults.ts.
import { readFileSync } from 'node:fs';
import { threats, threatsIn } from '../test/threats.ts';
import { conclude, type Outcome, openTestRunner, say, type TestRunner, testFiles } from './test-runner.ts';

interface Group {
  readonly name: string;
  /** Files at a time. */
  readonly concurrency: number;
  readonly of: RegExp;
  /** A file that failed beside another one has a second try alone, and is named at the end. */
  readonly isTriedTwice?: true;
}

const groups: readonly Group[] = [
  { name: 'rules', concurrency: 2, of: /^test\/(?!(program|e2e|darkroom|contracts|faults)\/)/ },
  { name: 'contracts and pictures', concurrency: 2, of: /^test\/(darkroom|contracts)\// },
  { name: 'the whole program', concurrency: 2, of: /^test\/program\// },
  // A browser's own patience runs out on a machine that others use, too.
  { name: 'in a browser', concurrency: 2, of: /^test\/e2e\//, isTriedTwice: true },
];

/** Says how many of the threat cases had a test that passed; returns those that had none, here or among the faults. */
function countThreats(outcomes: readonly Outcome[]): readonly string[] {
  const passed = outcomes.filter(({ outcome }) => outcome === 'passed');
  const tried = new Set(passed.flatMap(({ name }) => threatsIn(name)));
  const elsewhere = testFiles().filter((path) => path.startsWith('test/faults/'));
  const byFaults = new Set(
    elsewhere.flatMap((path) => readFileSync(path, 'utf8').match(/\bT\d\d(?=[,)])/g) ?? []),
  );
  const left = threats.filter(({ id }) => !tried.has(id));
  const missing = left.filter(({ id }) => !byFaults.has(id));
  say(`threat cases: ${threats.length - missing.length} of ${threats.length}`);
  for (const { id, what } of left)
    say(`  ${id}: ${what} (${byFaults.has(id) ? 'npm run test:faults' : 'no test passed'})`);
  return missing.map(({ id }) => id);
}

/** Which files passed only at the second try; undefined when something failed. */
function runGroup(
  runner: TestRunner,
  { concurrency, isTriedTwice }: Group,
  files: readonly string[],
): readonly string[] | undefined {
  if (runner.run({ files, concurrency })) return [];
  const failed = files.filter((path) =>
    runner.outcomes().some(({ file, outcome }) => file === path && outcome === 'failed'),
  );
  if (isTriedTwice !== true || failed.length === 0) return undefined;
  say(`\n— once more, alone`);
  runner.forget(failed);
  return runner.run({ files: failed, concurrency: 1 }) ? failed : undefined;
}

function main(filters: readonly string[]): number {
  const files = testFiles()
    .filter((path) => !path.startsWith('test/faults/'))
    .filter((path) => filters.length === 0 || filters.some((filter) => path.includes(filter)));
  if (files.length === 0) {
    say('no test file has such a name');
    return 1;
  }
  const runner = openTestRunner();
  let passed = true;
  const unsteady: string[] = [];
  for (const group of groups) {
    const chosen = files.filter((file) => group.of.test(file));
    if (chosen.length === 0) continue;
    say(`\n— ${group.name}`);
    const twice = runGroup(runner, group, chosen);
    passed = twice !== undefined && passed;
    unsteady.push(...(twice ?? []));
  }
  for (const file of unsteady) say(`unsteady, passed only at its second try: ${file}`);
  const outcomes = runner.outcomes();
  runner.close();
  // A part of the tests tries a part of the cases.
  const untried = filters.length === 0 ? countThreats(outcomes) : [];
  return conclude(outcomes, passed && !(process.env.CI === 'true' && untried.length > 0));
}

process.exitCode = main(process.argv.slice(2));
