// Links in a gallery where everybody else has to sign in: the link is the only key, it opens one door, and it stands in no log.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openSqlite } from '../../src/database/sqlite.ts';
import type { PasswordHash } from '../../src/security/passwords.ts';
import { hashToken, newToken } from '../../src/security/tokens.ts';
import { createClient, type PhotoJson } from '../support/client.ts';
import { fixturesFolder } from '../support/data.ts';
import { makeFolder } from '../support/folder.ts';
import { filePart, formBody } from '../support/multipart.ts';
import { drawPng } from '../support/pictures.ts';
import { type Program, startProgram } from '../support/start-program.ts';

const jsonType = { 'Content-Type': 'application/json' };
const located = readFileSync(join(fixturesFolder, 'located.jpg'));

interface LinkJson {
  readonly id: string;
  readonly path: string;
}

describe('links where everybody has to sign in', () => {
  let program: Program;
  const cookies: Record<string, string> = {};
  const tokens: string[] = [];

  before(async () => {
    const uploadsDir = await makeFolder();
    const { photos, accounts } = openSqlite(uploadsDir, { mayCreate: true, now: Date.now });
    const head = await accounts.createFirstOwner({ name: 'head', passwordHash: '$scrypt$x' as PasswordHash });
    const users = [
      head,
      await accounts.createUser({ name: 'mina', role: 'member' }),
      await accounts.createUser({ name: 'juno', role: 'member' }),
      await accounts.createUser({ name: 'looker', role: 'viewer' }),
    ];
    for (const { id, name } of users) {
      const token = newToken();
      await accounts.createSession({ user: id, tokenHash: hashToken(token), agent: '' });
      cookies[name] = `sid=${token}`;
    }
    await photos.close();
    program = await startProgram({ uploadsDir, env: { ACCESS: 'members', LOG_LEVEL: 'debug' } });
  });
  after(() => program?.stop());

  const ask = (who: string, path: string, init: RequestInit = {}) =>
    createClient(program.url).ask(path, {
      ...init,
      headers: { ...(cookies[who] === undefined ? {} : { Cookie: cookies[who] }), ...init.headers } as Record<
        string,
        string
      >,
    });
  const post = (who: string, path: string, body: object = {}) =>
    ask(who, path, { method: 'POST', body: JSON.stringify(body), headers: jsonType });
  const upload = async (who: string, path: string, file: Uint8Array) => {
    const { body, contentType } = formBody([filePart('IMG_4711.JPG', file)]);
    return await ask(who, path, { method: 'POST', body, headers: { 'Content-Type': contentType } });
  };
  const keep = async (who: string, file: Uint8Array): Promise<PhotoJson> =>
    JSON.parse((await upload(who, '/photos', file)).text) as PhotoJson;
  const make = async (who: string, wish: object): Promise<LinkJson> => {
    const answer = await post(who, '/links', wish);
    assert.equal(answer.status, 201, answer.text);
    const link = JSON.parse(answer.text) as LinkJson;
    tokens.push(link.path.slice(3));
    return link;
  };
  const status = async (who: string, path: string) => (await ask(who, path)).status;

  test('a stranger sees what the link shows, and nothing beside it (T40)', async () => {
    const [shared, other] = [await keep('mina', located), await keep('mina', drawPng({ seed: 1 }))];
    await post('mina', `/photos/${shared.id}/privacy`, { private: true });
    const { path } = await make('mina', { photo: shared.id });
    for (const who of ['nobody', 'juno', 'looker', 'head', 'mina']) {
      assert.equal(await status(who, path), 200, who);
      assert.equal(await status(who, `${path}/media/${shared.id}/original`), 200);
      assert.equal(await status(who, `${path}/photos/${other.id}`), 404, 'also for whose it is');
    }
    for (const one of [
      '/',
      '/labels',
      `/photos/${shared.id}`,
      `/media/${shared.id}/original`,
      '/events',
      '/links',
    ])
      assert.equal(await status('nobody', one), 401, one);
    const copy = await fetch(`${program.url}${path}/media/${shared.id}/original`);
    const bytes = Buffer.from(await copy.arrayBuffer());
    for (const word of ['Exif', 'GPS', 'IMG_4711']) assert.equal(bytes.includes(word), false, word);
    assert.doesNotMatch(copy.headers.get('content-disposition') ?? '', /4711/);
  });

  test('links are made, seen and taken back by whose they are and by who runs the gallery', async () => {
    const photo = await keep('mina', drawPng({ seed: 2 }));
    const hidden = await keep('mina', drawPng({ seed: 3 }));
    await post('mina', `/photos/${hidden.id}/privacy`, { private: true });
    const link = await make('mina', { photo: photo.id });
    assert.equal((await post('juno', '/links', { photo: photo.id })).status, 403);
    assert.equal((await post('head', '/links', { photo: hidden.id })).status, 404);
    assert.equal((await post('mina', '/links', { label: 'dog', from: 50 })).status, 403);
    assert.equal((await post('looker', '/links', { photo: photo.id })).status, 403);
    assert.equal((await post('nobody', '/links', { photo: photo.id })).status, 401);
    const ids = async (who: string) =>
      (JSON.parse((await ask(who, '/links')).text) as { links: LinkJson[] }).links.map(({ id }) => id);
    assert.ok((await ids('head')).includes(link.id));
    assert.ok((await ids('mina')).includes(link.id));
    assert.deepEqual(await ids('juno'), []);
    assert.equal(await status('looker', '/links'), 403);
    assert.equal((await post('juno', `/links/${link.id}/revoke`)).status, 404);
    assert.equal(await status('nobody', link.path), 200);
    assert.equal((await post('head', `/links/${link.id}/revoke`)).status, 200);
    assert.equal(await status('nobody', link.path), 410);
  });

  test('what a stranger sends waits for whose link it was, and others can’t let it in', async () => {
    const { path } = await make('mina', { upload: true, approval: true, most: 5 });
    assert.equal((await upload('nobody', `${path}/photos`, drawPng({ seed: 4 }))).status, 303);
    const waiting = async (who: string) =>
      (JSON.parse((await ask(who, '/moderation')).text) as { photos: PhotoJson[] }).photos.map(
        ({ id }) => id,
      );
    const [id = ''] = await waiting('mina');
    assert.deepEqual(await waiting('head'), [id]);
    assert.deepEqual(await waiting('juno'), []);
    assert.equal(await status('looker', '/moderation'), 403);
    for (const who of ['juno', 'looker', 'nobody']) {
      const allowed = who === 'juno' ? 404 : who === 'looker' ? 403 : 401;
      assert.equal((await post(who, `/photos/${id}/approve`)).status, allowed);
    }
    assert.equal(await status('juno', `/media/${id}/original`), 404);
    assert.equal(await status('mina', `/media/${id}/original`), 200);
    assert.equal((await post('mina', `/photos/${id}/approve`)).status, 200);
    assert.equal(await status('juno', `/media/${id}/original`), 200);
  });

  test('no token, no password and no name of a file stands in the log (T44)', async () => {
    const { path } = await make('mina', { upload: true, most: 5, password: 'persimmon-4711' });
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
    await ask('nobody', path, { method: 'POST', body: 'password=wrong-4711', headers: form });
    await ask('nobody', path, { method: 'POST', body: 'password=persimmon-4711', headers: form });
    await ask('nobody', `${path}%ff/media`);
    const log = program.lines.join('\n');
    assert.ok(tokens.length >= 4);
    for (const secret of [...tokens, 'persimmon', 'wrong-4711', 'IMG_4711'])
      assert.equal(log.includes(secret), false, secret);
  });
});
