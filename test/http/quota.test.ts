// What is refused because there is no more room for it: of one member (USER_QUOTA_GB), and of unfinished uploads.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { type Client, createClient, sha256Of } from '../support/client.ts';
import { filesBelow } from '../support/data.ts';
import { openMembers } from '../support/members.ts';
import { filePart, formBody } from '../support/multipart.ts';
import { drawPng } from '../support/pictures.ts';
import { requestText, sendRaw } from '../support/raw-http.ts';
import { openRunningGallery } from '../support/running-gallery.ts';
import { createTusClient, type TusReply } from '../support/tus-client.ts';

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

describe('the quota of a member, while their uploads are unfinished', () => {
  const expectNoRoom = ({ status, text }: TusReply, freeBytes: number, neededBytes: number) => {
    assert.equal(status, 507, text);
    const { code, ...told } = problemIn(text);
    assert.equal(code, 'quota-used-up');
    assert.deepEqual([told['freeBytes'], told['neededBytes']], [freeBytes, neededBytes]);
  };

  test('is taken by what was announced, after a restart, too, until it is given up; not by what others announce (T21)', async (t) => {
    const { url, gallery, miri, juno, left } = await open(t, 1000);
    const owner = createTusClient(url, miri.cookie);
    const tus = createTusClient(url, juno.cookie);
    for (let at = 0; at < 3; at += 1) await owner.made({ bytes: 900 });
    const paths = [await tus.made({ bytes: 400 }), await tus.made({ bytes: 400 })];
    const before = left().length;
    expectNoRoom(await tus.make({ bytes: 201 }), 200, 201);
    for (const path of paths) assert.equal((await tus.patch(path, 0, Buffer.alloc(399))).status, 204);
    expectNoRoom(await tus.make({ bytes: 201, body: Buffer.alloc(201) }), 200, 201);
    assert.equal(left().length, before);
    await gallery.close();
    const again = await openRunningGallery(t, {
      uploadsDir: gallery.folder,
      access: 'members',
      userQuotaBytes: 1000,
    });
    const later = createTusClient(again.url.replace('//localhost', '//127.0.0.1'), juno.cookie);
    expectNoRoom(await later.make({ bytes: 201 }), 200, 201);
    await later.remove(paths[0] ?? '');
    await later.made({ bytes: 600 });
    expectNoRoom(await later.make({ bytes: 1 }), 0, 1);
  });

  test('lets in as many as fit of those that begin at once, and keeps nothing for one that was refused (T21)', async (t) => {
    const { url, juno } = await open(t, 1000);
    const tus = createTusClient(url, juno.cookie);
    const begun = await Promise.all(Array.from({ length: 14 }, () => tus.make({ bytes: 300 })));
    assert.equal(begun.filter(({ status }) => status === 201).length, 3);
    assert.equal(begun.filter(({ status }) => status === 507).length, 11);
    const bad = await tus.make({ bytes: 100, headers: { 'Upload-Metadata': 'a b c,,' } });
    assert.equal(bad.status, 400);
    // No picture, and not what it was said to be.
    assert.equal((await tus.make({ bytes: 3, body: Buffer.from('abc') })).status, 415);
    const sha256 = '0'.repeat(64);
    assert.equal((await tus.make({ bytes: 100, sha256, body: Buffer.alloc(100) })).status, 460);
    await tus.made({ bytes: 100 });
  });

  test('is not taken twice by what becomes a photo while the next one begins (T21)', async (t) => {
    const pictures = Array.from({ length: 24 }, (_, at) => picture(100 + at));
    const quota = pictures.reduce((sum, { length }) => sum + length, 0);
    const { url, juno } = await open(t, quota);
    const tus = createTusClient(url, juno.cookie);
    const made = (at: number) => tus.made({ bytes: pictures[at]?.length ?? 0 });
    let begun = 3;
    // As a phone: three under way, of which each begins the next one as soon as it can, and all together fill the room.
    const lanes = [0, 1, 2].map(async (first) => {
      let next: number | undefined = first;
      let path = await made(first);
      while (next !== undefined) {
        const bytes: Buffer = pictures[next] ?? Buffer.alloc(0);
        const sent = tus.patch(path, 0, bytes);
        next = begun < pictures.length ? begun++ : undefined;
        if (next !== undefined) path = await made(next);
        const { status, headers, text } = await sent;
        assert.deepEqual([status, typeof headers['sajin-photo']], [204, 'string'], text);
      }
    });
    await Promise.all(lanes);
    expectNoRoom(await tus.make({ bytes: 1 }), 0, 1);
  });

  test('is not got round by what is said to be there already (T21)', async (t) => {
    const { url, juno, member } = await open(t, 20 * each);
    const photo = picture(31);
    await member.keep(photo);
    const tus = createTusClient(url, juno.cookie);
    const claimed = { bytes: 9 * each, sha256: sha256Of(photo) };
    const paths = [await tus.made(claimed), await tus.made(claimed)];
    assert.equal((await tus.make(claimed)).status, 507);
    for (const path of paths) await tus.remove(path);
    // It still is free to send once more what fills all the room.
    await member.keep(drawPng({ seed: 32, width: 200, height: 100 }));
    const sent = await tus.send(photo, { sha256: sha256Of(photo) });
    assert.deepEqual([sent.status, sent.headers['sajin-duplicate']], [204, '1'], sent.text);
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
