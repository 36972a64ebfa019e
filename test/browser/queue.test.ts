// The rules of the upload queue, without a browser: whose turn it is, how long to wait, what an answer means, what is said.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { beginVisit, clearFinished, pause } from '../../src/browser/parts/queue/acts.ts';
import { aftermath } from '../../src/browser/parts/queue/aftermath.ts';
import { openLink } from '../../src/browser/parts/queue/link.ts';
import { openMemoryItems } from '../../src/browser/parts/queue/memory-items.ts';
import { changed, draftsOf, isDue, leased, leaseMs, pauseMs } from '../../src/browser/parts/queue/rules.ts';
import { startSending } from '../../src/browser/parts/queue/sender.ts';
import {
  actsFor,
  saidOf,
  saysWhy,
  shareSent,
  shownOf,
  totalsOf,
} from '../../src/browser/parts/queue/shown.ts';
import { openQueueStore, type QueueItem } from '../../src/browser/parts/queue/store.ts';
import { openTimeLeft } from '../../src/browser/parts/queue/time-left.ts';
import { photoPath, TransferError, takeBack } from '../../src/browser/parts/queue/transfer.ts';
import { problemIn, retryAfterMs, verdictOn } from '../../src/browser/parts/queue/verdict.ts';
import { until } from '../support/until.ts';

const item = (facts: Partial<QueueItem> = {}): QueueItem => ({
  id: '1',
  name: 'IMG_1.jpg',
  type: 'image/jpeg',
  size: 1_000,
  addedAt: 0,
  title: '',
  state: 'waiting',
  sent: 0,
  tries: 0,
  ...facts,
});

describe('whom a photo is for', () => {
  const chosen = (isPrivate: boolean) => draftsOf([{ file: kite, name: 'kite.jpg', isPrivate }], 1);
  const kite = new File(['x'], 'kite.jpg', { lastModified: 1 });

  test('is kept with it, and is everybody where nobody said otherwise', () => {
    assert.equal(chosen(true)[0]?.item.isPrivate, true);
    assert.equal('isPrivate' in (chosen(false)[0]?.item ?? {}), false);
  });

  test('is what was said last, until the server has been told', async () => {
    const items = openMemoryItems();
    const [first] = await items.add(chosen(false));
    const id = first?.item.id ?? '';
    assert.equal((await items.add(chosen(true)))[0]?.item.isPrivate, true);
    assert.equal((await items.add(chosen(false)))[0]?.item.isPrivate, undefined);
    await items.update(id, { state: 'sending' });
    const [late] = await items.add(chosen(true));
    assert.deepEqual([late?.item.id, late?.item.isPrivate], [id, undefined]);
  });
});

describe('a lease', () => {
  test('keeps everybody else away until it is over', () => {
    const mine = leased(item(), 'me', leaseMs, 5_000);
    assert.equal(isDue(mine, 5_000 + leaseMs - 1), false);
    assert.equal(isDue(mine, 5_000 + leaseMs), true);
  });

  test('is needed for a change, as soon as somebody says who he is', () => {
    const mine = leased(item(), 'me', leaseMs, 0);
    assert.equal(changed(mine, { sent: 5 }, 'other'), undefined);
    assert.equal(changed(mine, { sent: 5 }, 'me')?.sent, 5);
    assert.equal(changed(mine, { title: 'Typed' })?.title, 'Typed');
    assert.deepEqual(Object.keys(changed(mine, { leasedBy: undefined }) ?? {}).includes('leasedBy'), false);
  });

  test('is given to one of several who ask, and to no more at once than wanted', async () => {
    const items = openMemoryItems();
    await items.add(draftsOf(filesNamed('a', 'b', 'c'), 0));
    const claims = await Promise.all(['x', 'y', 'z'].map((by) => items.claim(by, leaseMs, 0, 2)));
    assert.equal(new Set(claims.flatMap((one) => one?.id ?? [])).size, 2);
    assert.equal((await items.claim('x', leaseMs, leaseMs, 2))?.name, 'a', 'whoever died is replaced');
  });
});

