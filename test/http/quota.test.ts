// What is refused because there is no more room for it: of one member (USER_QUOTA_GB), and of unfinished uploads.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { type Client, createClient, sha256Of } from '../support/client.ts';
import { filesBelow } from '../support/data.ts';
import { openMembers } from '../support/members.ts';
import { filePart, formBody } from '../support/multipart.ts';
import { drawPng } from '../support/pictures.ts';
import { requestText, sendRaw } from '../support/raw-http.ts';
import { createTusClient } from '../support/tus-client.ts';

/** Less than what a form may have around its file, so that each is looked at when it is there. */
const picture = (seed: number) => drawPng({ seed, width: 100, height: 75 });
const each = picture(1).length;

async function open(t: TestContext, userQuotaBytes: number) {
  const members = await openMembers(t, { userQuotaBytes });
  const miri = await members.owner();
  const juno = await members.invited(miri, 'member', 'Juno');
  const left = () =>
    filesBelow(members.gallery.folder).filter(({ path }) => /\/(incoming|resumable)\//.test(path));
  return {
    ...members,
    miri,
    juno,
    owner: createClient(members.url, miri.cookie),
    member: createClient(members.url, juno.cookie),
    left,
  };
}

const problemIn = (text: string) => JSON.parse(text) as Record<string, number | string>;

async function expectUsedUp(client: Client, bytes: Buffer) {
  const answer = await client.upload(bytes);
  assert.equal(answer.status, 507, answer.text);
  const { code, freeBytes, neededBytes, quotaBytes } = problemIn(answer.text);
  assert.equal(code, 'quota-used-up');
  return { freeBytes, neededBytes, quotaBytes };
}

describe('the quota of a member', () => {
  test('is told with what is free and what is needed, and nothing is stored; an owner has none (T21)', async (t) => {
    const quota = 2 * each + 300;
    const { owner, member, left } = await open(t, quota);
    const first = await member.keep(picture(1));
    const second = await member.keep(picture(2));
    const third = picture(3);
    const told = await expectUsedUp(member, third);
    const freeBytes = quota - first.bytes - second.bytes;
    assert.deepEqual(told, { freeBytes, neededBytes: third.length, quotaBytes: quota });
    assert.deepEqual(left(), []);
    assert.equal((await member.everything()).length, 2);
    // What is there already is no more: whoever did not hear the answer sends it again.
    assert.equal((await member.upload(picture(2))).status, 200);
    for (const seed of [3, 4, 5]) assert.equal((await owner.upload(picture(seed))).status, 201);
    // The trash is counted, until it is empty.
    await member.ask(`/photos/${first.id}`, { method: 'DELETE' });
    await expectUsedUp(member, third);
    await member.ask(`/photos/${first.id}?forever=1`, { method: 'DELETE' });
    assert.equal((await member.upload(third)).status, 201);
  });

  test('says so on a page, in the language of its reader (T21)', async (t) => {
    const { member } = await open(t, 10);
    const { body, contentType } = formBody([filePart('a.png', picture(1))]);
    for (const [language, words] of [
      ['en', /no more room for these photos: 0\.0 MB.*emptying the trash/s],
      ['ko', /자리가 없어요.*0\.0 MB.*휴지통/s],
    ] as const) {
      const headers = { Accept: 'text/html', 'Accept-Language': language, 'Content-Type': contentType };
      const answer = await member.ask('/photos', { method: 'POST', body, headers });
      assert.equal(answer.status, 507);
      assert.match(answer.text, words);
    }
  });

  test('is looked at before a byte has come, of a form and of an upload that resumes (T21)', async (t) => {
    const { url, juno, member, left } = await open(t, 50_000);
    const cookie = { Cookie: juno.cookie ?? '' };
    const declared = {
      ...cookie,
      'Content-Type': 'multipart/form-data; boundary=x',
      'Content-Length': 1_000_000,
    };
    const form = await sendRaw({ url, chunks: [requestText('POST', '/photos', url, declared)] });
    assert.equal(form.status, 507, form.head);
    const begun = await member.ask('/uploads', {
      method: 'POST',
      headers: { 'Tus-Resumable': '1.0.0', 'Upload-Length': '50001' },
    });
    assert.deepEqual([begun.status, problemIn(begun.text)['neededBytes']], [507, 50_001]);
    assert.deepEqual(left(), []);
    // What is there already may be sent again, by whoever did not hear the answer.
    const large = drawPng({ seed: 9, width: 130, height: 120 });
    const tus = createTusClient(url, cookie.Cookie);
    const sha256 = sha256Of(large);
    for (const duplicate of [undefined, '1']) {
      const sent = await tus.send(large, { sha256 });
      assert.deepEqual([sent.status, sent.headers['sajin-duplicate']], [204, duplicate], sent.text);
    }
    assert.equal((await tus.make({ bytes: large.length, sha256: '0'.repeat(64) })).status, 507);
  });

  test('holds for many at once, whichever way they come (T21)', async (t) => {
    const { member, left } = await open(t, 3 * each);
    const answers = await Promise.all([11, 12, 13, 14, 15, 16].map((seed) => member.upload(picture(seed))));
    const kept = (await member.everything()).reduce((sum, { bytes }) => sum + bytes, 0);
    assert.ok(kept <= 3 * each, `${kept}`);
    for (const { status, text } of answers) assert.ok([201, 507].includes(status), text);
    assert.ok(answers.some(({ status }) => status === 507));
    assert.deepEqual(left(), []);
  });

  test('is charged with what guests send by a member’s link, and not with what comes by an owner’s (T21)', async (t) => {
    const { url, miri, juno, owner, member } = await open(t, each + 300);
    const nobody = createClient(url);
    const send = async (of: typeof miri, seed: number, more: Record<string, string> = {}) => {
      const made = await of.ask('/links', { json: { upload: true, most: 5 } });
      const { path } = JSON.parse(made.text) as { path: string };
      const { body, contentType } = formBody([filePart('a.png', picture(seed))]);
      const headers = { 'Content-Type': contentType, ...more };
      return nobody.ask(`${path}/photos`, { method: 'POST', body, headers });
    };
    assert.equal((await send(juno, 21)).status, 303);
    // What is there and what is not: to a guest it is the same, and nothing is said about room, the trash or the owner.
    for (const [language, words] of [
      ['en', /takes no more photos now/],
      ['ko', /더 받을 수 없어요/],
    ] as const)
      for (const seed of [21, 22]) {
        const refused = await send(juno, seed, { 'Accept-Language': language });
        assert.equal(refused.status, 422);
        assert.match(refused.text, words);
        assert.doesNotMatch(refused.text, /\d MB|the trash|휴지통/);
      }
    const { path } = JSON.parse((await juno.ask('/links', { json: { upload: true, most: 5 } })).text) as {
      path: string;
    };
    const early = await sendRaw({
      url,
      chunks: [
        requestText('POST', `${path}/photos`, url, {
          Accept: 'application/json',
          'Content-Type': 'multipart/form-data; boundary=x',
          'Content-Length': 1_000_000,
        }),
      ],
    });
    assert.equal(early.status, 507, early.head);
    assert.doesNotMatch(early.body.toString(), /Bytes|MB/);
    await expectUsedUp(member, picture(23));
    for (const seed of [24, 25]) assert.equal((await send(miri, seed)).status, 303);
    assert.equal((await owner.everything()).length, 3);
  });
});

describe('unfinished uploads', () => {
  test('are refused where one person has too many, and where all together have, and nothing of them stays (T21)', async (t) => {
    const members = await openMembers(t, {}, { unfinished: { most: 4, partOfOne: 0.5 } });
    const miri = await members.owner();
    const people = [miri];
    for (const name of ['Juno', 'Vera']) people.push(await members.invited(miri, 'member', name));
    const [first, second, third] = people.map(({ cookie }) => createTusClient(members.url, cookie));
    assert.ok(first && second && third);
    const paths = [await first.made({ bytes: 10 }), await first.made({ bytes: 10 })];
    const files = () => filesBelow(members.gallery.folder).filter(({ path }) => path.includes('/resumable/'));
    const expectTooMany = async (tus: typeof first) => {
      const before = files().length;
      const { status, text } = await tus.make({ bytes: 10 });
      assert.deepEqual([status, problemIn(text)['code']], [507, 'too-many-uploads']);
      assert.equal(files().length, before);
    };
    await expectTooMany(first);
    await second.made({ bytes: 10 });
    await second.made({ bytes: 10 });
    await expectTooMany(third);
    await first.remove(paths[0] ?? '');
    await third.made({ bytes: 10 });
  });
});
