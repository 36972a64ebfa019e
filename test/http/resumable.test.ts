// Uploads that resume, against tus 1.0 (tus.io/protocols/resumable-upload) and against what the form answers.
import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { RunningGallery } from '../../src/assemble.ts';
import { type Client, createClient, isOver, type PhotoJson, sha256Of } from '../support/client.ts';
import { drawPng } from '../support/pictures.ts';
import { openRunningGallery } from '../support/running-gallery.ts';
import { createTusClient, type TusClient, type TusReply } from '../support/tus-client.ts';
import { until } from '../support/until.ts';

const megabyte = 1024 * 1024;

describe('an upload that resumes', () => {
  let gallery: RunningGallery & { folder: string };
  let client: Client;
  let tus: TusClient;
  const cleaners: (() => unknown)[] = [];

  before(async () => {
    gallery = await openRunningGallery(
      { after: (clean) => cleaners.push(clean) },
      { maxUploadBytes: 2 * megabyte },
    );
    client = createClient(gallery.url);
    tus = createTusClient(gallery.url);
  });
  after(async () => {
    for (const clean of cleaners.toReversed()) await clean();
  });

  const folder = () => join(gallery.folder, 'resumable');
  const fileOf = (path: string) => join(folder(), path.split('/').at(-1) ?? '');
  const incoming = () => readdirSync(join(gallery.folder, 'incoming'));
  const files = () => readdirSync(folder());
  const photoOf = async ({ headers }: TusReply) =>
    client.photo(String(headers['sajin-photo']).split('/').at(-1) ?? '');
  const assertProblem = ({ status, text, headers }: TusReply, expected: number, code: string) => {
    assert.equal(status, expected, text);
    assert.match(String(headers['content-type']), /^application\/problem\+json/);
    assert.equal((JSON.parse(text) as { code: string }).code, code);
  };
  const askKnown = (sha256: string, headers: Readonly<Record<string, string>> = {}) =>
    client.ask(`/digests/${sha256}`, { headers: { 'X-Requested-With': 'test', ...headers } });
  const assertHead = async (path: string, expected: number) => {
    const { status, headers } = await tus.head(path);
    assert.deepEqual([status, headers['upload-offset']], [200, String(expected)]);
  };

  test('says what it understands', async () => {
    const { status, headers } = await tus.ask('OPTIONS', '/uploads');
    assert.deepEqual(
      [status, headers['tus-version'], headers['tus-max-size']],
      [204, '1.0.0', String(2 * megabyte)],
    );
    assert.equal(headers['tus-extension'], 'creation,creation-with-upload,termination,expiration');
    assert.equal(headers['allow'], 'POST, OPTIONS');
    assert.equal(headers['access-control-allow-origin'], undefined, 'nothing for other sites');
  });

  test('becomes a photo with its last byte', async () => {
    const bytes = drawPng({ seed: 900, width: 300, height: 200 });
    const made = await tus.make({
      bytes: bytes.length,
      title: '제목 one',
      name: '../../x.png',
      sha256: sha256Of(bytes),
    });
    const path = String(made.headers.location);
    assert.equal(made.status, 201);
    assert.match(path, /^\/uploads\/[0-9a-f]{32}$/);
    assert.match(String(made.headers['upload-expires']), /GMT$/);
    const half = Math.floor(bytes.length / 2);
    const first = await tus.patch(path, 0, bytes.subarray(0, half));
    assert.deepEqual(
      [first.status, first.headers['upload-offset'], first.headers['sajin-photo']],
      [204, String(half), undefined],
    );
    await assertHead(path, half);
    const last = await tus.patch(path, half, bytes.subarray(half));
    assert.equal(last.status, 204);
    const photo = await photoOf(last);
    assert.deepEqual([photo.title, photo.sha256], ['제목 one', sha256Of(bytes)]);
    assert.deepEqual(await client.bytes(photo.links.original), bytes);
    assert.equal(last.headers['sajin-duplicate'], undefined);
  });

  test('is told to whoever did not hear the answer', async () => {
    const bytes = drawPng({ seed: 901 });
    const path = await tus.made({ bytes: bytes.length });
    const answer = await tus.patch(path, 0, bytes);
    const again = await tus.head(path);
    assert.deepEqual(
      [again.status, again.headers['upload-offset'], again.headers['upload-length']],
      [200, String(bytes.length), String(bytes.length)],
    );
    assert.equal(again.headers['sajin-photo'], answer.headers['sajin-photo']);
    assert.equal(again.headers['cache-control'], 'no-store');
  });

  test('is known at every moment while a photo is made of it', async () => {
    const bytes = drawPng({ seed: 920, width: 600, height: 500 });
    const path = await tus.made({ bytes: bytes.length });
    const asked: Promise<TusReply>[] = [];
    const timer = setInterval(() => asked.push(tus.head(path)), 3);
    const last = await tus.patch(path, 0, bytes);
    clearInterval(timer);
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    assert.deepEqual(
      statuses.filter((status) => status !== 200),
      [],
    );
    assert.ok([204, 400].includes(last.status), last.text);
    await tus.remove(path);
  });

  test('of no length that is a number is refused with 400', async () => {
    for (const length of ['abc', 'NaN', '5, 5', '1e3', '-5'])
      assertProblem(await tus.ask('POST', '/uploads', { 'Upload-Length': length }), 400, 'bad-request');
  });

  test('may come whole with its creation', async () => {
    const bytes = drawPng({ seed: 902 });
    const reply = await tus.make({ bytes: bytes.length, body: bytes, title: 'at once' });
    assert.equal(reply.status, 201);
    assert.equal((await photoOf(reply)).title, 'at once');
  });

  test('that fails in the moment of its creation leaves nothing, since nobody knows its address', async () => {
    const bytes = drawPng({ seed: 930 });
    const before = files().length;
    const { sent, reply } = tus.beginMaking({
      'Upload-Length': bytes.length,
      'Content-Length': bytes.length,
    });
    await new Promise<void>((resolve) => sent.write(bytes.subarray(0, 100), () => resolve()));
    await until('it to be made', () => files().length > before);
    sent.destroy();
    await reply.catch(() => undefined);
    await until('it to be gone', () => files().length === before);

    const refused = await tus.make({ bytes: bytes.length, sha256: '0'.repeat(64), body: bytes });
    assertProblem(refused, 460, 'wrong-checksum');
    assert.equal(refused.headers.location, undefined);
    assert.equal(files().length, before);
  });

  test('of known bytes leads to the photo that is there', async () => {
    const bytes = drawPng({ seed: 903 });
    const first = await tus.send(bytes);
    const second = await tus.send(bytes);
    assert.equal(second.headers['sajin-photo'], first.headers['sajin-photo']);
    assert.deepEqual([first.headers['sajin-duplicate'], second.headers['sajin-duplicate']], [undefined, '1']);
  });

  test('keeps what came before a cut, and goes on from there (T20)', async () => {
    const bytes = drawPng({ seed: 904, width: 900, height: 700 });
    const path = await tus.made({ bytes: bytes.length, sha256: sha256Of(bytes) });
    const { sent, reply } = tus.begin(path, 0, { 'Content-Length': bytes.length });
    const part = Math.floor(bytes.length / 3);
    await new Promise<void>((resolve) => sent.write(bytes.subarray(0, part), () => resolve()));
    // What has come is written down after a second at the latest, when more comes.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    sent.write(bytes.subarray(part, part + 10));
    await until('the server to have some', async () => statSync(fileOf(path)).size > 0);
    sent.destroy();
    await reply.catch(() => undefined);
    const offset = Number((await tus.head(path)).headers['upload-offset']);
    assert.ok(offset >= part && offset <= part + 10, String(offset));
    assert.equal((await tus.patch(path, offset, bytes.subarray(offset))).status, 204);
    const photo = await photoOf(await tus.head(path));
    assert.deepEqual(await client.bytes(photo.links.original), bytes);
  });

  test('is refused as the form refuses, and nothing of it is kept', async () => {
    const before = files().length;
    const text = Buffer.from('<html>not a picture</html>');
    assertProblem(await tus.send(text), 415, 'unsupported-type');
    const rotten = drawPng({ seed: 905 }).subarray(0, 40);
    assertProblem(await tus.send(rotten), 422, 'unreadable');
    assertProblem(await tus.make({ bytes: 0 }), 422, 'empty-file');
    assertProblem(await tus.make({ bytes: 2 * megabyte + 1 }), 413, 'too-large');
    assertProblem(await tus.make({ bytes: 10, title: 'x'.repeat(201) }), 422, 'title-too-long');
    assertProblem(await tus.make({ bytes: 10, sha256: 'nonsense' }), 400, 'bad-request');
    assert.equal(files().length, before);
  });

  test('of other bytes than were promised is refused with 460 (T18)', async () => {
    const before = files().length;
    const bytes = drawPng({ seed: 906 });
    assertProblem(await tus.send(bytes, { sha256: '0'.repeat(64) }), 460, 'wrong-checksum');
    assert.equal(files().length, before);
    assert.equal((await askKnown(sha256Of(bytes))).status, 204);
  });

  test('takes no more than was announced', async () => {
    const bytes = drawPng({ seed: 907 });
    const path = await tus.made({ bytes: bytes.length - 10 });
    assertProblem(await tus.patch(path, 0, bytes), 413, 'too-large');
    const chunked = await tus.ask(
      'PATCH',
      path,
      {
        'Content-Type': 'application/offset+octet-stream',
        'Upload-Offset': 0,
        'Transfer-Encoding': 'chunked',
      },
      undefined,
    );
    assert.equal(chunked.status, 204, 'an empty piece changes nothing');
    await tus.remove(path);
  });

  test('of an offset that is not its own is refused with 409 (T20)', async () => {
    const path = await tus.made({ bytes: 1000 });
    await tus.patch(path, 0, Buffer.alloc(100));
    assertProblem(await tus.patch(path, 50, Buffer.alloc(10)), 409, 'wrong-offset');
    await assertHead(path, 100);
    await tus.remove(path);
  });

  test('is written by one of two that come at once (T20)', async () => {
    const bytes = drawPng({ seed: 908, width: 900, height: 700 });
    const path = await tus.made({ bytes: bytes.length });
    const replies = await Promise.all([tus.patch(path, 0, bytes), tus.patch(path, 0, bytes)]);
    const statuses = replies.map(({ status }) => status).sort();
    assert.equal(statuses[0], 204, JSON.stringify(statuses));
    // The other found the upload further on, or gone where photos are.
    assert.ok([204, 404, 409].includes(statuses[1] ?? 0), JSON.stringify(statuses));
    const photo = await photoOf(await tus.head(path));
    assert.deepEqual(await client.bytes(photo.links.original), bytes);
  });

  test('that waits for a dead connection takes it over', async () => {
    const path = await tus.made({ bytes: 1000 });
    const { sent, reply } = tus.begin(path, 0, { 'Content-Length': 1000 });
    await new Promise<void>((resolve) => sent.write(Buffer.alloc(400), () => resolve()));
    // The library has the lock once the bytes arrive; the phone, meanwhile, comes back by another way.
    await new Promise((resolve) => setTimeout(resolve, 300));
    await assertHead(path, 400);
    assert.equal((await tus.patch(path, 400, Buffer.alloc(100))).status, 204);
    await assertHead(path, 500);
    sent.destroy();
    await reply.catch(() => undefined);
    await tus.remove(path);
  });

  test('that is unknown, foreign or no id at all is answered 404 (T20, T36)', async () => {
    for (const id of ['0'.repeat(32), 'x', '..%2f..%2fgallery.db', '__proto__', `${'0'.repeat(32)}.json`]) {
      assertProblem(await tus.patch(`/uploads/${id}`, 0, Buffer.alloc(1)), 404, 'no-upload');
      assert.equal((await tus.head(`/uploads/${id}`)).status, 404, id);
      assert.equal((await tus.remove(`/uploads/${id}`)).status, 404, id);
    }
  });

  test('is the same one however its address is written', async () => {
    const bytes = drawPng({ seed: 920 });
    const path = await tus.made({ bytes: bytes.length });
    const written = path.replace(/[0-9a-f]$/, (digit) => `%${digit.charCodeAt(0).toString(16)}`);
    const { status, headers } = await tus.patch(written, 0, bytes);
    assert.equal(status, 204);
    assert.match(String(headers['sajin-photo']), /^\/photos\//);
  });

  test('that became a photo takes an empty piece, and leaves nothing', async () => {
    const bytes = drawPng({ seed: 921 });
    const path = await tus.made({ bytes: bytes.length });
    await tus.patch(path, 0, bytes);
    const { status, headers } = await tus.patch(path, bytes.length, Buffer.alloc(0));
    assert.equal(status, 204);
    assert.match(String(headers['sajin-photo']), /^\/photos\//);
    assert.ok(!files().includes(path.split('/').at(-1) ?? ''));
  });

  test('that was given up is gone', async () => {
    const path = await tus.made({ bytes: 1000 });
    await tus.patch(path, 0, Buffer.alloc(10));
    assert.equal((await tus.remove(path)).status, 204);
    assert.equal((await tus.remove(path)).status, 404);
    assert.equal((await tus.head(path)).status, 404);
    assert.ok(!files().some((name) => path.includes(name.slice(0, 32))));
  });

  test('expires after a day, and is swept (T20)', async () => {
    const path = await tus.made({ bytes: 1000 });
    const begun = await tus.make({ bytes: 1000 });
    const fresh = String(begun.headers.location);
    const note = join(folder(), `${path.split('/').at(-1)}.json`);
    const kept = JSON.parse(await readFile(note, 'utf8')) as Record<string, unknown>;
    const yesterday = new Date(Date.now() - 24 * 60 * 60 * 1000 - 1000).toISOString();
    await writeFile(note, JSON.stringify({ ...kept, creation_date: yesterday }));
    assertProblem(await tus.patch(path, 0, Buffer.alloc(10)), 410, 'upload-expired');
    assert.equal((await tus.head(path)).status, 410);
    const { openUnfinished } = await import('../../src/storage/unfinished.ts');
    assert.equal(await (await openUnfinished(folder())).deleteExpired(), 2);
    assert.equal((await tus.head(path)).status, 404);
    assert.equal((await tus.head(fresh)).status, 200);
    const empty = `${join(folder(), fresh.split('/').at(-1) ?? '')}.json`;
    const made = JSON.parse(await readFile(empty, 'utf8')) as Record<string, unknown>;
    const began = async (ms: number) => {
      await writeFile(empty, JSON.stringify({ ...made, creation_date: new Date(ms).toISOString() }));
      return (await openUnfinished(folder())).deleteExpired();
    };
    const day = 24 * 60 * 60 * 1000;
    // Without a byte it is there for as long as its answer said.
    const expires = Date.parse(String(begun.headers['upload-expires']));
    assert.ok(Math.abs(expires - (Date.now() + day)) < 60_000, String(begun.headers['upload-expires']));
    assert.equal(await began(Date.now() - day + 60_000), 0);
    assert.equal(await began(Date.now() - day - 1000), 2);
  });

  test('speaks the protocol that it says', async () => {
    const path = await tus.made({ bytes: 1000 });
    assertProblem(
      await tus.patch(path, 0, Buffer.alloc(1), { 'Tus-Resumable': '0.2.2' }),
      412,
      'wrong-protocol',
    );
    assertProblem(
      await tus.patch(path, 0, Buffer.alloc(1), { 'Content-Type': 'text/plain' }),
      415,
      'wrong-content-type',
    );
    assertProblem(
      await tus.patch(path, 0, Buffer.alloc(1), { 'Content-Encoding': 'gzip' }),
      415,
      'wrong-content-type',
    );
    assertProblem(await tus.patch(path, -1, Buffer.alloc(1)), 400, 'bad-request');
    assertProblem(await tus.ask('POST', '/uploads', { 'Upload-Defer-Length': 1 }), 400, 'bad-request');
    assertProblem(await tus.ask('POST', '/uploads'), 400, 'bad-request');
    const plain = await client.ask(path, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/offset+octet-stream' },
      body: 'x',
    });
    assert.deepEqual([plain.status, plain.headers.get('tus-version')], [412, '1.0.0']);
    const refused = await tus.patch(path, 5, Buffer.alloc(1));
    assert.deepEqual([refused.status, refused.headers['tus-resumable']], [409, '1.0.0']);
    await assertHead(path, 0);
    await tus.remove(path);
  });

  test('of another site is refused before its body (T34)', async () => {
    for (const headers of [{ Origin: 'http://evil.example' }, { 'Sec-Fetch-Site': 'cross-site' }] as const) {
      assertProblem(await tus.make({ bytes: 10, headers }), 403, 'foreign-origin');
      assertProblem(
        await tus.patch(`/uploads/${'0'.repeat(32)}`, 0, Buffer.alloc(1), headers),
        403,
        'foreign-origin',
      );
    }
  });

  test('need not be sent when its bytes are here', async () => {
    const bytes = drawPng({ seed: 909 });
    const sha256 = sha256Of(bytes);
    assert.equal((await askKnown(sha256)).status, 204);
    const { headers } = await tus.send(bytes);
    const answer = await askKnown(sha256);
    assert.equal(answer.status, 200);
    assert.deepEqual(JSON.parse(answer.text), { photo: headers['sajin-photo'] });
    assert.deepEqual(JSON.parse((await askKnown(sha256.toUpperCase())).text), JSON.parse(answer.text));
    for (const wrong of ['x', '..%2f']) assert.equal((await askKnown(wrong)).status, 404, wrong);
    // On plain http a browser does not say where a request comes from; but no foreign page can send this header.
    const plain = await client.ask(`/digests/${sha256}`, { headers: { Accept: 'application/json' } });
    assert.equal(plain.status, 403);
    for (const site of ['cross-site', 'same-site', 'none'])
      assert.equal((await askKnown(sha256, { 'Sec-Fetch-Site': site })).status, 403, site);
  });

  test('by form is compared with what the sender says it is (T18)', async () => {
    const bytes = drawPng({ seed: 910 });
    const send = (sha256: string) =>
      client.post([
        { name: 'sha256', body: sha256 },
        { name: 'photo', filename: 'a.png', body: bytes },
      ]);
    const wrong = await send('0'.repeat(64));
    assert.deepEqual(
      [wrong.status, (JSON.parse(wrong.text) as { code: string }).code],
      [422, 'wrong-digest'],
    );
    const received = incoming().filter((name) => !name.startsWith('scratch'));
    assert.deepEqual(received, []);
    const right = await send(sha256Of(bytes));
    assert.deepEqual([right.status, (JSON.parse(right.text) as PhotoJson).sha256], [201, sha256Of(bytes)]);
  });

  test('leaves nothing behind but the notes of what it became', async () => {
    await until('all to be developed', async () => (await client.everything()).every(isOver));
    await until('the scratch of the last one to go', async () => incoming().length === 0);
    assert.deepEqual(
      files().filter((name) => !name.endsWith('.json')),
      [],
    );
  });
});