describe('what is due', () => {
  test('is what waits, and a title that is owed, but nothing that a person stopped or that is over', () => {
    assert.equal(isDue(item(), 0), true);
    assert.equal(isDue(item({ nextTryAt: 10 }), 9), false);
    for (const state of ['paused', 'failed', 'refused', 'sent'] as const)
      assert.equal(isDue(item({ state }), 0), false, state);
    const sent = item({ state: 'sent', photo: '/photos/1', title: 'Late', sentTitle: '' });
    assert.equal(isDue(sent, 0), true);
    assert.equal(isDue({ ...sent, sentTitle: 'Late' }, 0), false);
  });

  test('comes in the order it was chosen, and a file chosen twice is one', async () => {
    const items = openMemoryItems();
    const files = filesNamed('a', 'b');
    await items.add(draftsOf(files, 1));
    await items.add(draftsOf(files, 2));
    assert.deepEqual(
      (await items.list()).map(({ name }) => name),
      ['a', 'b'],
    );
    const [first] = await items.list();
    await items.update(first?.id ?? '', { state: 'sent' });
    assert.equal(await items.file(first?.id ?? ''), undefined, 'its bytes are let go');
    await items.add(draftsOf(files, 3));
    assert.deepEqual(
      (await items.list()).map(({ name }) => name),
      ['b', 'a'],
      'a finished one gives way',
    );
  });
});

describe('what the queue holds', () => {
  test('keeps its bytes until they are sent, also when it was refused', async () => {
    const items = openMemoryItems();
    const [one] = await items.add(draftsOf(filesNamed('a'), 0));
    const id = one?.item.id ?? '';
    for (const state of ['failed', 'refused', 'paused', 'waiting'] as const) {
      await items.update(id, { state });
      assert.equal(await (await items.file(id))?.text(), 'a', state);
    }
    await items.update(id, { state: 'sent' });
    assert.equal(await items.file(id), undefined);
  });

  test('is refused until a person says so: a new visit takes away only what is stored', async (t) => {
    const store = await openQueueStore('');
    t.after(() => store.close());
    const [stored, named, refused] = await store.add(filesNamed('stored', 'named', 'refused'));
    assert.ok(stored && named && refused);
    await store.update(stored.id, { state: 'sent', photo: '/photos/1', sentTitle: '' });
    await store.update(named.id, { state: 'sent', photo: '/photos/2', sentTitle: '', title: 'Owed' });
    await store.update(refused.id, { state: 'refused' });
    const names = async () => (await store.list()).map(({ name }) => name);
    await beginVisit(store);
    assert.deepEqual(await names(), ['stored', 'named', 'refused'], 'a title is owed: nothing is over');
    await store.update(named.id, { sentTitle: 'Owed' });
    await beginVisit(store);
    assert.deepEqual(await names(), ['refused']);
    await clearFinished(store);
    assert.deepEqual(await names(), ['refused'], 'its bytes are kept here, and perhaps nowhere else');
    await store.update(refused.id, { isOnlyListed: true });
    await clearFinished(store);
    assert.deepEqual(await names(), []);
  });

  test('is tried again when it is chosen again, whoever had stopped it', async () => {
    for (const state of ['failed', 'paused', 'refused'] as const) {
      const items = openMemoryItems();
      const [one] = await items.add(draftsOf(filesNamed('a'), 0));
      const id = one?.item.id ?? '';
      await items.update(id, {
        state,
        code: 'server',
        reason: 'Why',
        tries: 6,
        title: 'Typed',
        uploadUrl: '/u',
      });
      const [again] = await items.add(draftsOf(filesNamed('a'), 1));
      assert.equal(again?.item.id, id, state);
      const [found] = await items.list();
      assert.ok(found !== undefined && isDue(found, 2), state);
      const { code, reason, uploadUrl, tries, title } = found;
      assert.deepEqual(
        [code, reason, uploadUrl, tries, title],
        [undefined, undefined, undefined, 0, 'Typed'],
      );
    }
  });

  test('is not changed by a refusal at choosing; what was only listed gives way', async () => {
    const items = openMemoryItems();
    const [file] = filesNamed('a');
    assert.ok(file);
    const bad = { ...file, refused: { reason: 'Why', code: 'too-large' } };
    const [listed] = await items.add(draftsOf([bad], 0));
    assert.deepEqual(actsFor(listed?.item ?? item()), ['cancel']);
    const [taken] = await items.add(draftsOf([file], 1));
    assert.equal(taken?.replaces, listed?.item.id);
    await items.update(taken?.item.id ?? '', { state: 'failed' });
    await items.add(draftsOf([bad], 2));
    assert.equal(await (await items.file(taken?.item.id ?? ''))?.text(), 'a');
  });

  test('is two when two folders hold files of one name, size and time', async () => {
    const [one, other] = filesNamed('a', 'a');
    assert.ok(one && other);
    Object.assign(one.file, { webkitRelativePath: 'x/a' });
    Object.assign(other.file, { webkitRelativePath: 'y/a' });
    const items = openMemoryItems();
    await items.add(draftsOf([one, other, one], 0));
    assert.equal((await items.list()).length, 2);
  });

  test('stays sent, whoever pauses all in that moment', async () => {
    const sent = item({ state: 'sent', photo: '/photos/1' });
    assert.equal(changed(sent, { state: 'paused' }), undefined);
    assert.equal(changed(sent, { state: undefined }), undefined);
    assert.equal(changed(sent, { state: 'sent', title: 'Late' })?.title, 'Late');
  });
});

