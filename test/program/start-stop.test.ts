// How the program begins and ends: it refuses what would lose photos, says why, and finishes what it has begun.
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createClient, type PhotoJson } from '../support/client.ts';
import { filesBelow } from '../support/data.ts';
import { makeFolder } from '../support/folder.ts';
import { filePart, formBody } from '../support/multipart.ts';
import { drawPng } from '../support/pictures.ts';
import { childrenOf, runProgram, startProgram } from '../support/start-program.ts';
import { until } from '../support/until.ts';

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('a folder that can not be made or written is refused with 78 and named', async (t) => {
  const folder = await makeFolder(t);
  const uploadsDir = join(folder, 'file', 'uploads');
  await writeFile(join(folder, 'file'), '');
  const { code, lines } = await runProgram({ uploadsDir });
  assert.equal(code, 78, lines.join('\n'));
  assert.match(lines.join('\n'), /file/);
});

test('nobody else on the machine may read what a gallery keeps, whatever the umask, also what was there before', async (t) => {
  const uploadsDir = await makeFolder(t);
  const under = ['sh', '-c', 'umask 022 && exec "$@"', 'sh'];
  const open = async () => {
    const program = await startProgram({ uploadsDir, under });
    await createClient(program.url).keep(drawPng({ seed: 1 }));
    const seen = filesBelow(uploadsDir).filter(({ path }) => (statSync(path).mode & 0o077) !== 0);
    await program.stop();
    return seen.map(({ name }) => name);
  };
  assert.deepEqual(await open(), []);
  await chmod(join(uploadsDir, 'gallery.db'), 0o644);
  assert.deepEqual(await open(), []);
});

test('every fault of the settings is told at once, each with its name, and ends with 78', async (t) => {
  const env = {
    PORT: 'seventy',
    DETECTOR: 'magic',
    MAX_UPLOAD_MB: '0',
    LOG_LEVEL: 'loud',
    DARKROOM_CHILDREN: '-1',
  };
  const { code, lines } = await runProgram({ uploadsDir: await makeFolder(t), env });
  assert.equal(code, 78);
  for (const name of Object.keys(env)) assert.match(lines.join('\n'), new RegExp(`\\b${name}\\b`));
});

test('a port that is taken is refused with a sentence', async (t) => {
  const first = await startProgram({ uploadsDir: await makeFolder(t) });
  t.after(() => first.stop());
  const { port } = new URL(first.url);
  const { code, lines } = await runProgram({ uploadsDir: await makeFolder(t), env: { PORT: port } });
  assert.notEqual(code, 0);
  assert.match(lines.join('\n'), new RegExp(port));
  assert.doesNotMatch(lines.join('\n'), /^ +at /m);
});

test('a gallery that nobody owns prints how to become its owner, whatever the log level, and anew at every start', async (t) => {
  const uploadsDir = await makeFolder(t);
  const env = { ACCESS: 'members' };
  const linkOf = ({ lines }: { lines: readonly string[] }) =>
    until('the link', () => lines.join('\n').match(/http:\S+(\/set-up\?token=[\w-]{43})$/m)?.[1]);
  const first = await startProgram({ uploadsDir, env });
  const link = await linkOf(first);
  const open = (program: { url: string }, path: string) => createClient(program.url).ask(path);
  assert.equal((await open(first, link)).status, 200);
  const said = first.lines.filter((line) => line.startsWith('{')).join('\n');
  assert.ok(!said.includes(link.slice(-43)), 'the log holds no secret');
  await first.stop();

  const second = await startProgram({ uploadsDir, env });
  t.after(() => second.stop());
  const fresh = await linkOf(second);
  assert.notEqual(fresh, link);
  assert.deepEqual([(await open(second, link)).status, (await open(second, fresh)).status], [410, 200]);
});

test('a gallery for its own machine needs no owner and prints no link', async (t) => {
  const program = await startProgram({ uploadsDir: await makeFolder(t) });
  await program.stop();
  assert.doesNotMatch(program.lines.join('\n'), /set-up/);
});

describe('SIGTERM', () => {
  test('lets a running upload finish, takes no new connection, and ends with 0', async (t) => {
    const uploadsDir = await makeFolder(t);
    const program = await startProgram({ uploadsDir });
    t.after(() => program.kill('SIGKILL'));
    const picture = drawPng({ seed: 3, width: 400, height: 300, compression: 0 });
    const upload = slowUpload(program.url, picture);
    await until('the upload to arrive', () => filesBelow(join(uploadsDir, 'incoming')).length > 0);
    const end = program.kill('SIGTERM');
    await until('the door to be closed', () =>
      fetch(`${program.url}/healthz`).then(
        () => false,
        () => true,
      ),
    );
    const answer = await upload.finish();
    assert.equal(answer.status, 201, answer.text);
    assert.equal((await end).code, 0);

    const again = await startProgram({ uploadsDir });
    t.after(() => again.stop());
    const { id } = JSON.parse(answer.text) as PhotoJson;
    assert.deepEqual(await createClient(again.url).bytes(`/media/${id}/original`), picture);
  });

  test('ends a page that listens for news', async (t) => {
    const program = await startProgram({ uploadsDir: await makeFolder(t) });
    t.after(() => program.kill('SIGKILL'));
    const news = await fetch(`${program.url}/events`);
    assert.match(news.headers.get('content-type') ?? '', /event-stream/);
    const started = performance.now();
    assert.equal((await program.stop()).code, 0);
    assert.ok(performance.now() - started < 10_000, 'it waited for the page');
    await news.text().catch(() => undefined);
  });
});

test('no child of the darkroom outlives the program, not even when it is killed', async (t) => {
  const program = await startProgram({ uploadsDir: await makeFolder(t) });
  await createClient(program.url).keep(drawPng({ seed: 4 }));
  const children = await until('a child', async () => {
    const pids = await childrenOf(program.pid);
    return pids.length > 0 && pids;
  });
  await program.kill('SIGKILL');
  await until('its children to end', () => !children.some(isAlive), { deadlineMs: 10_000 });
});

/** Sends all but the last bytes at once, and those when told to. */
function slowUpload(url: string, picture: Uint8Array) {
  const { body, contentType } = formBody([filePart('slow.png', picture)]);
  const headers = {
    'Content-Type': contentType,
    'Content-Length': body.length,
    Accept: 'application/json',
    Origin: url,
  };
  const sent = request(new URL('/photos', url), { method: 'POST', headers, agent: false });
  sent.write(body.subarray(0, body.length - 100));
  const answered = new Promise<{ status: number; text: string }>((resolve, reject) => {
    sent.on('error', reject);
    sent.on('response', async (response) => {
      let text = '';
      for await (const chunk of response) text += String(chunk);
      resolve({ status: response.statusCode ?? 0, text });
    });
  });
  answered.catch(() => undefined);
  return {
    finish() {
      sent.end(body.subarray(body.length - 100));
      return answered;
    },
  };
}
