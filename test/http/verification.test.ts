// The page that says whether originals are as they came, its JSON, and what a damaged photo says of itself.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { describe, type TestContext, test } from 'node:test';
import { parse } from 'node-html-parser';
import { originalKey } from '../../src/gallery/media.ts';
import type { PhotoId, Sha256 } from '../../src/gallery/photo.ts';
import { storedDigest } from '../../src/gallery/stored-digest.ts';
import type { DatabaseStatus } from '../../src/gallery/verification-database.ts';
import { newPhoto, owner } from '../contracts/photo-database.ts';
import { openDetectionSite } from '../support/detection-site.ts';

const asBrowser = { Accept: 'text/html' };

async function open(t: TestContext) {
  const health = { now: { isDamaged: false, isReading: false } as DatabaseStatus, asked: 0 };
  const site = await openDetectionSite(t, {
    health: {
      check: () => {
        health.asked += 1;
      },
      status: () => health.now,
    },
  });
  const page = async (path: string, language = 'en') => {
    const { text, status } = await site.client.ask(path, {
      headers: { ...asBrowser, 'Accept-Language': language },
    });
    assert.equal(status, 200, text);
    return parse(text);
  };
  const damage = async (id: PhotoId) => {
    const photo = await site.photos.findPhoto(owner, id);
    assert.ok(photo);
    await site.verification.noteCheck(photo.sha256, 'changed');
  };
  return { ...site, health, page, damage };
}

describe('/verification', () => {
  test('says that all is well, and that nothing is there yet', async (t) => {
    const site = await open(t);
    const verdict = async () => (await site.page('/verification')).querySelector('.verdict')?.text.trim();
    assert.equal(await verdict(), 'There are no photos yet.');
    await site.addPhoto('dog');
    assert.match((await verdict()) ?? '', /not read for a month|as it came/);
  });

  test('names the photos whose original is damaged, page by page, for people and for programs', async (t) => {
    const site = await open(t);
    const ids = [await site.addPhoto(), await site.addPhoto(), await site.addPhoto()];
    for (const id of ids.slice(0, 2)) await site.damage(id);
    const page = await site.page('/verification?limit=1');
    assert.match(page.querySelector('.verdict')?.text ?? '', /originals of 2 photos are damaged/);
    assert.match(page.getElementById(ids[1] ?? '')?.text ?? '', /some of its bytes changed/);
    assert.equal(page.getElementById(ids[0] ?? ''), null);
    const older = page.querySelector('a[rel=next]')?.getAttribute('href') ?? '';
    assert.ok((await site.page(older)).getElementById(ids[0] ?? ''));
    const json = JSON.parse((await site.client.ask('/verification?limit=1')).text);
    assert.deepEqual(
      [json.originals, json.damaged, json.photos[0].id, json.photos[0].fault],
      [3, 2, ids[1], 'changed'],
    );
    const next = JSON.parse((await site.client.ask(json.next)).text);
    assert.deepEqual([next.photos[0].id, next.next], [ids[0], undefined]);
  });

  test('tells in both languages what puts a damaged original right', async (t) => {
    const site = await open(t);
    const id = await site.addPhoto();
    await site.damage(id);
    for (const language of ['en', 'ko'])
      for (const path of ['/verification', `/photos/${id}`])
        assert.match((await site.page(path, language)).querySelector('main')?.text ?? '', /sajin repair/);
  });

  test('names files that belong to nobody, escaped', async (t) => {
    const site = await open(t);
    await site.verification.noteStrays(['originals/ab/<b>.jpg']);
    assert.equal(
      (await site.page('/verification')).querySelector('.strays code')?.innerHTML,
      'originals/ab/&lt;b&gt;.jpg',
    );
  });

  test('says how the database is, in both languages, and that it is damaged', async (t) => {
    const site = await open(t);
    const section = async (language: string) =>
      (await site.page('/verification', language)).getElementById('verification');
    assert.match((await section('en'))?.text ?? '', /The database was not read as a whole yet/);
    site.health.now = { isDamaged: false, isReading: false, checkedAt: new Date(Date.UTC(2026, 10, 24)) };
    assert.match((await section('en'))?.text ?? '', /The database was read as a whole .*24.*in order/);
    assert.match((await section('ko'))?.text ?? '', /데이터베이스를 .*24.*이상이 없어요/);
    site.health.now = { isDamaged: true, isReading: false };
    assert.equal(
      (await section('en'))?.querySelector('[role=alert]')?.text.trim(),
      'The database is damaged',
    );
    assert.equal(
      (await section('ko'))?.querySelector('[role=alert]')?.text.trim(),
      '데이터베이스가 손상됐어요',
    );
    assert.equal((await section('en'))?.querySelector('form'), null, 'there is nothing to begin then');
  });

  test('begins to check with one button, without scripts and for programs', async (t) => {
    const site = await open(t);
    await site.addPhoto();
    const form = (await site.page('/verification')).querySelector('form[action="/verification"]');
    assert.equal(form?.getAttribute('method'), 'post');
    const posted = await site.client.ask('/verification', { method: 'POST', headers: asBrowser });
    assert.deepEqual([posted.status, posted.headers.get('location')], [303, '/verification']);
    assert.equal(site.health.asked, 1, 'the database is read, too');
    const page = await site.page('/verification');
    assert.match(page.text, /1 photo still to be checked/);
    assert.equal(
      page.querySelector('.verdict')?.text.trim(),
      'Nothing wrong so far.',
      'not before it was read',
    );
    assert.equal(
      (await site.page('/verification', 'ko')).querySelector('.verdict')?.text.trim(),
      '아직 잘못된 것은 없어요.',
    );
    const answer = await site.client.ask('/verification?which=overdue', { method: 'POST' });
    assert.equal(answer.status, 202);
    assert.equal(JSON.parse(answer.text).left, 1);
    assert.equal((await site.client.ask('/verification?which=some', { method: 'POST' })).status, 400);
  });

  test('is found from every page, in both languages', async (t) => {
    const site = await open(t);
    for (const language of ['en', 'ko'])
      assert.ok((await site.page('/', language)).querySelector('#more a[href="/verification"]'));
    assert.match((await site.page('/verification', 'ko')).querySelector('h1')?.text ?? '', /원본/);
  });

  test('is told by the photo itself', async (t) => {
    const site = await open(t);
    const id = await site.addPhoto('dog');
    assert.equal((await site.page(`/photos/${id}`)).querySelector('#live-state .failure'), null);
    await site.damage(id);
    const told = (await site.page(`/photos/${id}`)).querySelector('#live-state .failure');
    assert.match(told?.text ?? '', /original is damaged.*add it once more/is);
  });
});

