// Whose a photo is and who sees it, through the addresses and the pages: two people, somebody who runs the gallery, and nobody.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'node-html-parser';
import { type Client, createClient, sha256Of } from '../support/client.ts';
import { fixturesFolder } from '../support/data.ts';
import { type Cleaner, makeFolder } from '../support/folder.ts';
import { filePart, formBody } from '../support/multipart.ts';
import { signInPeople } from '../support/people.ts';
import { drawPng } from '../support/pictures.ts';
import { openRunningGallery } from '../support/running-gallery.ts';

/** A public gallery with people in it, each with a client of their own. */
async function openPeopled(context: Cleaner) {
  const uploadsDir = await makeFolder(context);
  const cookies = await signInPeople(uploadsDir, { head: 'owner', mina: 'member', juno: 'member' });
  const { url } = await openRunningGallery(context, { uploadsDir, access: 'public' });
  const clientOf = (name: keyof typeof cookies) => createClient(url, cookies[name]);
  const people = { mina: clientOf('mina'), juno: clientOf('juno'), head: clientOf('head') };
  return { ...people, nobody: createClient(url), url, cookies };
}

const page = async (client: Client, path: string) => {
  const { status, text } = await client.ask(path, { headers: { Accept: 'text/html' } });
  assert.equal(status, 200, path);
  return parse(text);
};
const sendForm = (client: Client, path: string, fields: Record<string, string> = {}) =>
  client.ask(path, {
    method: 'POST',
    body: new URLSearchParams(fields).toString(),
    headers: { Accept: 'text/html', 'Content-Type': 'application/x-www-form-urlencoded' },
  });

test('only whose a photo is hides it, by a plain form, and shows it again', async (context) => {
  const { mina, juno, head, nobody } = await openPeopled(context);
  const { id } = await mina.keep(drawPng({ seed: 1 }), { title: 'A letter' });
  const path = `/photos/${id}`;
  const action = (await page(mina, `${path}?label=dog`))
    .querySelector('#privacy form')
    ?.getAttribute('action');
  assert.equal(action, `${path}/privacy?label=dog`);
  for (const other of [juno, head]) {
    assert.equal((await page(other, path)).querySelector('#privacy'), null);
    assert.equal((await sendForm(other, `${path}/privacy`, { private: '1' })).status, 403);
  }

  const hidden = await sendForm(mina, action, { private: '1' });
  assert.deepEqual([hidden.status, hidden.headers.get('location')], [303, `${path}?label=dog#privacy`]);
  assert.ok((await page(mina, '/')).querySelector('.card .lock') !== null);
  assert.ok((await page(mina, path)).querySelector('.only-you') !== null);
  for (const other of [juno, head, nobody]) {
    assert.equal((await other.ask(path)).status, 404);
    assert.equal((await page(other, '/')).querySelector('.card'), null);
  }

  await sendForm(mina, `${path}/privacy`, { private: '0' });
  assert.equal((await page(nobody, '/')).querySelectorAll('.card').length, 1);
});

test('whoever shares a photo that nobody else sees is told so, and hiding it takes back what was shared', async (context) => {
  const { mina, nobody } = await openPeopled(context);
  const [hidden, open] = [await mina.keep(drawPng({ seed: 31 })), await mina.keep(drawPng({ seed: 32 }))];
  const share = async (id: string) => {
    const made = await mina.ask('/links', {
      method: 'POST',
      body: JSON.stringify({ photo: [id] }),
      headers: { 'Content-Type': 'application/json' },
    });
    return (JSON.parse(made.text) as { path: string }).path;
  };
  const picture = async (path: string) =>
    (await nobody.ask(`${path}/photos/${hidden.id}`, { headers: { Accept: 'text/html' } })).status;
  const before = await share(hidden.id);
  assert.equal(await picture(before), 200);
  await sendForm(mina, `/photos/${hidden.id}/privacy`, { private: '1' });
  assert.equal(await picture(before), 404);
  assert.equal(await picture(await share(hidden.id)), 200);

  const locks = async (path: string) =>
    (await page(mina, path)).querySelectorAll('.thumbs li').map((one) => one.querySelector('.lock') !== null);
  assert.deepEqual(await locks('/links/new?choose=1'), [false, true]);
  assert.deepEqual(await locks(`/links/new?photo=${hidden.id}&photo=${open.id}`), [true, false]);
  const isTold = async (id: string) =>
    (await page(mina, `/links/new?photo=${id}`)).querySelector('.with-lock') !== null;
  assert.deepEqual([await isTold(hidden.id), await isTold(open.id)], [true, false]);
});

