// Everything that can be said about the code without running it: types, lint and format. Exits with 1 at the first that fails.
// The import rule and the documentation are held by test/architecture.test.ts and test/docs.test.ts.
import { spawnSync } from 'node:child_process';

const steps = [
  ['types', ['tsc', '-p', 'tsconfig.json']],
  ['types of the page', ['tsc', '-p', 'src/browser/tsconfig.json']],
  ['lint and format', ['biome', 'check', '--error-on-warnings', '.']],
  ['import rule and documentation', ['tsx', '--test', 'test/architecture.test.ts', 'test/docs.test.ts']],
];

for (const [name, [command, ...args]] of steps) {
  const { status } = spawnSync(`node_modules/.bin/${command}`, args, { encoding: 'utf8', stdio: 'inherit' });
  if (status !== 0) {
    process.stderr.write(`check: ${name} failed\n`);
    process.exit(1);
  }
  process.stdout.write(`check: ${name} ok\n`);
}
