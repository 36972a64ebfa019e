// A download ends with the right bytes beside their place, or with one sentence that names the address and the path; whatever the server does.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import {
  DownloadFailed,
  download,
  type Order,
  type Patience,
  partOf,
  usualPatience,
} from '../../src/darkroom/models/download.ts';
import { sizeOf } from '../../src/darkroom/models/files.ts';
import { makeFolder } from '../support/folder.ts';
import { until } from '../support/until.ts';
import {
  announcing,
  cutAfter,
  fine,
  ignoringRanges,
  type Mood,
  openWeightsServer,
  redirectTo,
  type ServedFile,
  stallAfter,
  status,
  versionOf,
  withoutLength,
  wrongBytes,
} from '../support/weights-server.ts';

/** Silence is waited out for as long as usual, so that a busy machine's is not taken for the server's. */
const patience: Patience = { ...usualPatience, backoffMs: 1, vainAttempts: 3 };
/** Where the server falls silent on purpose. */
const stalls: Partial<Patience> = { stallMs: 1_000 };
const path = '/weights.onnx';
const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

interface Setting {
  readonly bytes?: number;
  readonly sha256?: string | undefined;
  /** The server names no version. */
  readonly unversioned?: boolean;
  /** Only the digest, or nothing, is known beforehand. */
  readonly knows?: 'all' | 'nothing';
  readonly patience?: Partial<Patience>;
}

/** A server with 100,000 bytes of weights, and the order for them. */
async function openShop(t: TestContext, { unversioned, knows = 'all', ...rest }: Setting = {}) {
  const server = await openWeightsServer(t);
  const folder = await makeFolder(t);
  const bytes = randomBytes(rest.bytes ?? 100_000);
  const file: ServedFile = { bytes, ...(unversioned ? {} : { etag: '"1"' }) };
  server.files.set(path, file);
  const target = join(folder, 'weights.onnx');
  const known = knows === 'all' ? { bytes: bytes.length, sha256: sha256Of(bytes) } : {};
  const order: Order = { url: server.url + path, target, ...known };
  const run = (signal?: AbortSignal) =>
    download(order, { patience: { ...patience, ...rest.patience }, ...(signal && { signal }) });
  return {
    server,
    file,
    order,
    part: partOf(target),
    run,
    behave: (moods: readonly Mood[], forever?: 'forever') => server.behave(path, moods, forever),
    async assertWhole() {
      const { sha256 } = await run();
      assert.equal(sha256, sha256Of(bytes));
      assert.deepEqual(await readFile(partOf(target)), bytes);
      assert.ok(!existsSync(target), 'its place is not touched');
    },
    async assertFails(why: RegExp) {
      await assert.rejects(run(), (error: unknown) => {
        assert.ok(error instanceof DownloadFailed, String(error));
        assert.match(error.message, why);
        assert.ok(error.message.includes(order.url), 'names the address');
        assert.ok(error.message.includes(target), 'names the path');
        assert.doesNotMatch(error.message, /\n/);
        return true;
      });
      assert.ok(!existsSync(target));
    },
  };
}

/** Without an end to be told beforehand. */
const sendingMore: Mood = (_request, response, file) => {
  response.writeHead(200, {});
  response.end(Buffer.concat([file.bytes, file.bytes]));
};

type Shop = Awaited<ReturnType<typeof openShop>>;
const ranges = ({ server }: Shop) => server.asked.map(({ range }) => range);