test('whoever chooses photos for a link is offered what they may give, and what they choose is taken', async (context) => {
  const { mina, juno, head } = await openPeopled(context);
  const own = await mina.keep(drawPng({ seed: 41 }));
  const other = await juno.keep(drawPng({ seed: 42 }));
  const offered = async (client: Client, query: string) =>
    (await page(client, `/links/new?${query}`))
      .querySelectorAll('.thumbs input[name=photo]')
      .map((one) => one.getAttribute('value'));
  assert.deepEqual(await offered(mina, 'choose=1'), [own.id]);
  assert.deepEqual(await offered(juno, 'choose=1'), [other.id]);
  assert.deepEqual(await offered(head, 'choose=1'), [other.id, own.id]);
  const both = `photo=${own.id}&photo=${other.id}`;
  assert.deepEqual(await offered(mina, `choose=1&${both}`), [own.id]);
  assert.deepEqual(await offered(mina, `choose=1&go=1&${both}`), [own.id]);
  assert.equal((await sendForm(mina, '/links', { photo: own.id })).status, 201);
  assert.equal((await sendForm(mina, '/links', { photo: other.id })).status, 403);
  const refused = await page(mina, `/links/new?photo=${other.id}`);
  assert.ok(refused.querySelector('[role=alert]') !== null, 'and of nothing that is left it says so');
  assert.equal(refused.querySelector('input[name=upload]'), null, 'it is no link for guests then');
});

test('a photo says from whom it is to whoever has an account, and to nobody else', async (context) => {
  const { mina, juno, head, nobody } = await openPeopled(context);
  const from = async (client: Client, id: string) =>
    (await page(client, `/photos/${id}`))
      .querySelectorAll('.facts div')
      .filter((fact) => /(Added|Sent) by/.test(fact.text))
      .map((fact) =>
        [fact.querySelector('dt')?.text.trim(), fact.querySelector('dd')?.text.trim()].join(' '),
      );
  const { id } = await mina.keep(drawPng({ seed: 33 }));
  for (const client of [mina, juno, head]) assert.deepEqual(await from(client, id), ['Added by mina']);
  assert.deepEqual(await from(nobody, id), []);

  const made = await mina.ask('/links', {
    method: 'POST',
    body: JSON.stringify({ upload: true, approval: false, most: 2, title: 'Lake' }),
    headers: { 'Content-Type': 'application/json' },
  });
  const { path } = JSON.parse(made.text) as { path: string };
  const send = async (seed: number, name: string) => {
    const known = new Set((await juno.everything()).map((one) => one.id));
    const { body, contentType } = formBody([
      { name: 'sender', body: name },
      filePart('a.png', drawPng({ seed })),
    ]);
    await nobody.ask(`${path}/photos`, {
      method: 'POST',
      body,
      headers: { Accept: 'text/html', 'Content-Type': contentType },
    });
    return (await juno.everything()).find((one) => !known.has(one.id))?.id ?? '';
  };
  const named = await send(34, 'Aunt <Ida>');
  assert.deepEqual(await from(juno, named), ['Sent by Aunt <Ida>by “Lake”']);
  assert.deepEqual(await from(nobody, named), []);
  assert.deepEqual(await from(head, await send(35, '')), ['Sent by a guestby “Lake”']);
});

