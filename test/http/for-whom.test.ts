// Uploads that say whose they are to be: a page was left open, or a service worker woke up, and somebody else has signed in meanwhile.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse } from 'node-html-parser';
import { type Client, createClient, sha256Of } from '../support/client.ts';
import { type Cleaner, makeFolder } from '../support/folder.ts';
import { filePart } from '../support/multipart.ts';
import { signInPeople } from '../support/people.ts';
import { drawPng } from '../support/pictures.ts';
import { openRunningGallery } from '../support/running-gallery.ts';
import { createTusClient, type TusClient } from '../support/tus-client.ts';

const cleaners: (() => unknown)[] = [];
const cleaner: Cleaner = { after: (clean) => void cleaners.push(clean) };
after(async () => {
  for (const clean of cleaners.toReversed()) await clean();
});

interface Refusal {
  readonly status: number;
  readonly text: string;
}

describe('an upload that says whose it is to be', () => {
  let uploadsDir: string;
  let cookies: Readonly<Record<'mina' | 'juno', string>>;
  let mina: Client;
  let juno: Client;
  let tus: TusClient;
  /** As a page of theirs says it. */
  let ids: Readonly<Record<'mina' | 'juno', string>>;

  before(async () => {
    uploadsDir = await makeFolder(cleaner);
    cookies = await signInPeople(uploadsDir, { head: 'owner', mina: 'member', juno: 'member' });
    const { url } = await openRunningGallery(cleaner, { uploadsDir, access: 'members' });
    mina = createClient(url, cookies.mina);
    juno = createClient(url, cookies.juno);
    tus = createTusClient(url);
    ids = { mina: await idOf(mina), juno: await idOf(juno) };
  });

  const idOf = async (client: Client) => {
    const { text } = await client.ask('/photos/new', { headers: { Accept: 'text/html' } });
    return parse(text).querySelector('body')?.getAttribute('data-user') ?? '';
  };
  const of = (person: 'mina' | 'juno', forWhom: 'mina' | 'juno') => ({
    Cookie: cookies[person],
    'Sajin-For': ids[forWhom],
  });
  const assertRefused = ({ status, text }: Refusal) => {
    assert.equal(status, 409, text);
    const { code, detail } = JSON.parse(text) as { code: string; detail: string };
    assert.equal(code, 'other-user');
    assert.match(detail, /somebody else/);
  };
  const assertNothingLies = (...folders: string[]) => {
    // The darkroom has folders of its own there while it works.
    for (const folder of folders) {
      const all = readdirSync(join(uploadsDir, folder), { withFileTypes: true });
      assert.deepEqual(
        all.filter((one) => one.isFile()).map(({ name }) => name),
        [],
        folder,
      );
    }
  };
  const titles = async () => (await juno.everything()).map(({ title }) => title);

  test('is refused before a byte when somebody else has signed in, and leaves nothing', async () => {
    const headers = of('juno', 'mina');
    assertRefused(await tus.make({ bytes: 10, headers, body: Buffer.alloc(5) }));
    assertRefused(await tus.make({ bytes: 10, headers: { ...headers, 'Accept-Language': 'en' } }));
    assertNothingLies('resumable', 'incoming');
    const { text } = await tus.make({ bytes: 10, headers: { ...headers, 'Accept-Language': 'ko' } });
    assert.match((JSON.parse(text) as { detail: string }).detail, /다른 사람/);
  });

  test('is neither gone on with nor ended by who has signed in meanwhile, and still is its sender’s', async () => {
    const bytes = drawPng({ seed: 1 });
    const path = String(
      (await tus.make({ bytes: bytes.length, title: 'Hers', headers: of('mina', 'mina') })).headers.location,
    );
    assertRefused(await tus.patch(path, 0, bytes, of('juno', 'mina')));
    // Not 404, which would send all of it afresh as hers who has signed in; and there is no body to say why in.
    const head = await tus.ask('HEAD', path, of('juno', 'mina'));
    assert.deepEqual([head.status, head.headers['sajin-problem']], [409, 'other-user']);
    assert.deepEqual(await titles(), []);
    const { status, headers } = await tus.patch(path, 0, bytes, of('mina', 'mina'));
    assert.equal(status, 204);
    const photo = await mina.ask(String(headers['sajin-photo']), { headers: { Accept: 'text/html' } });
    assert.match(photo.text, /id="privacy"/, 'it is hers');
    assert.deepEqual(await titles(), ['Hers']);
  });

  test('learns nothing of what is here, and changes no title, as somebody else', async () => {
    const { id, sha256 } = await mina.keep(drawPng({ seed: 2 }), { title: 'As it was' });
    const headers = { ...of('juno', 'mina'), 'X-Requested-With': 'test' };
    assertRefused(await juno.ask(`/digests/${sha256}`, { headers }));
    const owner = { ...of('juno', 'mina'), 'Content-Type': 'application/json', 'If-Match': '*' };
    const body = JSON.stringify({ title: 'Late' });
    assertRefused(await juno.ask(`/photos/${id}`, { method: 'PATCH', body, headers: owner }));
    assert.equal((await mina.photo(id)).title, 'As it was');
  });

  test('is refused as a form, too, and what came with it is not kept', async () => {
    const bytes = drawPng({ seed: 3 });
    const form = [
      { name: 'for', body: ids.mina },
      filePart('a.png', bytes),
      filePart('b.png', drawPng({ seed: 4 })),
    ];
    assertRefused(await juno.post(form));
    const page = await juno.post(form, { Accept: 'text/html' });
    assert.equal(page.status, 409);
    assert.match(parse(page.text).querySelector('[role=alert]')?.text ?? '', /somebody else/);
    assertNothingLies('incoming');
    const known = await juno.ask(`/digests/${sha256Of(bytes)}`, { headers: { 'X-Requested-With': 'test' } });
    assert.equal(known.status, 204);
    assert.equal((await mina.post([{ name: 'for', body: ids.mina }, filePart('a.png', bytes)])).status, 201);
  });

  test('waits for signing in, when nobody has', async () => {
    const { status, text } = await tus.make({ bytes: 10, headers: { 'Sajin-For': ids.mina } });
    assert.deepEqual([status, (JSON.parse(text) as { code: string }).code], [401, 'signed-out']);
  });
});

test('without accounts it is nobody else’s', async () => {
  const { url } = await openRunningGallery(cleaner, {});
  const bytes = drawPng({ seed: 5 });
  const headers = { 'Sajin-For': '019a0000-0000-7000-8000-00000000000a' };
  assert.equal((await createTusClient(url).make({ bytes: bytes.length, headers })).status, 201);
});
