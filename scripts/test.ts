// Finds and runs the tests: `npm test`, or a part of them with `npm run test:quick -- darkroom storage`.
// Heavy ones (a real program, models) run one file at a time, so that they do not starve the rest. Faults that take minutes to inject
// have a command of their own: scripts/faults.ts.
import { conclude, openTestRunner, say, testFiles } from './test-runner.ts';

const groups: readonly { readonly name: string; readonly concurrency: number; readonly of: RegExp }[] = [
  { name: 'rules', concurrency: 2, of: /^test\/(?!(program|e2e|darkroom|contracts|faults)\/)/ },
  { name: 'contracts and pictures', concurrency: 2, of: /^test\/(darkroom|contracts)\// },
  { name: 'the whole program', concurrency: 1, of: /^test\/program\// },
  // Mostly waiting for pages, and for lines that are slow on purpose.
  { name: 'in a browser', concurrency: 2, of: /^test\/e2e\// },
];

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
  return conclude(outcomes, passed);
}

process.exitCode = main(process.argv.slice(2));