describe('POST /verification/:sha256', () => {
  const bytes = Buffer.from('every byte of it');
  const octets = 'application/octet-stream';

  async function withLost(t: TestContext) {
    const site = await open(t);
    const sha256 = createHash('sha256').update(bytes).digest('hex') as Sha256;
    const { photo } = await site.photos.recordPhoto(owner, newPhoto({ sha256, bytes: bytes.length }));
    const send = async (body?: Buffer<ArrayBuffer>, type = octets, at: string = sha256) => {
      const { status, text } = await site.client.ask(`/verification/${at}`, {
        method: 'POST',
        ...(body === undefined ? {} : { body, headers: { 'Content-Type': type } }),
      });
      return { status, ...(JSON.parse(text) as { isPutBack?: boolean; fault?: string; code?: string }) };
    };
    const isWhole = async () =>
      (await storedDigest(site.media, originalKey(sha256, photo.type)))?.sha256 === sha256;
    return { ...site, photo, sha256, send, isWhole };
  }

  test('puts an original back, of any length that it has, once', async (t) => {
    const site = await withLost(t);
    assert.deepEqual(await site.send(), { status: 200, isPutBack: false, fault: 'missing' });
    assert.match((await site.page('/verification')).querySelector('.verdict')?.text ?? '', /damaged/);
    assert.deepEqual(await site.send(bytes), { status: 200, isPutBack: true });
    assert.ok(await site.isWhole());
    assert.match((await site.page('/verification')).querySelector('.verdict')?.text ?? '', /as it came/);
    assert.deepEqual(await site.send(bytes), { status: 200, isPutBack: false });
  });

  test('takes no other bytes, no more bytes, no other kind of body, and keeps nothing of them', async (t) => {
    const site = await withLost(t);
    const refused: readonly (readonly [number, Awaited<ReturnType<typeof site.send>>])[] = [
      [422, await site.send(Buffer.from('every byte of IT'))],
      [422, await site.send(bytes.subarray(1))],
      [413, await site.send(Buffer.concat([bytes, bytes]))],
      [415, await site.send(bytes, 'image/jpeg')],
      [404, await site.send(bytes, octets, '0'.repeat(64))],
      [404, await site.send(bytes, octets, '..%2f..%2fgallery.db')],
    ];
    for (const [status, answer] of refused) assert.equal(answer.status, status, JSON.stringify(answer));
    assert.equal(await site.isWhole(), false);
    assert.deepEqual(await readdir(site.inboxFolder), []);
  });

  test('leads a form back to the page', async (t) => {
    const site = await withLost(t);
    const answer = await site.client.ask(`/verification/${site.sha256}`, {
      method: 'POST',
      headers: asBrowser,
    });
    assert.deepEqual([answer.status, answer.headers.get('location')], [303, '/verification']);
  });
});