describe('a download comes whole', () => {
  test('at once from a good server', async (t) => {
    const shop = await openShop(t);
    await shop.assertWhole();
    assert.deepEqual(shop.server.asked, [{ path }]);
  });

  test('when nothing but the address is known beforehand', async (t) => {
    const shop = await openShop(t, { knows: 'nothing' });
    await shop.assertWhole();
  });

  test('from a server that does not say how long it is', async (t) => {
    for (const knows of ['all', 'nothing'] as const) {
      const shop = await openShop(t, { knows });
      shop.behave([withoutLength]);
      await shop.assertWhole();
    }
  });

  test('over cuts, each time from where it stopped, and only of the same version', async (t) => {
    const shop = await openShop(t);
    shop.behave([cutAfter(30_000), cutAfter(0), cutAfter(50_000)]);
    await shop.assertWhole();
    assert.deepEqual(ranges(shop), [undefined, 'bytes=30000-', 'bytes=30000-', 'bytes=80000-']);
    assert.deepEqual(
      shop.server.asked.slice(1).map(({ ifRange }) => ifRange),
      ['"1"', '"1"', '"1"'],
    );
  });

  test('over more cuts than it would try in vain, as long as each brings something', async (t) => {
    const shop = await openShop(t);
    shop.behave(Array.from({ length: 9 }, () => cutAfter(10_000)));
    await shop.assertWhole();
    assert.equal(shop.server.asked.length, 10);
  });

  test('over stalls, before the first byte and in the middle', async (t) => {
    const shop = await openShop(t, { patience: stalls });
    const silent: Mood = () => {};
    shop.behave([silent, stallAfter(0), stallAfter(40_000)]);
    await shop.assertWhole();
    assert.deepEqual(ranges(shop), [undefined, undefined, undefined, 'bytes=40000-']);
  });

  test('over a 500, a 503 and a 429', async (t) => {
    for (const moods of [
      [status(500), status(503)],
      [status(429), cutAfter(10), status(500)],
    ]) {
      const shop = await openShop(t);
      shop.behave(moods);
      await shop.assertWhole();
    }
  });

  test('from the beginning where the server ignores that it was asked for a piece', async (t) => {
    const shop = await openShop(t);
    shop.behave([cutAfter(60_000), ignoringRanges]);
    await shop.assertWhole();
    assert.deepEqual(ranges(shop), [undefined, 'bytes=60000-']);
  });

  test('by Last-Modified where there is no ETag, or a weak one', async (t) => {
    const shop = await openShop(t, { unversioned: true });
    Object.assign(shop.file, { lastModified: 'Wed, 18 Nov 2026 10:00:00 GMT', etag: 'W/"1"' });
    shop.behave([cutAfter(10_000)]);
    await shop.assertWhole();
    assert.equal(shop.server.asked[1]?.ifRange, 'Wed, 18 Nov 2026 10:00:00 GMT');
  });

  test('in pieces without a version when a digest will be compared, else from the beginning', async (t) => {
    const known = await openShop(t, { unversioned: true });
    known.behave([cutAfter(10_000)]);
    await known.assertWhole();
    assert.deepEqual(ranges(known), [undefined, 'bytes=10000-']);
    const unknown = await openShop(t, { unversioned: true, knows: 'nothing' });
    unknown.behave([cutAfter(10_000)]);
    await unknown.assertWhole();
    assert.deepEqual(ranges(unknown), [undefined, undefined]);
  });

  test('when the file is exchanged between two pieces: the new one, from the beginning', async (t) => {
    const shop = await openShop(t, { knows: 'nothing' });
    const next = randomBytes(90_000);
    shop.behave([
      cutAfter(50_000),
      (request, response, file) => {
        Object.assign(file, { bytes: next, etag: '"2"' });
        fine(request, response, file);
      },
    ]);
    assert.equal((await shop.run()).sha256, sha256Of(next));
    assert.deepEqual(await readFile(shop.part), next);
  });

  test('when a server sends a piece of a new version all the same', async (t) => {
    const shop = await openShop(t, { knows: 'nothing' });
    const next = randomBytes(100_000);
    const piece: Mood = (_request, response, file) => {
      Object.assign(file, { bytes: next, etag: '"2"' });
      response.writeHead(206, { 'Content-Range': 'bytes 50000-99999/100000', ...versionOf(file) });
      response.end(next.subarray(50_000));
    };
    shop.behave([cutAfter(50_000), piece]);
    assert.equal((await shop.run()).sha256, sha256Of(next));
  });

  test('when it is exchanged unseen between two pieces: the digest says so, and it begins again', async (t) => {
    const shop = await openShop(t, { unversioned: true });
    const right = shop.file.bytes;
    shop.behave([
      (request, response, file) =>
        cutAfter(50_000)(request, response, { bytes: Buffer.alloc(file.bytes.length) }),
    ]);
    await shop.assertWhole();
    assert.deepEqual(ranges(shop), [undefined, 'bytes=50000-', undefined]);
    assert.deepEqual(await readFile(shop.part), right);
  });

  test('when another piece comes than the one that was asked for', async (t) => {
    const shop = await openShop(t);
    const odd: Mood = (_request, response, file) => {
      response.writeHead(206, { 'Content-Range': 'bytes 0-49999/100000', ...versionOf(file) });
      response.end(file.bytes.subarray(0, 50_000));
    };
    shop.behave([cutAfter(10_000), odd]);
    await shop.assertWhole();
    assert.deepEqual(ranges(shop), [undefined, 'bytes=10000-', undefined]);
  });

  test('in pieces that the server makes smaller than what is missing', async (t) => {
    const shop = await openShop(t);
    const bite: Mood = (request, response, file) => {
      const from = Number(/\d+/.exec(request.headers.range ?? '')?.[0]);
      response.writeHead(206, {
        'Content-Range': `bytes ${from}-${from + 29_999}/${file.bytes.length}`,
        ...versionOf(file),
      });
      response.end(file.bytes.subarray(from, from + 30_000));
    };
    shop.behave([cutAfter(10_000), bite, bite]);
    await shop.assertWhole();
    assert.deepEqual(ranges(shop), [undefined, 'bytes=10000-', 'bytes=40000-', 'bytes=70000-']);
  });

  test('when all of it lay there already: a 416 is then good news', async (t) => {
    const shop = await openShop(t, { knows: 'nothing' });
    const whole: Mood = (_request, response, file) => {
      response.writeHead(200, versionOf(file));
      response.end(file.bytes);
    };
    shop.behave([whole]);
    await shop.assertWhole();
    await shop.assertWhole();
    assert.deepEqual(ranges(shop), [undefined, 'bytes=100000-']);
  });

  test('and a 416 for something else begins again', async (t) => {
    const shop = await openShop(t, { knows: 'nothing' });
    shop.behave([cutAfter(50_000), status(416, { 'Content-Range': 'bytes */7' })]);
    await shop.assertWhole();
    assert.deepEqual(ranges(shop), [undefined, 'bytes=50000-', undefined]);
  });

  test('over redirects, asking the first address again each time', async (t) => {
    const shop = await openShop(t);
    shop.server.files.set('/elsewhere', shop.file);
    shop.behave([redirectTo('/a'), redirectTo('/a')]);
    shop.server.behave('/a', [redirectTo(`${shop.server.url}/elsewhere`)], 'forever');
    shop.server.behave('/elsewhere', [cutAfter(20_000)]);
    await shop.assertWhole();
    assert.deepEqual(
      shop.server.asked.map(({ path: asked }) => asked),
      [path, '/a', '/elsewhere', path, '/a', '/elsewhere'],
    );
  });

  test('from a packed answer, which can not be continued', async (t) => {
    const { gzipSync } = await import('node:zlib');
    const shop = await openShop(t, { knows: 'nothing' });
    const packed: Mood = (_request, response, file) => {
      const body = gzipSync(file.bytes);
      response.writeHead(200, {
        'Content-Encoding': 'gzip',
        'Content-Length': body.length,
        ...versionOf(file),
      });
      response.end(body);
    };
    shop.behave([packed]);
    await shop.assertWhole();
  });

  test('after another part lay there: too long, of another address, or without its note', async (t) => {
    const shop = await openShop(t);
    await writeFile(shop.part, Buffer.alloc(200_000));
    await shop.assertWhole();
    await writeFile(shop.part, Buffer.alloc(2_000));
    await writeFile(`${shop.part}.json`, JSON.stringify({ url: 'http://127.0.0.1/other', validator: '"1"' }));
    await shop.assertWhole();
    await writeFile(shop.part, Buffer.alloc(2_000));
    await writeFile(`${shop.part}.json`, '{ half of a no');
    await shop.assertWhole();
    assert.ok(ranges(shop).every((range) => range === undefined));
  });
});

