// Connections that take their time: headers that trickle, and readers that do not read. Others are served meanwhile. That such
// readers are cut in the end is in test/http/server.test.ts.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from '../support/client.ts';
import { makeFolder } from '../support/folder.ts';
import { drawPng } from '../support/pictures.ts';
import { requestText } from '../support/raw-http.ts';
import { type Program, startProgram } from '../support/start-program.ts';
import { until } from '../support/until.ts';

const megabyte = 1024 * 1024;

const start = async (t: { after(clean: () => unknown): void }) => {
  const program = await startProgram({ uploadsDir: await makeFolder(), env: { MAX_UPLOAD_MB: '40' } });
  t.after(() => program.stop());
  return { program, client: createClient(program.url) };
};

function open({ url }: Program, text: string): { socket: Socket; over: Promise<void> } {
  const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text));
  socket.on('error', () => undefined);
  return { socket, over: new Promise((resolve) => socket.once('close', () => resolve())) };
}

const megabytesOf = async ({ pid }: Program) =>
  Number(/^VmRSS:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
const descriptors = async ({ pid }: Program) => (await readdir(`/proc/${pid}/fd`)).length;

interface Begun {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | number>>;
}

async function beginForm(): Promise<Begun> {
  const headers = { 'Content-Type': 'multipart/form-data; boundary=x' };
  return { method: 'POST', path: '/photos', headers };
}

async function beginSignIn(): Promise<Begun> {
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  return { method: 'POST', path: '/sign-in', headers };
}

async function beginPiece(url: string): Promise<Begun> {
  const resumable = { 'Tus-Resumable': '1.0.0' };
  const made = await fetch(new URL('/uploads', url), {
    method: 'POST',
    headers: { ...resumable, 'Upload-Length': '100000', Origin: url },
  });
  const headers = { ...resumable, 'Upload-Offset': 0, 'Content-Type': 'application/offset+octet-stream' };
  return { method: 'PATCH', path: made.headers.get('location') ?? '', headers };
}

describe('whoever takes their time', { concurrency: true }, () => {
  test('two hundred that never end their headers are left within 25 s, and others are served (T28)', async (t) => {
    const { program, client } = await start(t);
    const started = performance.now();
    const slow = Array.from({ length: 200 }, () =>
      open(program, 'GET / HTTP/1.1\r\nHost: localhost\r\nX-A: '),
    );
    const trickle = setInterval(() => {
      for (const { socket } of slow) if (socket.writable) socket.write('a');
    }, 5_000);
    for (const { socket } of slow) socket.resume();
    t.after(() => clearInterval(trickle));
    let isOver = false;
    const all = Promise.all(slow.map(({ over }) => over)).then(() => {
      isOver = true;
    });
    const took: number[] = [];
    while (!isOver && performance.now() - started < 40_000) {
      const from = performance.now();
      assert.equal((await client.ask('/')).status, 200);
      took.push(performance.now() - from);
      await pause(100);
    }
    await all;
    // Looked at every five seconds.
    assert.ok(performance.now() - started < 30_000, 'they were not left');
    took.sort((one, other) => one - other);
    const most = took[Math.floor(took.length * 0.99)] ?? 0;
    assert.ok(most < 1_000, `others waited ${most} ms`);
  });

  for (const [way, begin] of [
    ['a form', beginForm],
    ['an upload that resumes', beginPiece],
    ['a form that is no upload', beginSignIn],
  ] as const)
    test(`the body of ${way} that stands still is answered with 408 and cut, and leaves nothing behind (T29)`, async (t) => {
      const { program } = await start(t);
      const { method, path, headers } = await begin(program.url);
      const all = { ...headers, 'Content-Length': 30_000, Origin: program.url, Accept: 'application/json' };
      const part = '--x\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\n\r\nabc';
      const { socket, over } = open(program, requestText(method, path, program.url, all) + part);
      let answer = '';
      socket.setEncoding('latin1').on('data', (text: string) => {
        answer += text;
      });
      await over;
      assert.match(answer, /^HTTP\/1\.1 408 /);
      assert.match(answer, /\r\nConnection: close\r\n/i);
      await until(
        'nothing to lie around',
        async () => (await readdir(join(program.uploadsDir, 'incoming'))).length === 0,
      );
    });

  test('fifty that ask for an original and do not read cost no memory, and others are served (T30)', async (t) => {
    const { program, client } = await start(t);
    // The bytes behind its end are part of the original.
    const large = Buffer.concat([drawPng({ seed: 1 }), Buffer.alloc(30 * megabyte)]);
    const photo = await client.developed((await client.keep(large)).id);
    const [before, open_] = [await megabytesOf(program), await descriptors(program)];
    const readers = Array.from({ length: 50 }, () =>
      open(program, requestText('GET', photo.links.original, program.url)),
    );
    t.after(() => {
      for (const { socket } of readers) socket.destroy();
    });
    await until('all of them to be served', async () => (await descriptors(program)) >= open_ + 50);
    await pause(3_000);
    const grown = (await megabytesOf(program)) - before;
    // A chunk or two each; the whole would be 1,500 MB.
    assert.ok(grown < 100, `${grown} MB more`);
    assert.equal((await client.ask('/')).status, 200);
  });
});
