// Runs the trials, each in a fresh process, and shows what they found against the raw limits of the same run.
// `npm run bench -- list memory` runs some, `--short` shows that they work, `--record` appends to bench/HISTORY.md.
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../src/config.ts';
import type { Result } from './support/trial.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const notTrials = ['run.ts', 'fill.ts'];
const options = process.argv.slice(2).filter((word) => word.startsWith('--'));
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'));

const trials = readdirSync(join(root, 'bench'))
  .filter((name) => name.endsWith('.ts') && !notTrials.includes(name))
  .map((name) => name.replace(/\.ts$/, ''))
  .filter((name) => wanted.length === 0 || wanted.includes(name));

/** What a trial reported; everything else that it says is shown as it comes. */
async function run(trial: string): Promise<{ results: Result[]; failed: boolean }> {
  const args = ['--import', 'tsx', `bench/${trial}.ts`, ...options.filter((option) => option !== '--record')];
  // Children that give way as they do for users, not as in tests.
  const env = { ...process.env, DARKROOM_NICE: String(readConfig({}).darkroomNice) };
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const results: Result[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{"trial"')) results.push(JSON.parse(line) as Result);
    else say(line);
  }
  const code = child.exitCode ?? (await new Promise((resolve) => child.once('close', resolve)));
  return { results, failed: code !== 0 };
}

/** Whether a ratio is as good as was hoped; undefined when nothing was. */
function isMet({ ratio, goal }: Result): boolean | undefined {
  const [, direction, limit] = /^(<=|>=) ([\d.]+)$/.exec(goal ?? '') ?? [];
  if (ratio === undefined || limit === undefined) return undefined;
  return direction === '<=' ? ratio <= Number(limit) : ratio >= Number(limit);
}

function table(results: readonly Result[]): string {
  const head = '| trial | what | figures | ratio | goal | met |\n|---|---|---|---|---|---|\n';
  return head + results.map(rowOf).join('');
}

function rowOf(result: Result): string {
  const figures = Object.entries(result.figures).map(([name, value]) => `${name} ${rounded(value)}`);
  const met = { true: 'yes', false: '**no**', undefined: '' }[String(isMet(result))] ?? '';
  const ratio = result.ratio === undefined ? '' : rounded(result.ratio);
  return `| ${result.trial} | ${result.what} | ${figures.join(', ')} | ${ratio} | ${result.goal ?? ''} | ${met} |\n`;
}

const rounded = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

const say = (line: string) => process.stdout.write(`${line}\n`);

/** Where and of what a table speaks. */
function heading(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  const commit =
    git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : ' and changes');
  const cores = cpus();
  const machine = `${cores.length} x ${cores[0]?.model.trim() ?? 'unknown core'}, Node ${process.versions.node}`;
  return `## ${new Date().toISOString().slice(0, 10)}, ${commit}\n\n${machine}\n\n`;
}

const results: Result[] = [];
const broken: string[] = [];
for (const trial of trials) {
  say(`— ${trial}`);
  const outcome = await run(trial);
  results.push(...outcome.results);
  if (outcome.failed || outcome.results.length === 0) broken.push(trial);
}
say(`\n${table(results)}`);
if (options.includes('--record')) {
  const path = join(root, 'bench/HISTORY.md');
  if (!existsSync(path))
    appendFileSync(path, '# Measured\n\nRatios compare; absolute figures drift between machines.\n');
  appendFileSync(path, `\n${heading()}${table(results)}`);
}
// A goal that was missed is a figure to look at, not a failure: timing on a shared machine is noise.
if (broken.length > 0 || trials.length === 0) {
  say(`these trials did not end well: ${broken.join(', ') || 'there is none of that name'}`);
  process.exitCode = 1;
}
