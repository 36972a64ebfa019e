// One fault at a time: the first, second, third ... system call of a kind fails during an upload, until there is none left to fail. What
// was acknowledged is there, what was not leaves nothing to be seen, and the next try is taken: after a sync that failed by the program that
// the service manager starts then, by the same one after everything else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Client, createClient, sha256Of } from '../support/client.ts';
import { type FailingCall, failCall, threadThatRenames } from '../support/failing-calls.ts';
import { isShort, tell } from '../support/faults.ts';
import { makeFolder } from '../support/folder.ts';
import {
  type Acknowledged,
  assertDeveloped,
  assertKept,
  assertPaired,
  assertSound,
  assertSwept,
} from '../support/invariants.ts';
import { type Begun, sendPieces } from '../support/phones.ts';
import { drawPng, fattenPng } from '../support/pictures.ts';
import { type Program, startProgram } from '../support/start-program.ts';
import { skipWithoutStrace } from '../support/strace.ts';
import { until } from '../support/until.ts';

/** The database writes on the main thread, everything else on the pool's. `write` is left alone: libuv wakes its own loop by it. */
const callsOf = {
  pool: ['openat', 'writev', 'fsync', 'link', 'rename', 'unlink'],
  main: ['pwrite64', 'fsync', 'openat', 'unlink'],
} as const;

const likely: Readonly<Record<string, string>> = { openat: 'EMFILE', writev: 'ENOSPC', pwrite64: 'ENOSPC' };
const errorsOf = (call: string) => (isShort ? [likely[call] ?? 'EIO'] : ['EIO', 'ENOSPC', 'EMFILE', 'EINTR']);

/** More calls of a kind than any upload makes. */
const mostCalls = 60;

/** Sends a picture; which photo it became, or the status that refused it, 0 when the connection ended without an answer. */
type Way = (url: string, bytes: Buffer<ArrayBuffer>) => Promise<Acknowledged | number>;

/** Uploads that were begun and refused: a phone goes on with them. */
const begun = new WeakMap<Buffer, Begun>();

const ways: Readonly<Record<string, Way>> = {
  'by form': async (url, bytes) => {
    const { status, text } = await createClient(url).upload(bytes);
    return status === 200 || status === 201 ? (JSON.parse(text) as Acknowledged) : status;
  },
  'in pieces': (url, bytes) => {
    const upload = begun.get(bytes) ?? {};
    begun.set(bytes, upload);
    return sendPieces(url, bytes, upload);
  },
};

for (const [name, send] of Object.entries(ways))
  test(`F3 no call that fails once costs a photo, ${name}`, { skip: skipWithoutStrace }, async (t) => {
    const options = { uploadsDir: await makeFolder(t), env: { UV_THREADPOOL_SIZE: '1' } } as const;
    const start = async () => {
      const program = await startProgram(options);
      t.after(() => program.kill('SIGKILL'));
      return program;
    };
    const sweep = await openSweep(start, send);
    for (const [thread, calls] of Object.entries(callsOf) as ['pool' | 'main', readonly string[]][])
      for (const call of calls)
        for (const error of errorsOf(call))
          for (let when = 1; when <= mostCalls; when += 1)
            if (!(await sweep.injected(thread, { call, error, when }))) break;
    assert.ok(sweep.restarts() >= 4, `only ${sweep.restarts()} syncs that failed ended the program`);
    assert.equal((await sweep.stop()).code, 0);

    // A photo that could not be developed waits for a minute; a start ends the waiting.
    const again = await startProgram(options);
    t.after(() => again.kill('SIGKILL'));
    const client = createClient(again.url);
    await assertDeveloped(client);
    await assertKept(client, sweep.kept);
    assert.equal((await assertPaired(again)).length, sweep.kept.length);
    await assertSwept(again.uploadsDir);
    assert.equal((await again.stop()).code, 0);
    assertSound(again.uploadsDir);
    const answers = [...sweep.answers].map(([status, count]) => `${status || 'cut'}: ${count}`).join(', ');
    tell(
      t,
      'F3',
      `${name}: ${[...sweep.answers.values()].reduce((sum, count) => sum + count, 0)} uploads with a fault, answered ${answers}; ${sweep.restarts()} times started again`,
    );
  });

