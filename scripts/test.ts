// Finds and runs the tests: `npm test`, or a part of them with `npm run test:quick -- darkroom storage`. Two files at a time. Faults
// that take minutes to inject have a command of their own: scripts/faults.ts.
import { readFileSync } from 'node:fs';
import { threats, threatsIn } from '../test/threats.ts';
import { conclude, type Outcome, openTestRunner, say, testFiles } from './test-runner.ts';

const groups: readonly { readonly name: string; readonly concurrency: number; readonly of: RegExp }[] = [
  { name: 'rules', concurrency: 2, of: /^test\/(?!(program|e2e|darkroom|contracts|faults)\/)/ },
  { name: 'contracts and pictures', concurrency: 2, of: /^test\/(darkroom|contracts)\// },
  { name: 'the whole program', concurrency: 2, of: /^test\/program\// },
  // Mostly waiting for pages, and for lines that are slow on purpose.
  { name: 'in a browser', concurrency: 2, of: /^test\/e2e\// },
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
  for (const { name, concurrency, of } of groups) {
    const chosen = files.filter((file) => of.test(file));
    if (chosen.length === 0) continue;
    say(`\n— ${name}`);
    passed = runner.run({ files: chosen, concurrency }) && passed;
  }
  const outcomes = runner.outcomes();
  runner.close();
  // A part of the tests tries a part of the cases.
  const untried = filters.length === 0 ? countThreats(outcomes) : [];
  return conclude(outcomes, passed && !(process.env.CI === 'true' && untried.length > 0));
}

process.exitCode = main(process.argv.slice(2));
