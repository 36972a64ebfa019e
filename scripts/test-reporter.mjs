// What `npm test` shows of node's test runner: a line a file, every failure whole. Also writes one JSON line a test, and one for each
// figure it tells, to the file that SAJIN_TEST_RECORD names, for scripts/test-runner.ts. Plain JavaScript: the runner loads it.
import { appendFileSync } from 'node:fs';
import { relative } from 'node:path';
import { inspect } from 'node:util';

const record = process.env.SAJIN_TEST_RECORD;
const kinds = { 'test:pass': 'passed', 'test:fail': 'failed' };

export default async function* report(events) {
  const said = new Map();
  let current;
  for await (const { type, data } of events) {
    if (type === 'test:stderr') said.set(data.file, (said.get(data.file) ?? '') + data.message);
    if (type === 'test:diagnostic') rememberTold(data);
    const outcome = outcomeOf(type, data);
    if (outcome === undefined) continue;
    const file = relative(process.cwd(), data.file ?? data.name);
    if (current !== undefined && current.file !== file) yield lineOf(current);
    if (current?.file !== file) current = { file, passed: 0, failed: 0, skipped: 0, ms: 0 };
    if (data.nesting === 0) current.ms += data.details?.duration_ms ?? 0;
    if (outcome === 'suite') continue;
    current[outcome] += 1;
    remember(file, outcome, data);
    if (outcome === 'failed') yield describe(file, data, said.get(data.file));
  }
  if (current !== undefined) yield lineOf(current);
}

/** A suite fails along with its tests, and counts only when it failed by itself, in a hook, or was left out as a whole. */
function outcomeOf(type, { details, skip, todo }) {
  const kind = kinds[type];
  if (kind === undefined) return undefined;
  const isSkipped = skip !== undefined && skip !== false;
  if (details?.type === 'suite' && !isSkipped) {
    return kind === 'failed' && details.error?.failureType !== 'subtestsFailed' ? 'failed' : 'suite';
  }
  return isSkipped || todo ? 'skipped' : kind;
}

function remember(file, outcome, { name, skip, todo }) {
  const reason = typeof skip === 'string' ? skip : typeof todo === 'string' ? todo : '';
  if (record) appendFileSync(record, `${JSON.stringify({ file, name, outcome, reason })}\n`);
}

// The runner itself tells counts and times; what tests tell begins with the fault that they inject.
function rememberTold({ file, message }) {
  if (!record || !/^F\d+: /.test(message)) return;
  appendFileSync(record, `${JSON.stringify({ file: relative(process.cwd(), file ?? ''), told: message })}\n`);
}

// A file that could not even be loaded says why on stderr only.
function describe(file, { name, details }, stderr = '') {
  const error = details?.error?.cause ?? details?.error;
  const text = inspect(error, { depth: 4, breakLength: 120 });
  const words = error === 'test failed' ? stderr.slice(-4000) : text;
  return `\n✖ ${file}: ${name}\n${words.replace(/^/gm, '    ')}\n\n`;
}

function lineOf({ file, passed, failed, skipped, ms }) {
  const parts = [`${passed} passed`, failed > 0 && `${failed} failed`, skipped > 0 && `${skipped} skipped`];
  return `${failed > 0 ? '✖' : '✔'} ${file}  ${parts.filter(Boolean).join(', ')}  (${(ms / 1000).toFixed(1)} s)\n`;
}
