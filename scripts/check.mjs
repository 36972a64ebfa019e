// Everything that can be said about the code without running it: types, lint, format, the import rule, the documentation.
// Says all of it at once, and exits with 1 when anything is wrong.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const bin = (name) => `node_modules/.bin/${name}`;
const rules = ['test/architecture.test.ts', 'test/docs.test.ts'];

const steps = [
  ['types', bin('tsc'), ['-p', 'tsconfig.json']],
  ['types of the page', bin('tsc'), ['-p', 'src/browser/tsconfig.json']],
  ['lint and format', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['import rule and documentation', process.execPath, ['--import', 'tsx', 'scripts/test.ts', ...rules]],
];

const failed = steps.filter(([name, command, args]) => {
  // Quiet when all is well: `npm test` has more to say.
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) process.stdout.write(`${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}\n`);
  process.stdout.write(`check: ${name} ${status === 0 ? 'ok' : 'failed'}\n`);
  return status !== 0;
});
process.exitCode = failed.length === 0 ? 0 : 1;