test('an attempt that was paused while hashing neither ends nor replaces the next one', async (context) => {
  const globals = globalThis as { addEventListener?: unknown; removeEventListener?: unknown };
  const { addEventListener, removeEventListener } = globals;
  Object.assign(globals, { addEventListener() {}, removeEventListener() {} });
  context.after(() => Object.assign(globals, { addEventListener, removeEventListener }));
  const store = await openQueueStore('');
  const hashed: ((sha256: string) => void)[] = [];
  const asked: string[] = [];
  const sending = startSending(store, {
    digest: () => new Promise((resolve) => hashed.push(resolve)),
    known: async (sha256, signal) => {
      assert.ok(signal instanceof AbortSignal);
      asked.push(sha256);
      return '/photos/1';
    },
  });
  const [one] = await store.add(filesNamed('a'));
  assert.ok(one);
  await until('the first to hash', () => hashed.length === 1);
  await pause(store, one);
  await store.update(one.id, { state: 'waiting' });
  await until('the second to hash', () => hashed.length === 2);
  hashed[0]?.('first');
  await new Promise((resolve) => setTimeout(resolve, 50));
  await pause(store, one);
  hashed[1]?.('second');
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(asked, [], 'both were stopped');
  assert.equal((await store.list())[0]?.state, 'paused');
  await store.update(one.id, { state: 'waiting' });
  await until('the third to hash', () => hashed.length === 3);
  hashed[2]?.('third');
  await until('it to be sent', async () => (await store.list())[0]?.state === 'sent');
  assert.deepEqual(asked, ['third']);
  await sending.stop();
  store.close();
});

test('what is taken back is asked for again while the server is busy', async (context) => {
  const answers = [503, 204];
  const asking = context.mock.method(
    globalThis,
    'fetch',
    async () => new Response(null, { status: answers.shift() ?? 500 }),
  );
  await takeBack('/uploads/1');
  assert.equal(asking.mock.callCount(), 2);
});

test('pauses grow, are never all alike, and never longer than a minute', () => {
  assert.deepEqual(
    [0, 1, 2, 3].map((tries) => pauseMs(tries, 1)),
    [1_000, 2_000, 4_000, 8_000],
  );
  assert.equal(pauseMs(3, 0), 4_000);
  assert.equal(pauseMs(1_000, 1), 60_000);
});