test('whoever does not own a photo sees it without tools', async (context) => {
  const { mina, juno, head, nobody } = await openPeopled(context);
  const { id } = await mina.keep(drawPng({ seed: 2 }));
  const hasTools = async (client: Client) =>
    (await page(client, `/photos/${id}`)).querySelector('#remove') !== null;
  assert.deepEqual(await Promise.all([mina, head, juno, nobody].map(hasTools)), [true, true, false, false]);
  const isShared = async (client: Client) =>
    (await page(client, `/photos/${id}`)).querySelector('.actions [href^="/links/new"]') !== null;
  assert.deepEqual(await Promise.all([mina, head, juno, nobody].map(isShared)), [true, true, false, false]);
  await sendForm(mina, `/photos/${id}/privacy`, { private: '1' });
  assert.equal(await isShared(mina), true);
});

test('the list says what was deleted only to whoever may put it back, and only while it can be', async (context) => {
  const { mina, juno, head, nobody } = await openPeopled(context);
  const { id } = await mina.keep(drawPng({ seed: 3 }), { title: 'A letter' });
  const deleted = await sendForm(mina, `/photos/${id}/delete?label=dog`);
  const address = deleted.headers.get('location') ?? '';
  assert.deepEqual([deleted.status, address], [303, `/?label=dog&deleted=${id}`]);
  const saysSo = async (client: Client) => (await page(client, address)).querySelector('.notice') !== null;
  assert.deepEqual(await Promise.all([mina, head, juno, nobody].map(saysSo)), [true, true, false, false]);
  assert.deepEqual(await Promise.all([nobody, juno, mina].map(saysSo)), [false, false, true]);

  assert.equal((await sendForm(juno, `/photos/${id}/restore`)).status, 404);
  const restored = await sendForm(mina, `/photos/${id}/restore`);
  assert.equal(restored.headers.get('location'), `/photos/${id}`);
  assert.equal(await saysSo(mina), false);
});

test('the trash shows only what its reader may put back, and goes on there without scripts', async (context) => {
  const { mina, juno, head, nobody } = await openPeopled(context);
  const ids = [];
  for (const seed of [4, 5]) ids.push((await mina.keep(drawPng({ seed }))).id);
  const [shared, hidden] = ids as [string, string];
  await sendForm(mina, `/photos/${hidden}/privacy`, { private: '1' });
  for (const id of ids) await sendForm(mina, `/photos/${id}/delete`);
  const seen = async (client: Client) =>
    (await page(client, '/trash')).querySelectorAll('.trashed').map((card) => card.id);
  assert.deepEqual(await Promise.all([mina, head, juno].map(seen)), [[hidden, shared], [shared], []]);
  assert.equal((await nobody.ask('/trash')).status, 401);
  const isBack = async (client: Client, id: string) =>
    (await page(client, `/trash?restored=${id}`)).querySelector(`.note a[href$="${id}"]`) !== null;
  assert.equal(await isBack(mina, hidden), false, 'not while it lies there');
  const answer = await sendForm(mina, `/photos/${hidden}/restore?then=trash`);
  assert.deepEqual([answer.status, answer.headers.get('location')], [303, `/trash?restored=${hidden}`]);
  assert.deepEqual(await Promise.all([mina, head].map((client) => isBack(client, hidden))), [true, false]);
  await sendForm(mina, `/photos/${shared}/restore`);
  assert.deepEqual(
    await Promise.all([mina, head, juno].map((client) => isBack(client, shared))),
    [true, true, false],
    'only to whom it concerns',
  );
  assert.equal((await mina.photo(hidden)).id, hidden);
  assert.equal((await juno.ask(`/photos/${hidden}`)).status, 404, 'it came back as hidden as it was');
});

