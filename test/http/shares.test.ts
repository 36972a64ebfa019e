// One person, or one guest, does not take from everybody what there is little of.
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { type BrowserLike, openMembers } from '../support/members.ts';
import { filePart, formBody } from '../support/multipart.ts';
import { drawPng } from '../support/pictures.ts';
import { requestText } from '../support/raw-http.ts';

const boundary = 'multipart/form-data; boundary=x';

describe('one of many', () => {
  let members: Awaited<ReturnType<typeof openMembers>>;
  let owner: BrowserLike;
  const cleaners: (() => unknown)[] = [];
  before(async () => {
    members = await openMembers(
      { after: (clean) => cleaners.push(clean) },
      { trustedProxies: ['127.0.0.1'] },
    );
    owner = await members.owner();
  });
  after(async () => {
    for (const clean of cleaners.toReversed()) await clean();
  });

  /** So many requests that stay open; the status of each that was answered, once all have been looked at. */
  const hold = async (
    { count, ...request }: { count: number; method: string; path: string },
    headersOf: (at: number) => Record<string, string | number>,
  ) => {
    const sockets: Socket[] = [];
    const answers = Array.from({ length: count }, (_, at) => {
      const socket = connect(Number(new URL(members.url).port), '127.0.0.1');
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.write(requestText(request.method, request.path, members.url, headersOf(at)));
      return new Promise<number | undefined>((resolve) => {
        socket.once('data', (chunk: Buffer) => resolve(Number(chunk.toString('latin1').slice(9, 12))));
        // Whoever is let in is told that the body may come, so all of them are answered.
        setTimeout(() => resolve(undefined), 20_000).unref();
      });
    });
    const statuses = await Promise.all(answers);
    return {
      statuses,
      leave: () => Promise.all(sockets.map((socket) => gone(socket))),
    };
  };
  const body = { 'Content-Type': boundary, 'Content-Length': 100_000, Expect: '100-continue' };
  const send = async (browser: BrowserLike, seed: number) => {
    const { body, contentType } = formBody([filePart('a.png', drawPng({ seed }))]);
    const headers = { 'Content-Type': contentType, Accept: 'application/json', Origin: members.url };
    const response = await fetch(`${members.url}/photos`, {
      method: 'POST',
      body,
      headers: { ...headers, Cookie: browser.cookie ?? '' },
    });
    return response.status;
  };
  const takingLink = async () => {
    const answer = await owner.ask('/links', { json: { upload: true, most: 100 } });
    assert.equal(answer.status, 201, answer.text);
    return (JSON.parse(answer.text) as { path: string }).path;
  };

  test('a guest holds a fifth of the places for uploads, and all guests leave some', async () => {
    const links = [await takingLink()];
    const first = await hold({ count: 55, method: 'POST', path: `${links[0]}/photos` }, () => body);
    assert.equal(first.statuses.filter((status) => status === 100).length, 10);
    assert.equal(first.statuses.filter((status) => status === 503).length, 45);
    assert.equal(await send(owner, 1), 201);
    for (let count = 0; count < 4; count += 1) links.push(await takingLink());
    const others = await Promise.all(
      links.slice(1).map((path) => hold({ count: 12, method: 'POST', path: `${path}/photos` }, () => body)),
    );
    const held = others.flatMap(({ statuses }) => statuses).filter((status) => status === 100);
    assert.equal(held.length, 30);
    assert.equal(await send(owner, 2), 201);
    for (const { leave } of [first, ...others]) await leave();
  });

  test('a member holds half of the places for uploads, from wherever', async () => {
    const member = await members.invited(owner, 'member', 'Bori');
    const held = await hold({ count: 60, method: 'POST', path: '/photos' }, (at) => ({
      ...body,
      Cookie: member.cookie ?? '',
      'X-Forwarded-For': `192.0.2.${at}`,
    }));
    assert.equal(held.statuses.filter((status) => status === 100).length, 25);
    assert.equal(await send(member, 3), 503);
    assert.equal(await send(owner, 4), 201);
    await held.leave();
  });

  test('a viewer has half of the pages that may listen, and an address knows one name', async () => {
    const viewer = await members.invited(owner, 'viewer', 'Nari');
    const cookieOf = (browser: BrowserLike) => ({ Cookie: browser.cookie ?? '' });
    assert.equal((await viewer.ask('/events', { method: 'HEAD' })).status, 200);
    const held = await hold({ count: 160, method: 'GET', path: '/events' }, () => cookieOf(viewer));
    assert.equal(held.statuses.filter((status) => status === 200).length, 150);
    assert.equal(held.statuses.filter((status) => status === 503).length, 10);
    const others = await hold({ count: 1, method: 'GET', path: '/events' }, () => cookieOf(owner));
    assert.deepEqual(others.statuses, [200]);
    await Promise.all([held.leave(), others.leave()]);
    for (const path of ['/Events', '/EVENTS', '/Photos'])
      assert.equal((await owner.ask(path, { method: 'HEAD' })).status, 404, path);
  });
});

const gone = (socket: Socket) =>
  new Promise<void>((resolve) => {
    if (socket.closed) resolve();
    socket.once('close', () => resolve());
    socket.destroy();
  });
