// What is written down for whoever runs the gallery, route by route: who handed something out or took it away, by ids and never by titles.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openEvents } from '../../src/events.ts';
import { limitedInAudit } from '../../src/gallery/accounts.ts';
import { openGallery, trashKeptMs } from '../../src/gallery/gallery.ts';
import { openNotes } from '../../src/gallery/notes.ts';
import { machine } from '../../src/gallery/viewer.ts';
import { startHousekeeping } from '../../src/housekeeping.ts';
import { routeTable } from '../../src/http/route-table.ts';
import { openSpeech } from '../../src/http/words.ts';
import { newPhoto, owner } from '../contracts/photo-database.ts';
import { auditLines, otherActions } from '../support/audit-lines.ts';
import { type Client, createClient } from '../support/client.ts';
import { collectingLog } from '../support/collecting-log.ts';
import { openTestInbox } from '../support/inbox.ts';
import { type BrowserLike, openMembers } from '../support/members.ts';
import { openMemoryAccounts } from '../support/memory-accounts.ts';
import { openMemoryGallery } from '../support/memory-gallery.ts';
import { openMemoryMedia } from '../support/memory-media.ts';
import { filePart, formBody } from '../support/multipart.ts';
import { drawPng } from '../support/pictures.ts';
import { openScriptedDarkroom } from '../support/scripted-darkroom.ts';
import { createTusClient } from '../support/tus-client.ts';
import { until } from '../support/until.ts';

const changing = routeTable
  .filter(({ method }) => !['GET', 'HEAD', 'OPTIONS'].includes(method))
  .map(({ method, path }) => `${method} ${path}`);

describe('every route that changes something', () => {
  for (const name of changing)
    test(`${name} says what it writes down, or why nothing`, () => {
      const line = auditLines[name];
      assert.ok(line !== undefined && line.length > 0, `decide in test/support/audit-lines.ts about ${name}`);
    });

  test('there is no line for a route that is gone', () => {
    assert.deepEqual(
      Object.keys(auditLines).filter((name) => !changing.includes(name)),
      [],
    );
  });

  test('what is about photos and links is limited, and nothing else is', () => {
    const isOfPhotos = (name: string) => / \/(photos|trash|moderation|links)\b/.test(name);
    const ofPhotos = Object.entries(auditLines).flatMap(([name, line]) =>
      isOfPhotos(name) && typeof line !== 'string' ? line : [],
    );
    assert.deepEqual([...new Set(ofPhotos)].sort(), [...limitedInAudit].sort());
  });

  test('whatever is written down has a sentence, and every sentence is of something that is', () => {
    const written = new Set([
      ...otherActions,
      ...Object.values(auditLines).flatMap((line) => (typeof line === 'string' ? [] : line)),
    ]);
    for (const language of ['en', 'ko'] as const)
      assert.deepEqual([...written].sort(), Object.keys(openSpeech(language).words.audit.actions).sort());
  });
});

interface Entry {
  readonly id: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly address?: string;
}

/** Whatever was written down since it was last asked, oldest first. */
function followAudit(miri: BrowserLike) {
  let known = 0;
  // By id: what is done again takes the place of what was written before.
  return async (): Promise<Entry[]> => {
    const { entries } = JSON.parse((await miri.ask('/audit?limit=200')).text) as { entries: Entry[] };
    const fresh = entries.filter(({ id }) => id > known);
    known = entries[0]?.id ?? known;
    return fresh.toReversed();
  };
}

const addAs = async (client: Client, seed: number, title: string) =>
  (await client.keep(drawPng({ seed }), { title, name: 'diary of Juno.png' })).id;

async function open(t: Parameters<typeof openMembers>[0]) {
  const members = await openMembers(t);
  const miri = await members.owner();
  const juno = await members.invited(miri, 'member', 'Juno');
  const since = followAudit(miri);
  await since();
  const client = createClient(members.url, juno.cookie);
  const lines = async () => (await since()).map(({ actor, action, subject }) => [actor, action, subject]);
  return { ...members, miri, juno, client, since, lines };
}