async function openSweep(start: () => Promise<Program>, send: Way) {
  let program = await start();
  let client = createClient(program.url);
  let restarts = 0;
  const kept: Acknowledged[] = [];
  const answers = new Map<number, number>();
  let seed = 0;
  /** Large enough to come in several chunks, which are written by one `writev`. */
  const draw = () => fattenPng(drawPng({ seed: ++seed }), 300_000);
  const keep = async (bytes = draw()) => {
    const photo = await send(program.url, bytes);
    assert.ok(typeof photo !== 'number', `without a fault it was refused with ${String(photo)}`);
    kept.push({ id: photo.id, sha256: sha256Of(bytes) });
    await assertKept(client, kept.slice(-1));
    await settled(client, photo.id);
  };
  const findThreads = async () => ({
    pool: await threadThatRenames(program.pid, () => keep()),
    main: program.pid,
  });
  /** Nothing is taken any more, everything is still there, and a new start takes it again. */
  const startAgain = async (what: string) => {
    const answer = await client.upload(draw());
    assert.equal(answer.status, 503, `${answer.text} after ${what}`);
    assert.equal((JSON.parse(answer.text) as { code: string }).code, 'read-only', what);
    await assertKept(client, kept.slice(-3));
    assert.equal((await program.stop()).code, 75, what);
    restarts += 1;
    program = await start();
    client = createClient(program.url);
    threads = await findThreads();
  };
  let threads = await findThreads();
  return {
    kept,
    /** How often an upload with a fault was answered so. */
    answers,
    restarts: () => restarts,
    stop: () => program.stop(),
    /** False when the upload makes no such call any more. */
    async injected(thread: keyof typeof threads, failing: FailingCall): Promise<boolean> {
      const what = JSON.stringify({ thread, ...failing });
      const bytes = draw();
      const fault = await failCall(threads[thread], failing);
      const answer = await send(program.url, bytes).catch(() => 0);
      const reached = await fault.end();
      if (typeof answer === 'number') {
        assert.ok(reached, `${answer} without a fault, ${what}`);
        assert.ok(
          [0, 503, 507].includes(answer),
          `${answer} after ${what}:\n${program.lines.slice(-3).join('\n')}`,
        );
        if (answer !== 0) await assertUnseen(client, sha256Of(bytes), what);
      }
      const status = typeof answer === 'number' ? answer : 201;
      if (reached) answers.set(status, (answers.get(status) ?? 0) + 1);
      if (reached && endsTrust(thread, failing)) {
        // A sync of a checkpoint that fails is made up for by the next one; nobody was promised anything.
        const isReadOnly = async () => (await client.ask('/readyz')).status === 503;
        const mustBe = thread === 'pool' || status === 503;
        const is = await until('it to be read only', isReadOnly, { deadlineMs: 1_000 }).catch(() => false);
        assert.ok(is || !mustBe, `goes on writing after ${what}`);
        if (is) await startAgain(what);
      }
      await keep(bytes);
      return reached;
    },
  };
}

/** SQLite does not say why a sync failed. libuv asks again by itself after EINTR. */
const endsTrust = (thread: 'pool' | 'main', { call, error }: FailingCall) =>
  call === 'fsync' && (thread === 'main' || error === 'EIO');

async function assertUnseen(client: Client, sha256: string, what: string): Promise<void> {
  const { status } = await client.ask(`/digests/${sha256}`, { headers: { 'X-Requested-With': 'test' } });
  assert.equal(status, 204, `refused, and yet a photo, after ${what}`);
}

/** So that the next fault meets an upload, and not what is left to do of the one before; what it has met waits for a minute. */
const settled = (client: Client, id: string) =>
  until('it to be developed', async () => (await client.photo(id)).state === 'done', {
    deadlineMs: 1_500,
  }).catch(() => undefined);
