// Injects every fault of test/faults/list.ts and ends with a table of what became of each: `npm run test:faults`, about an hour, or a
// few minutes with `--short`, which leaves out what `npm test` shows already. `npm run test:faults -- F1 F13` injects some. A fault is
// whatever tests begin with its id; a file more in test/faults/ is found by itself.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Fault, faults } from '../test/faults/list.ts';
import { conclude, type Outcome, openTestRunner, say, type TestRunner, testFiles } from './test-runner.ts';

type Result = 'ok' | 'FAILED' | 'skipped' | 'npm test' | 'not yet' | 'no test';

interface Row {
  readonly fault: Fault;
  readonly result: Result;
  /** Figures, or why there is nothing to say. */
  readonly words: readonly string[];
}

const root = fileURLToPath(new URL('../', import.meta.url));
const isShort = process.argv.includes('--short');
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const isWanted = (id: string) => wanted.length === 0 || wanted.includes(id);

const idOf = (name: string) => /^F\d+(?=[ :])/.exec(name)?.[0];

/** Whatever is called F13 in a file of its own, and the tests of `npm test` that show the same. */
function runAll(runner: TestRunner, chosen: readonly Fault[]): boolean {
  const env = { SAJIN_FAULTS: isShort ? 'short' : 'full' };
  const shared = isShort ? [] : [...new Set(chosen.flatMap(({ also = [] }) => also))];
  const ids = new RegExp(`\\b(${chosen.map(({ id }) => id).join('|')}) `);
  const own = testFiles().filter(
    (path) => path.startsWith('test/faults/') && ids.test(readFileSync(join(root, path), 'utf8')),
  );
  const only = wanted.length === 0 ? {} : { only: `^(${chosen.map(({ id }) => id).join('|')}) ` };
  const longestMs = (isShort ? 10 : 60) * 60_000;
  // Two at a time: much of it is waiting for programs to start, and for what comes late on purpose.
  const run = (name: string, files: readonly string[], more: { readonly only?: string }) => {
    if (files.length === 0) return true;
    say(`\n— ${name}`);
    return runner.run({ files, concurrency: 2, env, longestMs, ...more });
  };
  const passed = run('faults', own, only);
  return run('tests of the program that inject faults', shared, {}) && passed;
}

function rowOf(runner: TestRunner, fault: Fault): Row {
  const isOf = ({ file, name }: Outcome) => idOf(name) === fault.id || fault.also?.includes(file) === true;
  const tests = runner.outcomes().filter(isOf);
  const told = runner.told().filter(({ told }) => idOf(told) === fault.id);
  const having = (wanted: Outcome['outcome']) => tests.filter(({ outcome }) => outcome === wanted);
  const reasons = [...new Set(having('skipped').map(({ reason }) => reason))];
  const figures = told.map((one) => one.told.replace(/^F\d+: /, ''));
  const words = [...figures, ...reasons.map((reason) => `not all: ${reason}`)];
  if (having('failed').length > 0) return { fault, result: 'FAILED', words };
  if (having('passed').length > 0) return { fault, result: 'ok', words };
  if (tests.length > 0) return { fault, result: 'skipped', words: reasons };
  if (isShort && fault.also !== undefined) return { fault, result: 'npm test', words: fault.also };
  return fault.notYet === undefined
    ? { fault, result: 'no test', words: [] }
    : { fault, result: 'not yet', words: [fault.notYet] };
}

function show(rows: readonly Row[]): void {
  const width = Math.max(...rows.map(({ fault }) => fault.what.length));
  say('');
  for (const { fault, result, words } of rows) {
    const [first = '', ...more] = words;
    say(`${fault.id.padEnd(3)}  ${fault.what.padEnd(width)}  ${result.padEnd(7)}  ${first}`.trimEnd());
    for (const word of more) say(' '.repeat(5 + width + 2 + 7 + 2) + word);
  }
  const count = (wanted: Result) => rows.filter(({ result }) => result === wanted).length;
  say(
    `\n${count('ok') + count('FAILED')} of ${rows.length} faults injected: ${count('ok')} ok, ${count('FAILED')} failed`,
  );
  const elsewhere = isShort ? `, ${count('npm test')} by npm test` : '';
  say(
    `${count('skipped')} skipped on this machine, ${count('not yet') + count('no test')} not yet${elsewhere}`,
  );
}

function main(): number {
  const chosen = faults.filter(({ id }) => isWanted(id));
  if (chosen.length === 0) {
    say('no fault has such an id');
    return 1;
  }
  const runner = openTestRunner();
  const passed = runAll(runner, chosen);
  // A pattern of names has every other test of the same files reported as left out.
  const outcomes = runner.outcomes().filter(({ name, file }) => {
    const id = idOf(name);
    return id === undefined ? !file.startsWith('test/faults/') : isWanted(id);
  });
  const rows = chosen.map((fault) => rowOf(runner, fault));
  runner.close();
  const code = conclude(outcomes, passed);
  show(rows);
  return rows.some(({ result }) => result === 'no test') ? 1 : code;
}

process.exitCode = main();
