// The log: what is told of a request and under which name, and what never is, whatever visitors send.
import assert from 'node:assert/strict';
import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createClient } from '../support/client.ts';
import { filesBelow } from '../support/data.ts';
import { type Cleaner, makeFolder } from '../support/folder.ts';
import { drawPng } from '../support/pictures.ts';
import { requestText, sendRaw } from '../support/raw-http.ts';
import { type LogLine, type Program, parseLine, startProgram } from '../support/start-program.ts';
import { createTusClient } from '../support/tus-client.ts';
import { until } from '../support/until.ts';

async function start(t: Cleaner, env: Readonly<Record<string, string>> = {}): Promise<Program> {
  const program = await startProgram({
    uploadsDir: await makeFolder(t),
    env: { LOG_LEVEL: 'debug', ...env },
  });
  t.after(() => program.stop());
  return program;
}

/** The line about a request that is over, by what it was called in its answer. */
const lineOf = ({ lines }: Program, id: string | null): Promise<LogLine> =>
  until(`the line of ${id}`, () =>
    lines.map(parseLine).find((line) => line.request === id && line.msg === 'answered'),
  );

const idOf = ({ headers }: { headers: Headers }) => headers.get('x-request-id');

describe('a request', () => {
  test('has an id of its own, in its answer and in its line', async (t) => {
    const program = await start(t);
    const client = createClient(program.url);
    const [one, other] = [await client.ask('/labels?secret=hunter2'), await client.ask('/nowhere')];
    assert.notEqual(idOf(one), idOf(other));
    assert.match(idOf(one) ?? '', /^[\w-]{36}$/);
    const { client: address, method, path, status, level } = await lineOf(program, idOf(one));
    assert.deepEqual([address, method, path, status, level], ['127.0.0.1', 'GET', '/labels', 200, 20]);
    assert.equal((await lineOf(program, idOf(other))).status, 404);
  });

  test('that changes something is told at info, one that reads is not', async (t) => {
    const program = await start(t, { LOG_LEVEL: 'info' });
    const client = createClient(program.url);
    const read = await client.ask('/');
    const changed = await client.upload(drawPng({ seed: 1 }));
    const { method, path, status, level } = await lineOf(program, idOf(changed));
    assert.deepEqual([method, path, status, level], ['POST', '/photos', 201, 30]);
    assert.ok(!program.lines.some((line) => line.includes(idOf(read) ?? '')));
  });

  test('keeps its id in the line about what went wrong', async (t) => {
    const program = await start(t);
    const client = createClient(program.url);
    const photo = await client.developed((await client.keep(drawPng({ seed: 2 }))).id);
    const originals = join(program.uploadsDir, 'originals');
    for (const { path } of filesBelow(originals)) await truncate(path, 10);
    const answer = await client.ask(photo.links.original);
    assert.equal(answer.status, 503);
    await lineOf(program, idOf(answer));
    const wrong = program.lines.map(parseLine).filter((line) => line.request === idOf(answer));
    assert.deepEqual(wrong.map(({ level }) => level).sort(), [20, 40, 50]);
  });

  test('is not called what a visitor says, nor from where (T39)', async (t) => {
    const program = await start(t);
    const client = createClient(program.url);
    const forged = { 'X-Request-Id': 'forged-request-id', 'X-Forwarded-For': '203.0.113.9' };
    const answer = await client.ask('/', { headers: forged });
    assert.notEqual(idOf(answer), 'forged-request-id');
    assert.equal((await lineOf(program, idOf(answer))).client, '127.0.0.1');
  });

  test('is called what the trusted proxy says, if that is sane', async (t) => {
    const program = await start(t, { TRUSTED_PROXY: '127.0.0.1' });
    const client = createClient(program.url);
    const ask = (id: string) =>
      client.ask('/', { headers: { 'X-Request-Id': id, 'X-Forwarded-For': '203.0.113.9' } });
    assert.equal(idOf(await ask('0123456789abcdef')), '0123456789abcdef');
    assert.equal((await lineOf(program, '0123456789abcdef')).client, '203.0.113.9');
    for (const wrong of ['short', 'x'.repeat(65), 'with a space', '"quote":1'])
      assert.notEqual(idOf(await ask(wrong)), wrong);
  });
});

