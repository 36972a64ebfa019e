// Whose a photo is and who sees it, through the addresses and the pages: two people, somebody who runs the gallery, and nobody.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'node-html-parser';
import { type Client, createClient } from '../support/client.ts';
import { type Cleaner, makeFolder } from '../support/folder.ts';
import { signInPeople } from '../support/people.ts';
import { drawPng } from '../support/pictures.ts';
import { openRunningGallery } from '../support/running-gallery.ts';

/** A public gallery with people in it, each with a client of their own. */
async function openPeopled(context: Cleaner) {
  const uploadsDir = await makeFolder(context);
  const cookies = await signInPeople(uploadsDir, { head: 'owner', mina: 'member', juno: 'member' });
  const { url } = await openRunningGallery(context, { uploadsDir, access: 'public' });
  const clientOf = (name: keyof typeof cookies) => createClient(url, cookies[name]);
  return {
    mina: clientOf('mina'),
    juno: clientOf('juno'),
    head: clientOf('head'),
    nobody: createClient(url),
  };
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

test('whoever does not own a photo sees it without tools', async (context) => {
  const { mina, juno, head, nobody } = await openPeopled(context);
  const { id } = await mina.keep(drawPng({ seed: 2 }));
  const hasTools = async (client: Client) =>
    (await page(client, `/photos/${id}`)).querySelector('#remove') !== null;
  assert.deepEqual(await Promise.all([mina, head, juno, nobody].map(hasTools)), [true, true, false, false]);
});
