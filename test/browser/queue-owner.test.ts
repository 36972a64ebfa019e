// Whose the pictures in the queue are, on a device that several people sign in on.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { beginVisit, clearFinished, pauseAll } from '../../src/browser/parts/queue/acts.ts';
import { aftermath } from '../../src/browser/parts/queue/aftermath.ts';
import { askKnown } from '../../src/browser/parts/queue/delivery.ts';
import { sendTitle } from '../../src/browser/parts/queue/late-title.ts';
import { openLink } from '../../src/browser/parts/queue/link.ts';
import { openMemoryItems } from '../../src/browser/parts/queue/memory-items.ts';
import type { Owner } from '../../src/browser/parts/queue/owner.ts';
import { draftsOf, isDue, isOpen, leaseMs, needsPerson } from '../../src/browser/parts/queue/rules.ts';
import { startSending } from '../../src/browser/parts/queue/sender.ts';
import { shownOf, totalsOf } from '../../src/browser/parts/queue/shown.ts';
import { openQueueStore, type QueueItem } from '../../src/browser/parts/queue/store.ts';
import { openTakingOut } from '../../src/browser/parts/queue/taking-out.ts';
import { TransferError } from '../../src/browser/parts/queue/transfer.ts';
import { until } from '../support/until.ts';

const file = (name: string) => ({ file: new File([name], name, { lastModified: 1 }), name });
const names = (items: readonly QueueItem[]) => items.map(({ name }) => name);

/** One device: whoever opens the queue on it finds what lies there. */
function openDevice(t: TestContext) {
  const items = { ...openMemoryItems(), close() {} };
  const open = async (owner: Owner) => {
    const store = await openQueueStore(owner, async () => items);
    t.after(() => store.close());
    return store;
  };
  return { items, open };
}

describe('what somebody has added', () => {
  it('is not there for whoever signs in next, but as a number', async (t) => {
    const { open } = openDevice(t);
    const mina = await open('mina');
    await mina.add([file('a'), file('b')]);
    const juno = await open('juno');
    await juno.add([file('c')]);
    assert.deepEqual(names(await juno.list()), ['c']);
    assert.deepEqual(await juno.apart(), { others: 2, unowned: 0 });
    assert.equal((await juno.claim('x', leaseMs, Date.now()))?.name, 'c');
    assert.equal(await juno.claim('x', leaseMs, Date.now()), undefined);
    assert.deepEqual(names(await mina.list()), ['a', 'b']);
    assert.equal((await mina.claim('x', leaseMs, Date.now()))?.name, 'a');
    assert.equal(totalsOf(await juno.list()).all, 1);
  });

  it('is not heard of by the pages of others', async (t) => {
    const { open } = openDevice(t);
    const [mina, juno] = [await open('mina'), await open('juno')];
    const heard: string[] = [];
    juno.subscribe(({ put }) => heard.push(...names(put)));
    const other = await open('juno');
    await mina.add([file('a')]);
    await other.add([file('b')]);
    await until('the own one', () => heard.includes('b'));
    assert.deepEqual(heard, ['b']);
  });

  it('is left alone by all that is done with all', async (t) => {
    const { open, items } = openDevice(t);
    const [mina, juno] = [await open('mina'), await open('juno')];
    const [waiting, stored] = await mina.add([file('waiting'), file('stored')]);
    assert.ok(waiting && stored);
    await mina.update(stored.id, { state: 'sent', photo: '/photos/1', sentTitle: '' });
    await pauseAll(juno);
    await clearFinished(juno);
    await beginVisit(juno);
    const out = openTakingOut(juno, { left() {}, back() {}, mayComeBack() {} });
    await out.takeOut(await juno.list());
    assert.deepEqual(
      (await items.list()).map(({ name, state }) => [name, state]),
      [
        ['waiting', 'waiting'],
        ['stored', 'sent'],
      ],
    );
    assert.deepEqual(await juno.apart(), { others: 1, unowned: 0 }, 'what is stored waits for nobody');
    await clearFinished(mina);
    assert.deepEqual(names(await mina.list()), ['waiting']);
  });

  it('is another item when somebody else chooses the same file', async (t) => {
    const { open } = openDevice(t);
    const [mina, juno] = [await open('mina'), await open('juno')];
    const [one] = await mina.add([file('a')]);
    const [other] = await juno.add([file('a')]);
    assert.notEqual(one?.id, other?.id);
    assert.deepEqual([one?.user, other?.user], ['mina', 'juno']);
    assert.equal((await mina.add([file('a')]))[0]?.id, one?.id);
  });

  it('is everybody’s where there are no accounts, whoever had signed in before', async (t) => {
    const { open } = openDevice(t);
    await (await open('mina')).add([file('a')]);
    await (await open(null)).add([file('b')]);
    const all = await open('');
    const [added] = await all.add([file('c')]);
    assert.equal(added?.user, undefined);
    assert.deepEqual(names(await all.list()).sort(), ['a', 'b', 'c']);
    assert.deepEqual(await all.apart(), { others: 0, unowned: 0 });
    const claim = async () => (await all.claim('x', leaseMs, Date.now()))?.name;
    assert.deepEqual([await claim(), await claim(), await claim()].sort(), ['a', 'b', 'c']);
  });
});

