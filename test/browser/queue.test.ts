// The rules of the upload queue, without a browser: whose turn it is, how long to wait, what an answer means, what is said.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aftermath } from '../../src/browser/parts/queue/aftermath.ts';
import { openLink } from '../../src/browser/parts/queue/link.ts';
import { openMemoryItems } from '../../src/browser/parts/queue/memory-items.ts';
import { changed, draftsOf, isDue, leased, leaseMs, pauseMs } from '../../src/browser/parts/queue/rules.ts';
import { actsFor, shareSent, shownOf, totalsOf } from '../../src/browser/parts/queue/shown.ts';
import type { QueueItem } from '../../src/browser/parts/queue/store.ts';
import { openTimeLeft } from '../../src/browser/parts/queue/time-left.ts';
import { photoPath, TransferError } from '../../src/browser/parts/queue/transfer.ts';
import { problemIn, retryAfterMs, verdictOn } from '../../src/browser/parts/queue/verdict.ts';

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
    const changes = aftermath(new TransferError({ status: 413, resuming: true }), item(), link, 0);
    assert.equal(changes.state, 'waiting');
    assert.ok(link.chunkBytes(5_000_000) < 1024 * 1024);
    assert.equal(
      aftermath(new TransferError({ status: 413, resuming: true }), item(), link, 0).state,
      'refused',
    );
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

  test('that asks for patience gets it', () => {
    const busy = verdict(503, { retryAfterMs: 7_000 });
    assert.equal(busy.is === 'again' && busy.atLeastMs, 7_000);
    const full = verdict(507);
    assert.ok(full.is === 'again' && full.code === 'disk-full' && (full.atLeastMs ?? 0) >= 60_000);
    for (const status of [408, 409, 423, 425, 429, 502, 504])
      assert.equal(verdict(status, {}, 100).is, 'again');
  });

  test('that breaks again and again waits for a person; being busy does not count', () => {
    assert.equal(verdict(500).is, 'again');
    assert.equal(verdict(500, {}, 6).is, 'failed');
    const link = openLink(() => 1);
    let one = item();
    for (let index = 0; index < 50; index += 1)
      one = changed(one, aftermath(new TransferError({ status: 502, resuming: false }), one, link, 0)) ?? one;
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
  });

  test('counts what was refused apart, and shares by bytes', () => {
    const totals = totalsOf([
      item({ state: 'sent', photo: '/photos/1', sent: 1_000 }),
      item({ state: 'sending', sent: 500 }),
      item({ code: 'no-connection' }),
      item({ state: 'refused' }),
      item({ state: 'failed' }),
    ]);
    assert.deepEqual(
      [totals.all, totals.stored, totals.open, totals.failed, totals.refused],
      [4, 1, 2, 1, 1],
    );
    assert.equal(totals.isCut, false, 'something is on its way');
    assert.equal(shareSent(totals), 0.5);
  });
});

function filesNamed(...names: string[]) {
  return names.map((name) => ({ file: Object.assign(new Blob([name]), { lastModified: 1 }), name }));
}