describe('a download fails with one sentence', () => {
  const failures: readonly (readonly [
    what: string,
    moods: readonly Mood[],
    why: RegExp,
    requests: number,
    setting?: Setting,
  ])[] = [
    ['when there is no such file', [status(404)], /answered 404/, 1],
    ['when it may not be had', [status(403)], /answered 403/, 1],
    ['when the server stays broken', [status(500)], /answered 500 \(3 attempts\)/, 3],
    ['when nothing ever comes', [stallAfter(0)], /not a byte came .*\(3 attempts\)/, 3, { patience: stalls }],
    [
      'when it is begun again and cut at the same place for ever',
      [cutAfter(9, (_request, response) => response.writeHead(200, { 'Content-Length': 100_000 }))],
      /cut \(3 attempts\)/,
      4,
    ],
    [
      'when it is announced as too long',
      [announcing(200_000)],
      /announces 200000 bytes instead of 100000/,
      1,
    ],
    ['when it is announced as too short', [announcing(50_000)], /announces 50000 bytes instead of 100000/, 1],
    [
      'when more is announced than ever comes',
      [announcing(200_000)],
      /ended after 100000 of 200000|cut/,
      4,
      { knows: 'nothing' },
    ],
    ['when the bytes are wrong', [wrongBytes], /has the SHA-256 [0-9a-f]{64} instead of [0-9a-f]{64}/, 1],
    ['when it redirects in a circle', [redirectTo(path)], /redirects more than 5 times/, 6],
    ['when it redirects to a file', [redirectTo('file:///etc/passwd')], /redirects to a file: address/, 1],
    ['when it redirects to nowhere', [status(302)], /without saying where/, 1],
    [
      'when it is larger than any model',
      [withoutLength],
      /sends more than 5000 bytes/,
      1,
      { knows: 'nothing', patience: { maxBytes: 5_000 } },
    ],
    [
      'when it is announced as larger than any model',
      [fine],
      /more than any model has/,
      1,
      { knows: 'nothing', patience: { maxBytes: 5_000 } },
    ],
  ];
  for (const [what, moods, why, requests, setting] of failures)
    test(what, async (t) => {
      const shop = await openShop(t, setting);
      shop.behave(moods, 'forever');
      await shop.assertFails(why);
      assert.equal(shop.server.asked.length, requests);
    });

  test('when nobody answers, and when the address is none for the web', async (t) => {
    const shop = await openShop(t);
    shop.server.close();
    await shop.assertFails(/nobody answers at 127\.0\.0\.1:\d+ \(3 attempts\)/);
    for (const [url, why] of [
      ['ftp://127.0.0.1/weights.onnx', /ftp: is neither http: nor https:/],
      ['nonsense', /this is no address/],
    ] as const)
      await assert.rejects(download({ ...shop.order, url }, { patience }), why);
  });

  test('and keeps nothing of what was wrong or too much, but all of what was only cut', async (t) => {
    const shop = await openShop(t);
    for (const moods of [[wrongBytes], [cutAfter(10), sendingMore]]) {
      shop.behave(moods);
      await assert.rejects(shop.run());
      assert.ok(!existsSync(shop.part));
    }
    shop.behave([cutAfter(70_000), status(404)]);
    await assert.rejects(shop.run(), /404/);
    await shop.assertWhole();
    assert.equal(ranges(shop).at(-1), 'bytes=70000-');
  });
});

