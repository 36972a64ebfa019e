// A disk that runs full: who uploads is told so, nothing that was acknowledged suffers, and once there is space things go on without a
// restart, an upload in pieces from where it was.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { createClient, type PhotoJson, sha256Of } from '../support/client.ts';
import { makeFolder } from '../support/folder.ts';
import { drawPng } from '../support/pictures.ts';
import { requestText, sendRaw } from '../support/raw-http.ts';
import { startProgram } from '../support/start-program.ts';
import { createTusClient } from '../support/tus-client.ts';

const mayMount = spawnSync('unshare', ['-m', 'true']).status === 0;
const skip = mayMount ? false : 'needs root to mount a small disk';

/** About 1.5 MB, another one for every number. */
const picture = (seed: number) => drawPng({ seed, width: 800, height: 640, compression: 0 });

const megabyte = 1024 * 1024;

/** A program whose folder is a disk of 48 MB, in a name space of its own that ends with it. */
async function startOnSmallDisk(t: TestContext) {
  const uploadsDir = await makeFolder(t);
  const program = await startProgram({
    uploadsDir,
    under: ['unshare', '-m', 'sh', '-c', `mount -t tmpfs -o size=48m sajin ${uploadsDir} && exec "$@"`, 'sh'],
  });
  t.after(() => program.stop());
  return program;
}

test('F4 a full disk is told as 507, loses nothing, and is got over without a restart', {
  skip,
}, async (t) => {
  const program = await startOnSmallDisk(t);
  const client = createClient(program.url);
  const tus = createTusClient(program.url);

  const kept: PhotoJson[] = [];
  const half = picture(0);
  const path = await tus.made({ bytes: half.length });
  assert.equal((await tus.patch(path, 0, half.subarray(0, 1000))).status, 204);
  for (let seed = 1; ; seed += 1) {
    assert.ok(seed < 60, 'a disk of 48 MB takes no sixty of these');
    const answer = await client.upload(picture(seed));
    if (answer.status !== 201) {
      assert.equal(answer.status, 507, answer.text);
      assert.match((JSON.parse(answer.text) as { detail: string }).detail, /disk .* is full/i);
      break;
    }
    kept.push(JSON.parse(answer.text) as PhotoJson);
  }
  const refused = await tus.patch(path, 1000, half.subarray(1000));
  assert.deepEqual([refused.status, (JSON.parse(refused.text) as { code: string }).code], [507, 'disk-full']);
  assert.equal((await tus.make({ bytes: half.length })).status, 507);
  assert.equal((await client.ask('/')).status, 200);
  for (const { links, sha256 } of kept) assert.equal(sha256Of(await client.bytes(links.original)), sha256);

  for (const { id } of kept.splice(0, 8)) await client.removeForGood(id);
  const offset = Number((await tus.head(path)).headers['upload-offset']);
  assert.ok(offset >= 1000, `what had come is still there, ${offset}`);
  const rest = await tus.patch(path, offset, half.subarray(offset));
  assert.equal(rest.status, 204, rest.text);
  const late = await client.keep(picture(100));
  assert.equal((await client.developed(late.id)).state, 'done');
  // Those whose renditions had no room are tried again after a minute; none of them is given up.
  for (const { state } of await client.everything()) assert.notEqual(state, 'failed');
});

test('F4 bodies that come at once are promised no space twice, and leave the reserve alone', {
  skip,
}, async (t) => {
  const program = await startOnSmallDisk(t);
  const client = createClient(program.url);
  const form = { 'Content-Type': 'multipart/form-data; boundary=x' };
  const begin = `--x\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\n\r\n`;
  const declared = { ...form, 'Content-Length': 15 * megabyte, Expect: '100-continue' };
  const answers = await Promise.all(
    [1, 2, 3, 4].map(() =>
      sendRaw({
        url: program.url,
        chunks: [requestText('POST', '/photos', program.url, declared)],
        deadlineMs: 2000,
      }),
    ),
  );
  assert.deepEqual(answers.map(({ status }) => status).toSorted(), [100, 100, 507, 507]);

  // Whoever does not say how much comes is stopped before the reserve.
  const chunked = { 'Transfer-Encoding': 'chunked' };
  const path = await createTusClient(program.url).made({ bytes: 35 * megabyte });
  const headers = {
    'Tus-Resumable': '1.0.0',
    'Content-Type': 'application/offset+octet-stream',
    'Upload-Offset': 0,
  };
  const freeBytes = async () => {
    const { bavail, bsize } = await statfs(`/proc/${program.pid}/root${program.uploadsDir}`);
    return bavail * bsize;
  };
  let least = await freeBytes();
  const look = setInterval(async () => {
    least = Math.min(least, await freeBytes());
  }, 5);
  const [whole, piece] = await Promise.all([
    sendRaw({
      url: program.url,
      chunks: inChunks(requestText('POST', '/photos', program.url, { ...form, ...chunked }), begin, 48),
    }),
    sendRaw({
      url: program.url,
      chunks: inChunks(requestText('PATCH', path, program.url, { ...headers, ...chunked }), '', 35),
    }),
  ]);
  clearInterval(look);
  assert.ok(whole.status === 507 || piece.status === 507, `${whole.status} ${piece.status}`);
  for (const { status } of [whole, piece]) assert.ok([507, 400, 422, 415].includes(status), `${status}`);
  assert.ok(least > 6 * megabyte, `${least} bytes were free`);
  assert.equal((await client.ask('/')).status, 200);
});

async function* inChunks(head: string, begin: string, megabytes: number) {
  yield head;
  if (begin !== '') yield `${begin.length.toString(16)}\r\n${begin}\r\n`;
  const bytes = Buffer.alloc(megabyte / 4, 1);
  for (let count = 0; count < megabytes * 4; count += 1)
    yield Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
  yield '0\r\n\r\n';
}