test('a photo may come in hidden: from a form, as JSON, and in an upload that resumes', async (context) => {
  const { mina, juno, url, cookies } = await openPeopled(context);
  const pictures = [6, 7, 8].map((seed) => drawPng({ seed }));
  const [one, two, three] = pictures as [Buffer, Buffer, Buffer];
  const hidden = { name: 'private', body: '1' };
  const sent = await mina.post([hidden, filePart('a.png', one), filePart('b.png', two)]);
  assert.deepEqual(
    (JSON.parse(sent.text) as { results: { photo: { private?: boolean } }[] }).results.map(
      ({ photo }) => photo.private,
    ),
    [true, true],
  );
  const metadata = `private ${Buffer.from('1').toString('base64')}`;
  const begun = await mina.ask('/uploads', {
    method: 'POST',
    headers: { 'Tus-Resumable': '1.0.0', 'Upload-Length': String(three.length), 'Upload-Metadata': metadata },
  });
  const became = await mina.ask(new URL(begun.headers.get('location') ?? '', url).pathname, {
    method: 'PATCH',
    body: three,
    headers: {
      'Tus-Resumable': '1.0.0',
      'Upload-Offset': '0',
      'Content-Type': 'application/offset+octet-stream',
    },
  });
  const path = became.headers.get('sajin-photo') ?? '';
  assert.equal((await mina.ask(path)).status, 200);
  assert.equal((await juno.ask(path)).status, 404);
  assert.equal((await juno.everything()).length, 0);

  const { body, contentType } = formBody([
    hidden,
    { name: 'title', body: 'Trip' },
    filePart('d.png', drawPng({ seed: 9 })),
  ]);
  const headers = { 'Content-Type': contentType, Accept: 'text/html', Cookie: cookies.mina };
  const shot = await mina.ask('/photos?then=shoot', { method: 'POST', body, headers });
  assert.match(shot.headers.get('location') ?? '', /^\/shoot\?title=Trip&private=1&last=/);
});

test('what a picture carries with it is for who has an account: others get its place neither on the page nor in the file', async (context) => {
  const { mina, juno, nobody, url, cookies } = await openPeopled(context);
  const file = readFileSync(join(fixturesFolder, 'located.jpg'));
  const { id } = await mina.developed((await mina.keep(file)).id);
  const address = `/media/${id}/original`;
  const get = async (cookie?: string, headers: Record<string, string> = {}, query = '') => {
    // Said here, or fetch() would say that it wants everything anew.
    const asked = { 'Cache-Control': 'max-age=0', ...headers };
    const from = { ...asked, ...(cookie === undefined ? {} : { Cookie: cookie }) };
    const answer = await fetch(`${url}${address}${query}`, { headers: from });
    return { answer, bytes: Buffer.from(await answer.arrayBuffer()), etag: answer.headers.get('etag') ?? '' };
  };
  const placeOn = async (client: Client) => (await page(client, `/photos/${id}`)).text.includes('°');
  assert.deepEqual(await Promise.all([mina, juno, nobody].map(placeOn)), [true, true, false]);

  const whole = await get(cookies.juno);
  assert.ok(whole.bytes.equals(file) && file.includes('Exif'), 'as it came');
  for (const query of ['', '?download']) {
    const copy = await get(undefined, {}, query);
    assert.deepEqual([copy.answer.status, copy.answer.headers.get('content-type')], [200, 'image/jpeg']);
    assert.equal(copy.bytes.includes('Exif'), false);
    assert.equal(copy.bytes.length, Number(copy.answer.headers.get('content-length')));
    assert.notEqual(copy.etag, whole.etag);
    // Whoever signs in on the same device gets the file as it came, whatever was kept before.
    assert.equal(copy.answer.headers.get('cache-control'), 'private, no-cache');
    assert.equal(/attachment/.test(copy.answer.headers.get('content-disposition') ?? ''), query !== '');
    assert.equal((await get(undefined, { 'If-None-Match': copy.etag }, query)).answer.status, 304);
    assert.equal((await get(cookies.juno, { 'If-None-Match': copy.etag }, query)).answer.status, 200);
    assert.equal((await get(undefined, { 'If-None-Match': whole.etag }, query)).answer.status, 200);
    const part = await get(undefined, { Range: 'bytes=0-9', 'If-Range': whole.etag }, query);
    assert.equal(part.answer.status, 200);
  }
  assert.match(
    (await page(nobody, `/photos/${id}`)).querySelector('.actions')?.text ?? '',
    /Save the picture/,
  );
  assert.match(
    (await page(juno, `/photos/${id}`)).querySelector('.actions')?.text ?? '',
    /Download original/,
  );
});