describe('once a day', () => {
  test('the database’s planner is told how much there is', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const rooms = openMemoryGallery(Date.now);
    const { inbox } = await openTestInbox(t);
    const log = collectingLog();
    const parts = { media: openMemoryMedia(), inbox, darkroom: openScriptedDarkroom({}), log };
    const gallery = openGallery({ ...rooms, ...parts, events: openEvents(), wakeJobs: () => {} });
    let times = 0;
    const optimize = async () => {
      times += 1;
    };
    const quiet = { unfinished: { deleteExpired: async () => 0 }, note: async () => {} };
    t.after(startHousekeeping(gallery, { ...quiet, optimize, log, now: Date.now }));
    t.mock.timers.tick(24 * 60 * 60 * 1000 - 1);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(times, 0);
    t.mock.timers.tick(1);
    await until('it is told', () => times === 1);
    assert.deepEqual(
      log.lines.filter(({ level }) => level === 'error'),
      [],
    );
  });
});

describe('is written down', () => {
  test('that a photo was hidden, shown again, thrown away, put back and deleted, by its id alone', async (t) => {
    const { miri, juno, client, since, lines } = await open(t);
    const id = await addAs(client, 1, 'A secret letter');
    assert.deepEqual(await lines(), []);
    const hide = (one: string) => juno.ask(`/photos/${id}/privacy`, { form: { private: one } });
    const expectNoted = async (action: string, asked: Promise<{ status: number }>) => {
      assert.ok((await asked).status < 300);
      const [entry, ...more] = await since();
      assert.deepEqual([entry?.actor, entry?.action, entry?.subject], ['Juno', action, id]);
      assert.deepEqual([entry?.address, more], ['127.0.0.1', []]);
    };
    await expectNoted('photo-hidden', hide('1'));
    await expectNoted('photo-shown', hide('0'));
    await expectNoted('photo-trashed', juno.ask(`/photos/${id}/delete`, { method: 'POST' }));
    await expectNoted('photo-restored', juno.ask(`/photos/${id}/restore`, { method: 'POST' }));
    await expectNoted('photo-trashed', juno.ask(`/photos/${id}`, { method: 'DELETE' }));
    await expectNoted('photo-removed', juno.ask(`/photos/${id}?forever=1`, { method: 'DELETE' }));
    const { text } = await miri.ask('/audit');
    assert.doesNotMatch(text, /letter|diary/);
  });

  test('that sending a photo again hid it or brought it back, by a form and by an upload that resumes', async (t) => {
    const { url, juno, client, lines } = await open(t);
    const tus = createTusClient(url, juno.cookie);
    const yes = Buffer.from('1').toString('base64');
    const ways = [
      (bytes: Buffer) => client.post([{ name: 'private', body: '1' }, filePart('a.png', bytes)]),
      async (bytes: Buffer) => {
        const headers = { 'Upload-Metadata': `private ${yes}` };
        return tus.make({ bytes: bytes.length, body: bytes, headers });
      },
    ];
    for (const [index, send] of ways.entries()) {
      const bytes = drawPng({ seed: 70 + index });
      const { id } = await client.keep(bytes);
      const expectNoted = async (...expected: readonly string[]) => {
        const { status, text } = await send(bytes);
        assert.ok([200, 201].includes(status), text);
        assert.deepEqual(
          await lines(),
          expected.map((action) => ['Juno', action, id]),
        );
      };
      await expectNoted('photo-hidden');
      await expectNoted();
      await juno.ask(`/photos/${id}`, { method: 'DELETE' });
      await lines();
      await expectNoted('photo-restored');
    }
  });

  test('nothing, when nothing came of it', async (t) => {
    const { miri, juno, client, lines } = await open(t);
    const id = await addAs(client, 2, '');
    await juno.ask(`/photos/${id}/privacy`, { form: { private: '0' } });
    await juno.ask(`/photos/${id}/restore`, { method: 'POST' });
    await juno.ask(`/photos/${id}/approve`, { method: 'POST' });
    await juno.ask('/moderation/approve', { method: 'POST' });
    await miri.ask(`/photos/${id}/privacy`, { form: { private: '1' } });
    await miri.ask('/links/01990000-0000-7000-8000-000000000000/revoke', { method: 'POST' });
    assert.deepEqual(await lines(), []);
  });

  test('that a link was made and taken back, of either kind, by its id alone', async (t) => {
    const { miri, juno, client, lines } = await open(t);
    const id = await addAs(client, 3, '');
    const make = async (json: object) =>
      JSON.parse((await juno.ask('/links', { json: { title: 'Our wedding', ...json } })).text) as {
        id: string;
        path: string;
      };
    const [shown, taking] = [await make({ photo: id }), await make({ upload: true, most: 3 })];
    await miri.ask(`/links/${shown.id}/revoke`, { method: 'POST' });
    await juno.ask(`/links/${taking.id}/revoke`, { method: 'POST' });
    assert.deepEqual(await lines(), [
      ['Juno', 'share-link-made', shown.id],
      ['Juno', 'upload-link-made', taking.id],
      ['Miri', 'share-link-revoked', shown.id],
      ['Juno', 'upload-link-revoked', taking.id],
    ]);
    const { text } = await miri.ask('/audit');
    assert.ok(!text.includes('wedding') && !text.includes(shown.path.slice(3)), 'no title, no token');
  });

  test('who let in what guests sent, and who refused it', async (t) => {
    const { url, juno, lines } = await open(t);
    const made = await juno.ask('/links', { json: { upload: true, approval: true, most: 5 } });
    const { path } = JSON.parse(made.text) as { path: string };
    for (const seed of [11, 12, 13, 14]) {
      const { body, contentType } = formBody([filePart('a.png', drawPng({ seed }))]);
      const headers = { 'Content-Type': contentType };
      const sent = await createClient(url).ask(`${path}/photos`, { method: 'POST', body, headers });
      assert.equal(sent.status, 303, sent.text);
    }
    await lines();
    const { photos } = JSON.parse((await juno.ask('/moderation')).text) as { photos: { id: string }[] };
    const [one, other] = photos.map(({ id }) => id);
    assert.ok(one !== undefined && other !== undefined);
    await juno.ask(`/photos/${one}/approve`, { method: 'POST' });
    await juno.ask(`/photos/${other}/delete`, { method: 'POST' });
    await juno.ask('/moderation/approve', { method: 'POST' });
    assert.deepEqual(await lines(), [
      ['Juno', 'guest-photo-approved', one],
      ['Juno', 'guest-photo-refused', other],
      ['Juno', 'guest-photos-approved', '2'],
    ]);
  });

  test('how many photos the trash let go of after its 30 days', async (t) => {
    let time = Date.UTC(2026, 10, 1);
    const now = () => time;
    const rooms = openMemoryGallery(now);
    const accounts = openMemoryAccounts(now);
    const { inbox } = await openTestInbox(t);
    const log = collectingLog();
    const parts = { media: openMemoryMedia(), inbox, darkroom: openScriptedDarkroom({}), log };
    const gallery = openGallery({ ...rooms, ...parts, events: openEvents(), wakeJobs: () => {}, now });
    for (const title of ['first', 'second']) {
      const { photo } = await rooms.photos.recordPhoto(owner, newPhoto({ title }));
      await rooms.photos.trashPhoto(owner, photo.id);
    }
    for (const end = time + trashKeptMs + 1; time < end; time += trashKeptMs / 20)
      await rooms.photos.passTime(new Date(time));
    const note = openNotes({ accounts, log });
    const unfinished = { deleteExpired: async () => 0 };
    t.after(startHousekeeping(gallery, { unfinished, note, optimize: async () => {}, log, now }));
    const entries = await until('it is written down', async () => {
      const page = await accounts.listAudit(machine, { limit: 9 });
      return page.entries.length > 0 && page.entries;
    });
    assert.deepEqual(
      entries.map(({ actor, action, subject }) => [actor, action, subject]),
      [['', 'trash-expired', '2']],
    );
    const say = (language: 'en' | 'ko') => openSpeech(language).words.audit.actions['trash-expired'];
    assert.match(say('en')('Somebody at this machine', '2'), /^The trash .* 30 days.*: 2$/);
    assert.doesNotMatch(say('ko')('이 컴퓨터의 누군가', '2'), /누군가/);
  });
});