describe('what was added while nobody had signed in', () => {
  it('is seen where it was added and nowhere else, and sent by nobody', async (t) => {
    const { open } = openDevice(t);
    const nobody = await open(null);
    const [one] = await nobody.add([file('a')]);
    assert.ok(one);
    assert.deepEqual(names(await nobody.list()), ['a']);
    assert.equal(shownOf(one, undefined), 'unowned');
    assert.equal(await nobody.claim('x', leaseMs, Date.now()), undefined);
    const next = await open(null);
    assert.deepEqual([names(await next.list()), await next.apart()], [[], { others: 0, unowned: 1 }]);
    const mina = await open('mina');
    assert.deepEqual([names(await mina.list()), await mina.apart()], [[], { others: 0, unowned: 1 }]);
    assert.equal(await mina.claim('x', leaseMs, Date.now()), undefined);
  });

  it('belongs to who says so, like what is there from before this was asked', async (t) => {
    const { open, items } = openDevice(t);
    await items.add(draftsOf([file('old')], 0));
    const nobody = await open(null);
    await nobody.add([file('a')]);
    const gone: string[] = [];
    nobody.subscribe(({ removed }) => gone.push(...removed));
    const mina = await open('mina');
    const heard: string[] = [];
    mina.subscribe(({ put }) => heard.push(...names(put)));
    await mina.takeUnowned();
    assert.deepEqual(heard, ['old', 'a']);
    assert.ok((await mina.list()).every(({ user, code }) => user === 'mina' && code === undefined));
    assert.deepEqual(await mina.apart(), { others: 0, unowned: 0 });
    await until('the page it was added on to hear', () => gone.length === 1);
    assert.deepEqual(names(await nobody.list()), []);
    const juno = await open('juno');
    await juno.takeUnowned();
    assert.deepEqual(await juno.apart(), { others: 2, unowned: 0 });
  });
});

describe('the answer that somebody else has signed in', () => {
  const refusal = { status: 409, code: 'other-user', detail: 'Why', resuming: true };
  const [draft] = draftsOf([file('a')], 0, 'mina');
  const item: QueueItem = {
    ...(draft?.item as QueueItem),
    state: 'sending',
    uploadUrl: '/uploads/1',
    sent: 5,
  };
  const after = (of: QueueItem) =>
    ({ ...of, ...aftermath(new TransferError(refusal), of, openLink(Math.random), 1, 0) }) as QueueItem;

  it('lets it wait as far as it is: not failed, and not tried again by itself', () => {
    const waits = after(item);
    assert.deepEqual([waits.state, waits.sent, waits.uploadUrl], ['waiting', 5, '/uploads/1']);
    assert.deepEqual([isOpen(waits), isDue(waits, Number.MAX_SAFE_INTEGER)], [false, false]);
    assert.equal(needsPerson(waits), true);
    assert.equal(shownOf(waits, undefined), 'otherUser');
    const { open, failed, needsPerson: forPeople } = totalsOf([waits]);
    assert.deepEqual([open, failed, forPeople], [0, 0, 1]);
  });

  it('keeps a title that is still owed', async (t) => {
    const { open, items } = openDevice(t);
    const mina = await open('mina');
    const [one] = await mina.add([file('a')]);
    const owed = { state: 'sent', photo: '/photos/1', sentTitle: '', title: 'Late' } as const;
    const sent = await mina.update(one?.id ?? '', owed);
    await mina.update(one?.id ?? '', after(sent as QueueItem));
    await clearFinished(mina);
    await beginVisit(mina);
    assert.deepEqual(
      (await items.list()).map(({ title, sentTitle, code }) => [title, sentTitle, code]),
      [['Late', '', 'other-user']],
    );
  });

  it('is asked for by every request of the queue, and ends what it would have led to', async (t) => {
    const asked: (string | null)[] = [];
    t.mock.method(globalThis, 'fetch', async (_: unknown, { headers }: RequestInit = {}) => {
      asked.push(new Headers(headers).get('sajin-for'));
      return new Response('{"code":"other-user"}', { status: 409 });
    });
    const isRefused = ({ answer }: TransferError) => answer.code === 'other-user';
    // To whoever signed in, the same bytes may be there already, and to them the photo may not be there at all.
    await assert.rejects(askKnown('0'.repeat(64), undefined, { user: 'mina' }), isRefused);
    const { signal } = new AbortController();
    const late = { photo: '/photos/1', title: 'Late', sentTitle: '', user: 'mina', signal };
    await assert.rejects(sendTitle(late), isRefused);
    assert.deepEqual(asked, ['mina', 'mina']);
  });

  it('is forgotten when a page of its user is opened, and only of theirs', async (t) => {
    const globals = globalThis as { addEventListener?: unknown; removeEventListener?: unknown };
    const { addEventListener, removeEventListener } = globals;
    Object.assign(globals, { addEventListener() {}, removeEventListener() {} });
    t.after(() => Object.assign(globals, { addEventListener, removeEventListener }));
    const { open, items } = openDevice(t);
    const mina = await open('mina');
    const [one] = await mina.add([file('a')]);
    await mina.update(one?.id ?? '', { code: 'other-user' });
    const digest = async () => '0'.repeat(64);
    const known = async () => '/photos/1';
    const others = startSending(await open('juno'), { digest, known });
    await others.settled;
    await others.stop();
    assert.deepEqual(
      (await items.list()).map(({ state, code }) => [state, code]),
      [['waiting', 'other-user']],
    );
    const sending = startSending(await open('mina'), { digest, known });
    await until('it to be sent', async () => (await items.list())[0]?.state === 'sent');
    await sending.stop();
  });
});