test('of what hides what it carries others get the largest picture that was made of it', async (context) => {
  const { mina, nobody, url } = await openPeopled(context);
  const file = readFileSync(join(fixturesFolder, 'moving.avif'));
  const { id, links } = await mina.developed((await mina.keep(file, { name: 'moving.avif' })).id);
  const answer = await fetch(`${url}/media/${id}/original`);
  assert.equal(answer.headers.get('content-type'), 'image/webp');
  const largest = await nobody.bytes(links.renditions.at(-1)?.url ?? '');
  assert.ok(Buffer.from(await answer.arrayBuffer()).equals(largest));
});

test('nobody can be the only one to see a photo, and whoever asks for it is told before anything is kept', async (context) => {
  const { url } = await openRunningGallery(context);
  const machine = createClient(url);
  for (const said of ['1', 'yes']) {
    const refused = await machine.post([
      { name: 'private', body: said },
      filePart('a.png', drawPng({ seed: 1 })),
    ]);
    assert.equal(refused.status, 400, said);
    assert.equal((JSON.parse(refused.text) as { code: string }).code, 'bad-request');
  }
  const metadata = `private ${Buffer.from('1').toString('base64')}`;
  const begun = await machine.ask('/uploads', {
    method: 'POST',
    headers: { 'Tus-Resumable': '1.0.0', 'Upload-Length': '10', 'Upload-Metadata': metadata },
  });
  assert.equal(begun.status, 400);
  assert.equal((await machine.everything()).length, 0);
});

test('sending a photo once more for oneself only hides it, and no digest says that it need not be sent', async (context) => {
  const { mina, juno } = await openPeopled(context);
  const bytes = drawPng({ seed: 1 });
  const { id, links } = await mina.keep(bytes);
  const known = async (query: string) => {
    const headers = { 'X-Requested-With': 'test' };
    return (await mina.ask(`/digests/${sha256Of(bytes)}${query}`, { headers })).status;
  };
  assert.deepEqual([await known(''), await known('?private=1')], [200, 204]);
  const again = await mina.post([{ name: 'private', body: '1' }, filePart('a.png', bytes)]);
  assert.equal(again.status, 200);
  const { id: same, duplicate, private: hidden } = JSON.parse(again.text);
  assert.deepEqual([same, duplicate, hidden], [id, true, true]);
  assert.equal((await juno.ask(links.self)).status, 404);
  assert.deepEqual([await known(''), await known('?private=1')], [200, 200]);
});

test('who came back by an id alone, as after a rebuild, is told of as somebody who was removed', async (context) => {
  const uploadsDir = await makeFolder(context);
  const id = '01990002-0000-7000-8000-00000000beef';
  const cookies = await signInPeople(uploadsDir, { head: 'owner', [id]: 'member' });
  const { url } = await openRunningGallery(context, { uploadsDir, access: 'members' });
  const former = createClient(url, cookies[id as keyof typeof cookies]);
  const head = createClient(url, cookies.head);
  const photo = await former.keep(drawPng({ seed: 1 }));
  for (const [language, name] of [
    ['en', 'Removed person (beef)'],
    ['ko', '내보낸 사람 (beef)'],
  ] as const)
    for (const path of ['/people', `/photos/${photo.id}`]) {
      const shown = await head.ask(path, { headers: { Accept: 'text/html', 'Accept-Language': language } });
      const main = parse(shown.text).querySelector('main')?.text ?? '';
      assert.ok(main.includes(name), `${path}: ${main}`);
      assert.ok(!main.includes(id), path);
    }
});
