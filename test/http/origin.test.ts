// Where a changing request must say that it comes from, whoever may get in: asked before anything of its body is read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessModes } from '../../src/http/access.ts';
import { requestText, sendRaw } from '../support/raw-http.ts';
import { openThreeGalleries } from '../support/three-galleries.ts';

const megabyte = 1024 * 1024;

for (const access of accessModes)
  test(`with ACCESS=${access} whatever does not come from the gallery itself is refused before its body is read (T34)`, async (t) => {
    const site = await openThreeGalleries(t);
    const url = site.urls[access];
    const before = site.revision();
    const host = new URL(url).host;
    const send = async (method: string, path: string, headers: Record<string, string | number>) => {
      const text = requestText(method, path, url, { 'Content-Length': megabyte, ...headers });
      // Without the headers that the helper has of its own, where they are empty.
      const chunks = [text.replace(/^[\w-]+: \r\n/gm, '')];
      return await sendRaw({ url, chunks, deadlineMs: 5_000 });
    };
    const multipart = { 'Content-Type': 'multipart/form-data; boundary=x' };
    const attempts: readonly Record<string, string>[] = [
      { Origin: '' },
      { Origin: '', Cookie: 'lang=ko' },
      { Origin: '', Cookie: `sid=${'A'.repeat(43)}` },
      { Origin: 'null' },
      { Origin: 'https://evil.example' },
      { Origin: 'http://127.0.0.1:1' },
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
      { 'Sec-Fetch-Site': 'none' },
      { 'Sec-Fetch-Site': 'none', Origin: '' },
    ];
    for (const [method, path] of [
      ['POST', '/photos'],
      ['POST', '/uploads'],
      ['POST', '/sign-in'],
      ['PATCH', '/photos/x'],
      ['DELETE', '/photos/x'],
    ] as const)
      for (const headers of attempts) {
        const answer = await send(method, path, { ...multipart, ...headers });
        assert.equal(answer.status, 403, `${method} ${path} ${JSON.stringify(headers)}: ${answer.head}`);
        const { code, detail } = JSON.parse(answer.body) as { code: string; detail: string };
        const says = headers['Origin'] === '' && headers['Sec-Fetch-Site'] === undefined;
        assert.equal(code, says ? 'no-origin' : 'foreign-origin');
        // A script is told what to send, and nothing has to be looked up.
        if (says) assert.match(detail, new RegExp(`Origin: http://${host}\\b`));
      }
    assert.equal(site.revision(), before, 'nothing came of it');
    for (const headers of [{}, { Origin: '', 'Sec-Fetch-Site': 'same-origin' }]) {
      const taken = await send('POST', '/threshold', { ...headers, 'Content-Length': 0 });
      assert.equal(taken.status, access === 'members' ? 401 : 415, taken.head);
    }
    // An app's share sheet is no page; a form on a page that sends no referrer has no origin to name.
    const shared = await send('POST', '/share', { 'Sec-Fetch-Site': 'none', 'Content-Length': 0 });
    assert.equal(shared.status, access === 'local' ? 415 : 401, shared.head);
    const form = await send('POST', `/s/${'A'.repeat(43)}`, { Origin: 'null', 'Content-Length': 0 });
    assert.notEqual(form.status, 403, form.head);
    for (const headers of [{ Origin: '' }, { Origin: 'https://evil.example' }])
      assert.equal((await send('POST', `/s/${'A'.repeat(43)}`, headers)).status, 403);
  });
