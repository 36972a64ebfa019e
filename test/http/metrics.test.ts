// What the program tells about itself: to whom, that it is true, and that it says nothing about anybody.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openMetrics } from '../../src/metrics.ts';
import { createClient } from '../support/client.ts';
import { projectRoot } from '../support/data.ts';
import { filePart, formBody } from '../support/multipart.ts';
import { drawPng } from '../support/pictures.ts';
import { openRunningGallery } from '../support/running-gallery.ts';
import { createTusClient } from '../support/tus-client.ts';
import { until } from '../support/until.ts';

const token = 'a-token-that-nobody-guesses';

/** Every series as `name{labels}` with its value, labels in the order of their names. */
function seriesIn(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, name = '', labels, value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      const sorted = labels?.match(/\w+="(?:[^"\\]|\\.)*"/g)?.sort();
      return [sorted === undefined ? name : `${name}{${sorted.join(',')}}`, Number(value)];
    }),
  );
}

const read = async (url: string) => seriesIn((await createClient(url).ask('/metrics')).text);

describe('the metrics', () => {
  test('count uploads by their way and end, and the bytes that were kept', async (context) => {
    const gallery = await openRunningGallery(context);
    const client = createClient(gallery.url);
    const [first, second] = [drawPng({ seed: 1 }), drawPng({ seed: 2 })];
    await client.keep(first);
    await client.keep(first);
    await createTusClient(gallery.url).send(second);
    await client.upload(Buffer.from('no picture'));
    await client.post([{ name: 'title', body: 'and no file' }]);
    const series = await read(gallery.url);
    const counted = [...series].filter(([name, value]) => name.startsWith('sajin_upload') && value > 0);
    const uploads = counted.sort();
    assert.deepEqual(uploads, [
      ['sajin_upload_bytes_total{way="form"}', first.length],
      ['sajin_upload_bytes_total{way="resumable"}', second.length],
      ['sajin_uploads_total{outcome="duplicate",way="form"}', 1],
      ['sajin_uploads_total{outcome="kept",way="form"}', 1],
      ['sajin_uploads_total{outcome="kept",way="resumable"}', 1],
      ['sajin_uploads_total{outcome="refused",way="form"}', 1],
    ]);
    assert.equal(series.get('sajin_originals'), 2);
    assert.equal(series.get('sajin_errors_total{code="unsupported-type"}'), 1);
    assert.equal(series.get('sajin_errors_total{code="no-file"}'), 1);
  });

  test('tell how long photos were developed, and what waits', async (context) => {
    const gallery = await openRunningGallery(context);
    const client = createClient(gallery.url);
    await client.developed((await client.keep(drawPng({ seed: 3 }))).id);
    const series = await until('the queue to be empty', async () => {
      const now = await read(gallery.url);
      return now.get('sajin_jobs') === 0 && now;
    });
    const labels = '{engine="off",outcome="developed"}';
    assert.equal(series.get(`sajin_development_seconds_count${labels}`), 1);
    assert.ok((series.get(`sajin_development_seconds_sum${labels}`) ?? 0) > 0);
    assert.equal(series.get('sajin_jobs_oldest_seconds'), 0);
    assert.equal(series.get('sajin_photos_failed'), 0);
  });

  test('count what guests send by links, taken or not', async (context) => {
    const gallery = await openRunningGallery(context);
    const client = createClient(gallery.url);
    const made = await client.ask('/links', {
      method: 'POST',
      body: JSON.stringify({ upload: true, most: 5 }),
      headers: { 'Content-Type': 'application/json' },
    });
    const { path } = JSON.parse(made.text) as { path: string };
    const picture = drawPng({ seed: 6 });
    const send = async (...files: readonly Uint8Array[]) => {
      const { body, contentType } = formBody(files.map((file, at) => filePart(`${at}.png`, file)));
      const headers = { 'Content-Type': contentType, Accept: 'text/html' };
      return (await client.ask(`${path}/photos`, { method: 'POST', body, headers })).status;
    };
    assert.equal(await send(picture), 303);
    assert.equal(await send(picture, Buffer.from('no picture')), 207);
    const series = await read(gallery.url);
    const count = (outcome: string) => series.get(`sajin_uploads_total{outcome="${outcome}",way="guest"}`);
    assert.deepEqual(['kept', 'duplicate', 'refused', 'failed'].map(count), [1, 1, 1, 0]);
    assert.equal(series.get('sajin_upload_bytes_total{way="guest"}'), picture.length);
  });

  test('name requests by the pattern of their route', async (context) => {
    const gallery = await openRunningGallery(context);
    const client = createClient(gallery.url);
    const { id } = await client.keep(drawPng({ seed: 4 }));
    for (const path of [`/photos/${id}`, `/photos/${id}`, '/photos/nobody', '/no/such/page?token=secret'])
      await client.ask(path);
    await client.ask(`/photos/${id}`, { method: 'PUT' });
    await client.ask('/static/style.css');
    const series = await read(gallery.url);
    const count = (route: string, method: string, status: string) =>
      series.get(`sajin_http_requests_total{method="${method}",route="${route}",status="${status}"}`);
    assert.equal(count('/photos/:id', 'GET', '2xx'), 2);
    assert.equal(count('/photos/:id', 'GET', '4xx'), 1);
    assert.equal(count('none', 'PUT', '4xx'), 1);
    assert.equal(count('none', 'GET', '4xx'), 1);
    assert.equal(count('/static', 'GET', '2xx') ?? count('/static', 'GET', '4xx'), 1);
    assert.equal(
      series.get('sajin_http_request_seconds_count{method="GET",route="/photos/:id"}'),
      3,
      'durations are there, too',
    );
  });

  test('tell of an answer that nobody waited for', async (context) => {
    const gallery = await openRunningGallery(context);
    const abort = new AbortController();
    const listening = await fetch(`${gallery.url}/events`, { signal: abort.signal });
    abort.abort();
    await listening.text().catch(() => undefined);
    await until('the request to be over', async () => {
      const series = await read(gallery.url);
      return series.get('sajin_http_requests_total{method="GET",route="/events",status="cut"}') === 1;
    });
  });

  test('measure the database, the disk, the process and its event loop', async (context) => {
    const gallery = await openRunningGallery(context);
    const series = await read(gallery.url);
    for (const name of [
      'sajin_database_bytes',
      'sajin_disk_free_bytes',
      'sajin_disk_bytes',
      'process_resident_memory_bytes',
      'process_cpu_seconds_total',
      'process_start_time_seconds',
    ])
      assert.ok((series.get(name) ?? 0) > 0, name);
    for (const name of [
      'sajin_database_wal_bytes',
      'sajin_database_busy_retries_total',
      'nodejs_eventloop_lag_p50_seconds',
      'nodejs_eventloop_lag_p99_seconds',
      'nodejs_eventloop_lag_max_seconds',
    ])
      assert.ok((series.get(name) ?? -1) >= 0, name);
    const build = [...series.keys()].find((name) => name.startsWith('sajin_build_info'));
    assert.match(build ?? '', /node="v\d+.*version="\d+\.\d+\.\d+"/);
  });

  test('hold no id, title, file name, digest, query or address', async (context) => {
    const gallery = await openRunningGallery(context);
    const client = createClient(gallery.url);
    const photo = await client.developed(
      (await client.keep(drawPng({ seed: 5 }), { title: 'Ida on the beach', name: 'IMG_4711.png' })).id,
    );
    const tus = createTusClient(gallery.url);
    const unfinished = await tus.made({ bytes: 10, title: 'Ida again' });
    for (const path of [unfinished, `/digests/${photo.sha256}`, photo.links.original, '/?label=dog'])
      await client.ask(path);
    await client.ask(`/${photo.id}/../%41`, { headers: { 'User-Agent': 'Ida' } });
    const { text } = await client.ask('/metrics');
    for (const secret of [
      photo.id,
      photo.sha256,
      unfinished.split('/').at(-1) ?? '',
      'Ida',
      'IMG_4711',
      'dog',
    ])
      assert.ok(!text.includes(secret), secret);
    assert.doesNotMatch(text, /127\.0\.0\.1|="[^"]*[0-9a-f]{12}/);
    for (const method of ['BREW', 'get'])
      assert.ok(!text.includes(`method="${method}"`), 'methods are those of the table');
  });

  test('stay few, whatever visitors ask for', async (context) => {
    const gallery = await openRunningGallery(context);
    const client = createClient(gallery.url);
    await client.ask('/nowhere');
    const before = (await read(gallery.url)).size;
    for (let count = 0; count < 50; count += 1) await client.ask(`/nowhere/${count}`);
    // The reading itself is a request as well, which was not there before.
    assert.ok((await read(gallery.url)).size <= before + 16);
  });
});

