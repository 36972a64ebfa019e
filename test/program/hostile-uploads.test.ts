// Uploads that are malformed, endless, cut or sent twenty times: refused quickly, and nothing is left of them.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import type { PhotoJson } from '../support/client.ts';
import { filePart, formBody, type Part } from '../support/multipart.ts';
import { drawPng } from '../support/pictures.ts';
import { requestText, sendRaw } from '../support/raw-http.ts';
import { createTusClient } from '../support/tus-client.ts';
import { until } from '../support/until.ts';
import { assertNoSlip, maxUploadMb, openVictim } from '../support/victim.ts';

const megabyte = 1024 * 1024;

/** All that a process has read, from sockets too: what a sender got rid of lies partly in the buffers of two kernels. */
const bytesRead = async (pid: number) =>
  Number(/^rchar: (\d+)$/m.exec(await readFile(`/proc/${pid}/io`, 'utf8'))?.[1]);

/** Nothing is read any more: neither to throw it away. */
async function assertHungUp(pid: number): Promise<void> {
  let last = -1;
  await until(
    'it to stop reading',
    async () => {
      const [before, now] = [last, await bytesRead(pid)];
      last = now;
      return now - before < 4096;
    },
    { everyMs: 300, deadlineMs: 5_000 },
  );
}
const victim = openVictim();

describe('a malformed upload', () => {
  const file = filePart('a.png', drawPng({ seed: 30 }));
  const field = (name: string, body = '1'): Part => ({ name, body });
  const bodies: readonly (readonly [what: string, parts: readonly Part[], threat: string])[] = [
    ['a field without a name', [field(''), file], 'T03'],
    ['a field with a name of 200 letters', [field('x'.repeat(200)), file], 'T03'],
    ['a field named a[20000000]', [field('a[20000000]'), file], 'T04'],
    ['a field named a[4294967294]', [field('a[4294967294]'), file], 'T04'],
    ['a field nested 20,000 deep', [field(`a${'[b]'.repeat(20_000)}`), file], 'T04'],
    ['a thousand parts', [...Array.from({ length: 1000 }, (_, index) => field(`f${index}`)), file], 'T06'],
    ['ten thousand fields', Array.from({ length: 10_000 }, () => field('title')), 'T06'],
    ['no file at all', [field('title')], 'T01'],
    ['a file under another name', [{ ...file, name: 'picture' }], 'T03'],
    ['a field of 100 KB', [field('title', 'x'.repeat(100_000)), file], 'T04'],
  ];
  for (const [what, parts, threat] of bodies)
    test(`is refused quickly with 400: ${what} (${threat})`, async () => {
      const started = performance.now();
      const answer = await victim.client.post(parts);
      const tookMs = performance.now() - started;
      await victim.assertRefused(answer, 400);
      assert.ok(tookMs < 1_000, `it took ${tookMs} ms`);
    });

  test('gives nobody powers through the names of objects (T05, T42)', async () => {
    const names = [
      '__proto__[x]',
      'constructor[prototype][x]',
      '__proto__',
      'toString',
      '__blocks',
      'settings[view options]',
    ];
    const answer = await victim.client.post([
      ...names.map((name) => field(name)),
      filePart('b.png', drawPng({ seed: 31 })),
    ]);
    assert.ok([201, 400].includes(answer.status), answer.text);
    await victim.assertUnharmed();
  });

  const raw = (headers: Record<string, string>, body: string | Buffer) =>
    victim.client.ask('/photos', { method: 'POST', headers, body });
  test('is refused with 400 without a boundary (T01)', async () => {
    await victim.assertRefused(await raw({ 'Content-Type': 'multipart/form-data' }, 'x'), 400);
  });
  test('is refused with 400 when it is empty (T01)', async () => {
    await victim.assertRefused(await raw({ 'Content-Type': 'multipart/form-data; boundary=x' }, ''), 400);
  });
  test('is refused with 400 when it is cut (T02)', async () => {
    const { body, contentType } = formBody([file]);
    await victim.assertRefused(
      await raw({ 'Content-Type': contentType }, body.subarray(0, body.length - 500)),
      400,
    );
  });
  test('is refused with 400 when a header of a part never ends (T02)', async () => {
    const body = `--x\r\nContent-Disposition: form-data; name="photo"; ${'a'.repeat(200_000)}`;
    await victim.assertRefused(await raw({ 'Content-Type': 'multipart/form-data; boundary=x' }, body), 400);
  });
  test('is refused with 415 as text, JSON or a plain form (T09)', async () => {
    for (const type of ['text/plain', 'application/json', 'application/x-www-form-urlencoded'])
      await victim.assertRefused(await raw({ 'Content-Type': type }, 'photo=1'), 415);
  });
});

