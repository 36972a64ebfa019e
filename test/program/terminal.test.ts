// What the program prints for a person at a terminal, which `script` (util-linux) lends it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { qrText } from '../../src/security/qr.ts';
import { createClient } from '../support/client.ts';
import { makeFolder } from '../support/folder.ts';
import { childrenOf, startProgram } from '../support/start-program.ts';
import { until, within } from '../support/until.ts';

const hasScript = /util-linux/.test(spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout ?? '');
const skip = hasScript ? false : 'needs script of util-linux';
const inTerminal = ['sh', '-c', 'exec script -qec "exec $*" /dev/null', 'sh'];

test('the first start shows in a terminal where it is, the link for the first owner, and the same as a code to scan', {
  skip,
}, async (t) => {
  const env = { ACCESS: 'members' };
  const program = await startProgram({ uploadsDir: await makeFolder(t), env, under: inTerminal });
  t.after(() => program.kill('SIGKILL'));
  const text = () => program.lines.map((line) => `${line}\n`).join('');
  const link = await until('the link', () => /^ {4}(http:\/\/\S+\/set-up\?token=\S+)$/m.exec(text())?.[1]);
  await until('the code', () => text().includes(qrText(link)));
  assert.match(text(), /사진 Sajin is at http:\/\/\S+/);
  const { pathname, search } = new URL(link);
  const page = await createClient(program.url).ask(`${pathname}${search}`, {
    headers: { Accept: 'text/html' },
  });
  assert.equal(page.status, 200, 'the link leads in');
  // A terminal sends its signals to what runs in it.
  const [pid = 0] = await childrenOf(program.pid);
  process.kill(pid, 'SIGTERM');
  const { code } = await within('the program to end', 45_000, program.exited);
  assert.equal(code, 0);
});

test('the first start shows no code where nobody could scan it', async (t) => {
  const env = { ACCESS: 'members' };
  const program = await startProgram({ uploadsDir: await makeFolder(t), env });
  t.after(() => program.stop());
  await until('the link', () => program.lines.some((line) => line.includes('/set-up?token=')));
  assert.equal((await program.stop()).code, 0);
  assert.doesNotMatch(program.lines.join('\n'), /[▀▄█]/);
});