describe('who may read the metrics', () => {
  test('this machine, but not a proxy on it that asks for somebody', async (context) => {
    const { url } = await openRunningGallery(context);
    const client = createClient(url);
    const { status, headers } = await client.ask('/metrics');
    assert.equal(status, 200);
    assert.match(headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
    assert.equal(headers.get('cache-control'), 'no-store');
    for (const name of ['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'Via', 'X-Forwarded-Proto'])
      assert.equal((await client.ask('/metrics', { headers: { [name]: '127.0.0.1' } })).status, 404, name);
  });

  test('whoever has the token, if there is one', async (context) => {
    const { url } = await openRunningGallery(context, { metricsToken: token });
    const client = createClient(url);
    const from = (authorization?: string) =>
      client.ask('/metrics', {
        headers: {
          'X-Forwarded-For': '192.0.2.7',
          ...(authorization === undefined ? {} : { Authorization: authorization }),
        },
      });
    assert.equal((await from(`Bearer ${token}`)).status, 200);
    for (const wrong of [undefined, 'Bearer', 'Bearer ', `Bearer ${token}x`, `Basic ${token}`, token]) {
      const { status, headers, text } = await from(wrong);
      assert.equal(status, 401, wrong);
      assert.equal(headers.get('www-authenticate'), 'Bearer');
      assert.ok(!text.includes(token));
    }
  });

  test('nobody from another address of this machine without a token', async (context) => {
    const gallery = await openRunningGallery(context, { host: '0.0.0.0' });
    const address = Object.values(networkInterfaces())
      .flatMap((found) => found ?? [])
      .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
    if (address === undefined) return context.skip('needs root to give this machine another address');
    const status = await new Promise((resolve, reject) => {
      request({ host: address, port: gallery.port, path: '/metrics' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    assert.equal(status, 404);
  });
});

test('a figure that can not be had is NaN, and the others are there', async () => {
  const metrics = openMetrics();
  metrics.gauge('a', 'Breaks.', () => Promise.reject(new Error('no disk')));
  metrics.gauge('b', 'Throws.', () => {
    throw new Error('no disk');
  });
  metrics.gauge('c', 'Works.', () => 3);
  const { text } = await metrics.read();
  assert.match(text, /^a Nan$/im);
  assert.match(text, /^b Nan$/im);
  assert.match(text, /^c 3$/m);
});

test('two galleries in one process count for themselves', async () => {
  const [one, other] = [openMetrics(), openMetrics()];
  one.refused('busy');
  assert.match((await one.read()).text, /sajin_errors_total\{code="busy"\} 1/);
  assert.doesNotMatch((await other.read()).text, /code="busy"/);
});

test('an unreadable form is counted as refused', async (context) => {
  const { url } = await openRunningGallery(context);
  await createClient(url).post([{ ...filePart('x.png', drawPng({ seed: 6 })), name: 'other' }]);
  assert.equal((await read(url)).get('sajin_uploads_total{outcome="refused",way="form"}'), 1);
});

test('what can go wrong begins with 0, so that the first time is heard', async (context) => {
  const { url } = await openRunningGallery(context);
  const series = await read(url);
  assert.equal(series.get('sajin_errors_total{code="internal"}'), 0);
  assert.equal(series.get('sajin_uploads_total{outcome="failed",way="resumable"}'), 0);
});

test('docs/operating.md speaks of every metric, and of none that is not there', async (context) => {
  const { url } = await openRunningGallery(context);
  const { text } = await createClient(url).ask('/metrics');
  const names = [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name = '']) => name);
  const page = readFileSync(join(projectRoot, 'docs/operating.md'), 'utf8');
  const told = [...page.matchAll(/\b(?:sajin|process|nodejs)_[a-z0-9_]+/g)].map(([name]) => name);
  const plain = told.map((name) =>
    names.includes(name) ? name : name.replace(/_(?:bucket|sum|count)$/, ''),
  );
  assert.deepEqual([...new Set(plain)].sort(), names.sort());
});