describe('too many bytes', () => {
  const contentType = 'multipart/form-data; boundary=x';
  const head = '--x\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n';

  test('are refused with 413 before the first of them, when announced (T07)', async () => {
    const headers = { 'Content-Type': contentType, 'Content-Length': 10 * 1024 * megabyte };
    const answer = await sendRaw({
      url: victim.program.url,
      chunks: [requestText('POST', '/photos', victim.program.url, headers)],
    });
    assert.equal(answer.status, 413, answer.head);
    assert.match(answer.head, /connection: close/i);
    await victim.assertUnharmed();
  });

  test('are refused with 413 in the middle, when not announced, without reading on (T08)', async () => {
    const chunk = `${megabyte.toString(16)}\r\n${'x'.repeat(megabyte)}\r\n`;
    function* chunks() {
      yield requestText('POST', '/photos', victim.program.url, {
        'Content-Type': contentType,
        'Transfer-Encoding': 'chunked',
      });
      yield `${head.length.toString(16)}\r\n${head}\r\n`;
      for (let sent = 0; sent < 300; sent += 1) yield chunk;
    }
    // A refusal once, and nothing else going on: what a program reads of itself for that is not counted.
    assert.equal((await victim.client.upload(Buffer.alloc(maxUploadMb * megabyte + 1))).status, 413);
    await assertHungUp(victim.program.pid);
    const before = await bytesRead(victim.program.pid);
    const answer = await sendRaw({ url: victim.program.url, chunks: chunks() });
    assert.equal(answer.status, 413, answer.head);
    await assertHungUp(victim.program.pid);
    const read = (await bytesRead(victim.program.pid)) - before;
    assert.ok(read > maxUploadMb * megabyte, 'the reading was counted');
    assert.ok(read <= (maxUploadMb + 1) * megabyte, `${read} bytes were read`);
    await until('the partial file to be gone', () => victim.files('incoming').length === 0, {
      deadlineMs: 5_000,
    });
    await victim.assertUnharmed();
  });

  const line = (name: string, filename?: string) =>
    `--endless\r\nContent-Disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"`}\r\n\r\n`;
  const endless: readonly (readonly [what: string, start: string])[] = [
    ['before the first boundary', ''],
    ['in a file under another name', line('picture', 'a.jpg')],
    ['in a file without a name', line('photo', '')],
    ['in a field', line('title')],
    ['in the header of a part', '--endless\r\nContent-Disposition: form-data; name="photo'],
    ['behind the end', `${line('title')}x\r\n--endless--\r\n`],
  ];
  for (const [what, start] of endless)
    test(`are cut off where they go on for ever ${what} (T08)`, async () => {
      const filler = `${megabyte.toString(16)}\r\n${'x'.repeat(megabyte)}\r\n`;
      function* chunks() {
        yield requestText('POST', '/photos', victim.program.url, {
          'Content-Type': 'multipart/form-data; boundary=endless',
          'Transfer-Encoding': 'chunked',
        });
        if (start !== '') yield `${start.length.toString(16)}\r\n${start}\r\n`;
        for (let sent = 0; sent < 200; sent += 1) yield filler;
      }
      const answer = await sendRaw({ url: victim.program.url, chunks: chunks() });
      // 0: it was still writing when it was hung up on, and did not hear the answer.
      assert.ok(answer.status === 0 || (answer.status >= 400 && answer.status < 500), answer.head);
      // Ten files of the largest size may come in one body.
      assert.ok(answer.sentBytes < 90 * megabyte, `${answer.sentBytes} bytes were taken`);
      await until('the partial file to be gone', () => victim.files('incoming').length === 0, {
        deadlineMs: 5_000,
      });
      await victim.assertUnharmed();
    });

  test('are cut off where a piece of an upload that resumes goes on for ever (T08)', async () => {
    const { url } = victim.program;
    const path = await createTusClient(url).made({ bytes: 2 * megabyte });
    const filler = `${megabyte.toString(16)}\r\n${'x'.repeat(megabyte)}\r\n`;
    function* chunks() {
      yield requestText('PATCH', path, url, {
        'Tus-Resumable': '1.0.0',
        'Upload-Offset': 0,
        'Content-Type': 'application/offset+octet-stream',
        'Transfer-Encoding': 'chunked',
      });
      for (let sent = 0; sent < 200; sent += 1) yield filler;
    }
    const answer = await sendRaw({ url, chunks: chunks() });
    assert.ok([0, 413].includes(answer.status), answer.head);
    assert.ok(answer.sentBytes < 40 * megabyte, `${answer.sentBytes} bytes were taken`);
    const { headers } = await createTusClient(url).head(path);
    assert.ok(
      Number(headers['upload-offset'] ?? 0) <= 2 * megabyte,
      'no more was written than was announced',
    );
    await createTusClient(url).remove(path);
    await victim.assertUnharmed();
  });

  test('are refused with 413 before the first of them, in pieces, too (T07)', async () => {
    const tus = createTusClient(victim.program.url);
    const path = await tus.made({ bytes: megabyte });
    const headers = {
      'Tus-Resumable': '1.0.0',
      'Upload-Offset': 0,
      'Content-Type': 'application/offset+octet-stream',
      'Content-Length': 10 * 1024 * megabyte,
    };
    const answer = await sendRaw({
      url: victim.program.url,
      chunks: [requestText('PATCH', path, victim.program.url, headers)],
    });
    assert.ok([413, 507].includes(answer.status), answer.head);
    await tus.remove(path);
    await victim.assertUnharmed();
  });

  test('leave neither a file nor an open descriptor when the sender goes away (T02)', async () => {
    const open = async () => (await readdir(`/proc/${victim.program.pid}/fd`)).length;
    const before = await open();
    const headers = { 'Content-Type': contentType, 'Content-Length': 3 * megabyte };
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const socket = connect(Number(new URL(victim.program.url).port), '127.0.0.1');
        socket.on('error', () => undefined);
        const text = `${requestText('POST', '/photos', victim.program.url, headers)}${head}${'x'.repeat(index * 40_000)}`;
        await new Promise<void>((resolve) => socket.write(text, () => resolve()));
        socket.destroy();
      }),
    );
    await until('the partial files to be gone', () => victim.files('incoming').length === 0, {
      deadlineMs: 10_000,
    });
    await until('their descriptors to be closed', async () => (await open()) <= before + 5, {
      deadlineMs: 10_000,
    });
    await victim.assertUnharmed();
  });
});

test('the same file twenty times at once is one photo (T19)', async () => {
  const bytes = drawPng({ seed: 40, width: 200, height: 100 });
  const answers = await Promise.all(Array.from({ length: 20 }, () => victim.client.upload(bytes)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(19).fill(200), 201]);
  const ids = answers.map(({ text }) => (JSON.parse(text) as PhotoJson).id);
  assert.equal(new Set(ids).size, 1);
  await victim.assertUnharmed();
});

test('after all of this nothing was a 500, and no inside was told', () => assertNoSlip(victim));