describe('an answer', () => {
  const verdict = (status: number | undefined, facts = {}, tries = 0) =>
    verdictOn({ status, resuming: false, ...facts }, tries);

  test('that never came is no failure, however often', () => {
    assert.deepEqual(verdict(undefined, {}, 1_000), { is: 'again', code: 'no-connection' });
  });

  test('that a member has no more room waits for a person, and is not asked for again by itself', () => {
    const facts = { code: 'quota-used-up', detail: 'x' };
    assert.deepEqual(verdict(507, facts), { is: 'failed', ...facts });
    assert.equal(verdict(507, { code: 'disk-full' }).is, 'again');
  });

  test('that refuses the bytes is for good', () => {
    for (const [status, code] of [
      [413, 'too-large'],
      [415, 'unsupported-type'],
      [422, 'unreadable'],
    ] as const)
      assert.deepEqual(verdict(status, { code, detail: 'Why' }), { is: 'refused', code, detail: 'Why' });
  });

  test('of a proxy that lets no large body through makes the pieces smaller', () => {
    const seen = verdict(413);
    assert.equal(seen.is === 'again' && seen.smaller, true);
    const link = openLink(() => 1);
    assert.equal(link.chunkBytes(5_000_000), Number.POSITIVE_INFINITY);
    const after = (chunkBytes: number) =>
      aftermath(new TransferError({ status: 413, resuming: true }), item(), link, chunkBytes, 0);
    // Three were on their way with large pieces when the first of them found out.
    for (let index = 0; index < 3; index += 1) assert.equal(after(Number.POSITIVE_INFINITY).state, 'waiting');
    const small = link.chunkBytes(5_000_000);
    assert.ok(small < 1024 * 1024);
    const over = { ...item(), ...after(small) } as QueueItem;
    assert.equal(over.state, 'failed');
    assert.equal(saidOf(over, shownOf(over, undefined)), 'narrow');
  });

  test('about a title that is too long lets the person shorten it', () => {
    assert.equal(verdict(422, { code: 'title-too-long' }).is, 'failed');
  });

  test('that knows the upload no more begins it afresh; without an upload it is a failure', () => {
    for (const status of [404, 410]) {
      const seen = verdict(status, { resuming: true });
      assert.equal(seen.is === 'again' && seen.afresh, true);
      assert.equal(verdict(status).is, 'failed');
    }
    const wrong = verdict(460, { resuming: true });
    assert.equal(wrong.is === 'again' && wrong.afresh, true);
  });

  test('that asks to sign in costs nothing: it goes on afterwards from where it was', () => {
    const link = openLink(() => 1);
    const error = new TransferError({ status: 401, code: 'signed-out', resuming: true });
    const after = aftermath(error, item({ sent: 7, uploadUrl: '/uploads/1' }), link, 1, 0);
    assert.deepEqual(
      [after.state, after.code, 'sent' in after, 'uploadUrl' in after],
      ['waiting', 'signed-out', false, false],
    );
    assert.equal(shownOf(item({ code: 'signed-out' }), undefined), 'signedOut');
  });

  test('that asks for patience gets it', () => {
    const busy = verdict(503, { retryAfterMs: 7_000 });
    assert.equal(busy.is === 'again' && busy.atLeastMs, 7_000);
    const full = verdict(507);
    assert.ok(full.is === 'again' && full.code === 'disk-full' && (full.atLeastMs ?? 0) >= 60_000);
    const many = verdict(507, { code: 'too-many-uploads', detail: 'Why' });
    assert.ok(many.is === 'again' && (many.atLeastMs ?? 0) >= 60_000);
    assert.equal(saysWhy(item({ code: many.code, reason: 'Why' })), true);
    assert.equal(saysWhy(item({ code: 'busy', reason: 'Why' })), false);
    for (const status of [408, 409, 423, 425, 429, 502, 504])
      assert.equal(verdict(status, {}, 100).is, 'again');
  });

  test('that breaks again and again waits for a person; being busy does not count', () => {
    assert.equal(verdict(500).is, 'again');
    assert.equal(verdict(500, {}, 6).is, 'failed');
    const link = openLink(() => 1);
    let one = item();
    for (let index = 0; index < 50; index += 1)
      one =
        changed(one, aftermath(new TransferError({ status: 502, resuming: false }), one, link, 1, 0)) ?? one;
    assert.equal(verdict(404, { resuming: true }, one.tries).is, 'again');
  });

  test('is read from problem+json only', () => {
    assert.deepEqual(problemIn('{"code":"too-large","detail":"Why","status":413}'), {
      code: 'too-large',
      detail: 'Why',
    });
    assert.deepEqual(problemIn('<h1>413</h1>'), {});
    assert.equal(retryAfterMs('3', 0), 3_000);
    assert.equal(retryAfterMs(new Date(5_000).toUTCString(), 1_000), 4_000);
    assert.equal(retryAfterMs('soon', 0), undefined);
    assert.equal(photoPath('/photos/01a1f890-6360'), '/photos/01a1f890-6360');
    for (const elsewhere of ['//evil.example/photos/1', 'https://evil.example', '/photos/1/delete', 7])
      assert.equal(photoPath(elsewhere), undefined);
  });
});

