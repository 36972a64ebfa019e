// How the program ends while people are in the middle of something: it says so, finishes what was begun, and takes nothing new.
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { describe, test } from 'node:test';
import { createClient, type PhotoJson } from '../support/client.ts';
import { filesBelow } from '../support/data.ts';
import { type Cleaner, makeFolder } from '../support/folder.ts';
import { filePart, formBody } from '../support/multipart.ts';
import { drawPng } from '../support/pictures.ts';
import { openRunningGallery } from '../support/running-gallery.ts';
import { startProgram } from '../support/start-program.ts';
import { createTusClient } from '../support/tus-client.ts';
import { until, within } from '../support/until.ts';

const picture = drawPng({ seed: 1, width: 400, height: 300, compression: 0 });

async function start(t: Cleaner, env: Readonly<Record<string, string>> = {}) {
  const program = await startProgram({ uploadsDir: await makeFolder(t), env });
  t.after(() => program.kill('SIGKILL'));
  return program;
}

/** A form of which all but the last bytes are sent; over a connection that would rather stay. */
async function beginUpload(url: string, isThere: () => boolean) {
  const { body, contentType } = formBody([filePart('slow.png', picture)]);
  const sent = request(new URL('/photos', url), {
    method: 'POST',
    agent: new Agent({ keepAlive: true }),
    headers: {
      'Content-Type': contentType,
      'Content-Length': body.length,
      Accept: 'application/json',
      Origin: url,
    },
  });
  const answered = new Promise<{ status: number; text: string }>((resolve, reject) => {
    sent.on('error', reject);
    sent.on('response', async (response) => {
      let text = '';
      for await (const chunk of response) text += String(chunk);
      resolve({ status: response.statusCode ?? 0, text });
    });
  });
  answered.catch(() => undefined);
  sent.write(body.subarray(0, -100));
  await until('the upload to arrive', isThere);
  return {
    answered,
    finish() {
      sent.end(body.subarray(-100));
      return answered;
    },
  };
}

const arrived = (uploadsDir: string) => () => filesBelow(`${uploadsDir}/incoming`).length > 0;

describe('SIGTERM', () => {
  test('is told at /readyz before the door is closed, if somebody shall hear it', async (t) => {
    const program = await start(t, { CLOSING_NOTICE_S: '2' });
    const client = createClient(program.url);
    const upload = await beginUpload(program.url, arrived(program.uploadsDir));
    const end = program.kill('SIGTERM');
    await until('/readyz to say so', async () => (await client.ask('/readyz')).status === 503, {
      deadlineMs: 1_500,
    });
    assert.equal((await client.ask('/healthz')).status, 200, 'it is alive');
    assert.equal((await client.ask('/')).status, 200, 'who reads may go on');
    assert.equal((await client.ask('/events')).status, 503, 'nobody listens to what is about to end');
    const { status, headers } = await client.upload(drawPng({ seed: 2 }));
    assert.deepEqual([status, headers.get('retry-after')], [503, '5'], 'nothing new is begun');
    assert.equal((await upload.finish()).status, 201, 'what was begun is finished');
    assert.equal((await end).code, 0);
  });

  test('does not wait for connections on which nothing happens any more', async (t) => {
    const program = await start(t);
    const upload = await beginUpload(program.url, arrived(program.uploadsDir));
    const end = program.kill('SIGTERM');
    await until('the program to say that it closes', () =>
      program.lines.some((line) => /"closing"/.test(line)),
    );
    assert.equal((await upload.finish()).status, 201);
    const finished = performance.now();
    assert.equal((await end).code, 0);
    assert.ok(performance.now() - finished < 2_000, `it took ${performance.now() - finished} ms`);
  });

  test('lets the piece of an upload that resumes end, and the rest come after the restart', async (t) => {
    const program = await start(t);
    // More than is collected before it is written.
    const large = drawPng({ seed: 3, width: 1200, height: 1000, compression: 0 });
    const tus = createTusClient(program.url);
    const path = await tus.made({ bytes: large.length, title: 'In two pieces' });
    const half = Math.floor(large.length / 2);
    const piece = tus.begin(path, 0, { 'Content-Length': half });
    piece.sent.write(large.subarray(0, half - 10));
    const folder = `${program.uploadsDir}/resumable`;
    await until('the piece to arrive', () =>
      filesBelow(folder).some((file) => !file.name.endsWith('.json') && statSync(file.path).size > 0),
    );
    const end = program.kill('SIGTERM');
    await until('the program to say that it closes', () =>
      program.lines.some((line) => /"closing"/.test(line)),
    );
    piece.sent.end(large.subarray(half - 10, half));
    const reply = await piece.reply;
    assert.deepEqual([reply.status, reply.headers['upload-offset']], [204, String(half)]);
    assert.equal((await end).code, 0);

    const again = await startProgram({ uploadsDir: program.uploadsDir });
    t.after(() => again.stop());
    const rest = await createTusClient(again.url).patch(path, half, large.subarray(half));
    assert.equal(rest.status, 204, rest.text);
    const [photo] = (JSON.parse((await createClient(again.url).ask('/')).text) as { photos: PhotoJson[] })
      .photos;
    assert.equal(photo?.title, 'In two pieces');
  });
});

test('who takes longer than the drain is cut, and nothing of the upload is left', async (t) => {
  const gallery = await openRunningGallery(t, {}, { drainMs: 300 });
  const upload = await beginUpload(gallery.url, arrived(gallery.folder));
  await within('the gallery to close', 5_000, gallery.close());
  await assert.rejects(upload.answered);
  await until('the upload to be gone', () => !arrived(gallery.folder)());
});