describe('a download that is stopped', () => {
  test('rejects with the reason at once, and goes on from there the next time', async (t) => {
    const shop = await openShop(t);
    const stop = new AbortController();
    shop.behave([stallAfter(40_000)]);
    const running = shop.run(stop.signal);
    await until('the bytes to be there', async () => (await sizeOf(shop.part)) === 40_000);
    stop.abort(new Error('enough'));
    await assert.rejects(running, /enough/);
    await assert.rejects(shop.run(AbortSignal.abort(new Error('before'))), /before/);
    await shop.assertWhole();
    assert.equal(ranges(shop).at(-1), 'bytes=40000-');
  });

  test('while it waits to try again', async (t) => {
    const shop = await openShop(t, { patience: { backoffMs: 60_000 } });
    const stop = new AbortController();
    shop.behave([status(500)]);
    const running = shop.run(stop.signal);
    await until('it to have asked', () => shop.server.asked.length > 0);
    stop.abort(new Error('enough'));
    await assert.rejects(running, /enough/);
  });
});

test('a download tells how far it is, what lay there already included', async (t) => {
  const shop = await openShop(t);
  shop.behave([cutAfter(60_000)]);
  const seen: number[] = [];
  await download(shop.order, { patience, onBytes: (bytes) => seen.push(bytes) });
  assert.deepEqual(
    seen,
    [...seen].sort((a, b) => a - b),
  );
  assert.ok(seen.includes(60_000));
  assert.equal(seen.at(-1), 100_000);
});