test('a connection that breaks under three at once has broken once', () => {
  const link = openLink(() => 1);
  assert.deepEqual([link.breaks(0), link.breaks(1), link.breaks(2)], [1_000, 1_000, 1_000]);
  assert.equal(link.breaks(1_000), 3_000);
  link.works();
  assert.equal(link.restUntil, 0);
});

test('the time left follows how fast it went lately, and promises nothing too early', () => {
  const left = openTimeLeft();
  assert.equal(left.seconds(0, 0, 10_000), undefined);
  assert.equal(left.seconds(1_000, 1_000, 9_000), undefined);
  assert.equal(left.seconds(4_000, 4_000, 6_000), 6);
  assert.equal(left.seconds(40_000, 4_000, 6_000), undefined, 'it stands still');
  // Ten seconds until somebody took over, then as fast as before.
  assert.equal(left.seconds(50_000, 4_000, 6_000), undefined);
  assert.equal(left.seconds(51_000, 5_000, 5_000), undefined);
  assert.equal(left.seconds(54_000, 8_000, 2_000), 2);
});

describe('what is said', () => {
  test('follows item and photo', () => {
    assert.equal(shownOf(item({ code: 'no-connection' }), undefined), 'again');
    assert.equal(shownOf(item({ code: 'disk-full' }), undefined), 'full');
    assert.equal(shownOf(item({ state: 'failed', code: 'file-gone' }), undefined), 'gone');
    const sent = item({ state: 'sent', photo: '/photos/1' });
    assert.equal(shownOf(sent, undefined), 'developing');
    assert.equal(shownOf(sent, 'failed'), 'undeveloped');
    assert.equal(shownOf({ ...sent, duplicate: true }, 'done'), 'duplicate');
    assert.deepEqual(actsFor(sent), ['open']);
    assert.deepEqual(actsFor(item({ state: 'paused' })), ['resume', 'cancel']);
    assert.deepEqual(actsFor(item({ state: 'refused' })), ['save', 'cancel']);
  });

  test('counts what was refused apart, and shares by bytes', () => {
    const totals = totalsOf([
      item({ state: 'sent', photo: '/photos/1', sent: 1_000 }),
      item({ state: 'sending', sent: 500 }),
      item({ code: 'no-connection' }),
      item({ state: 'refused' }),
      item({ state: 'refused', isOnlyListed: true }),
      item({ state: 'failed' }),
    ]);
    assert.equal(totals.needsPerson, 2, 'what was refused at choosing is not kept here');
    assert.deepEqual(
      [totals.all, totals.stored, totals.open, totals.failed, totals.refused],
      [4, 1, 2, 1, 2],
    );
    assert.equal(totals.isCut, false, 'something is on its way');
    assert.equal(shareSent(totals), 0.5);
  });
});

function filesNamed(...names: string[]) {
  return names.map((name) => ({ file: Object.assign(new Blob([name]), { lastModified: 1 }), name }));
}