describe('the log never holds', () => {
  test('a query, a cookie, a title, a file name, a token or the address of an unfinished upload (T44)', async (t) => {
    const program = await start(t, { METRICS_TOKEN: 'metrics-token-of-this-test' });
    const client = createClient(program.url);
    const headers = {
      Cookie: 'sid=cookie-secret',
      Authorization: 'Bearer metrics-token-of-this-test',
      Referer: `${program.url}/?next=referer-secret`,
    };
    await client.ask('/?token=query-secret', { headers });
    await client.ask('/metrics', { headers });
    const { id } = await client.keep(drawPng({ seed: 3 }), {
      title: 'title-secret',
      name: 'name-secret.png',
    });
    const renamed = { 'Content-Type': 'application/json', 'If-Match': '*' };
    const body = JSON.stringify({ title: 'title-secret again' });
    await client.ask(`/photos/${id}`, { method: 'PATCH', headers: renamed, body });
    const tus = createTusClient(program.url);
    const path = await tus.made({ bytes: 10, title: 'title-secret' });
    await tus.patch(path, 0, Buffer.from('12345'));
    await tus.head(path.toUpperCase().replace('UPLOADS', 'Uploads'));
    // What goes wrong says more than what goes well: refused, damaged, gone from the disk.
    const wrong = { name: 'name-secret.jpg', title: 'title-secret' };
    const answers = [await client.upload(Buffer.from('no picture'), wrong)];
    const torn = drawPng({ seed: 4, width: 300, height: 300 }).subarray(0, 40_000);
    const damaged = await client.developed((await client.keep(torn, wrong)).id);
    assert.equal(damaged.state, 'failed');
    await tus.send(Buffer.from('no picture'), wrong);
    await client.developed(id);
    for (const file of filesBelow(join(program.uploadsDir, 'originals'))) await truncate(file.path, 10);
    for (const one of [id, damaged.id]) answers.push(await client.ask(`/media/${one}/original`));
    answers.push(
      await client.ask(`/photos/${id}/undo`, { method: 'POST', headers: renamed, body: '{"change":9}' }),
    );
    for (const { status, text } of answers) {
      assert.ok(status >= 400, text);
      assert.doesNotMatch(text, /secret|\bat .*:\d+:\d+|node_modules|SQLITE/);
      assert.ok(!text.includes(program.uploadsDir), 'no path leaves');
    }
    await lineOf(program, idOf(await client.ask('/healthz')));
    const log = program.lines.join('\n');
    assert.doesNotMatch(log, /secret|metrics-token/);
    assert.ok(!log.toLowerCase().includes(path.split('/').at(-1)?.toLowerCase() ?? ''));
    assert.match(log, /"path":"\/uploads\/…"/);
  });

  test('a line that a visitor wrote, or a sign that a terminal obeys (T44)', async (t) => {
    const program = await start(t);
    const texts = [
      '\x1b[2J{"msg":"listening"}',
      '\x9b31m',
      'a\tb',
      '\x7f',
      '"}\\n{"msg":"forged"}',
      '\xe2\x80\xae',
    ];
    for (const [index, text] of texts.entries()) {
      const headers = { 'User-Agent': `agent-${index} ${text}`, Connection: 'close' };
      for (const path of [
        `/nowhere-${index}`,
        `/nowhere-${index}-%0d%0a%1b[31m`,
        `/nowhere-${index}-${text}`,
      ]) {
        // Latin-1, as it goes over the wire.
        const chunks = [Buffer.from(requestText('GET', path, program.url, headers), 'latin1')];
        await sendRaw({ url: program.url, chunks });
      }
    }
    await lineOf(program, idOf(await createClient(program.url).ask('/healthz')));
    for (const line of program.lines) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
      assert.doesNotMatch(line, /[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/);
      assert.notDeepEqual(parseLine(line), {}, `not a line of JSON: ${line}`);
      assert.ok(line.length < 2_000);
    }
    const said = program.lines.map(parseLine);
    assert.equal(said.filter(({ msg }) => msg === 'listening').length, 1);
    assert.equal(said.filter(({ msg }) => msg === 'forged').length, 0);
    const agents = said.map(({ agent }) => agent);
    assert.ok(agents.includes('agent-1 \x9b31m'), 'what was sent can still be read');
  });
});
