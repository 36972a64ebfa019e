// Parts that throw what nobody expected: a sentence and a number for the visitor, the rest for the log.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { routeTable } from '../../src/http/route-table.ts';
import { accessLines } from '../support/access-lines.ts';
import { missing } from '../support/access-subjects.ts';
import { insideWords, openThreeGalleries } from '../support/three-galleries.ts';

describe('when something breaks that never should', () => {
  const cleaners: (() => unknown)[] = [];
  let site: Awaited<ReturnType<typeof openThreeGalleries>>;
  before(async () => {
    site = await openThreeGalleries({ after: (clean) => cleaners.push(clean) });
  });
  after(async () => {
    for (const clean of cleaners.toReversed()) await clean();
  });

  async function ask(name: string, accept: string) {
    const [method = '', pattern = ''] = name.split(' ');
    const { of, form, json, raw, headers = {} } = accessLines[name] ?? assert.fail(name);
    const address = of === undefined ? {} : missing[of];
    const path = pattern.replace(/:(\w+)/g, (_whole, key: string) => address[key] ?? 'x');
    const said = typeof json === 'function' ? json(address['id'] ?? '') : json;
    const [type, body] = form
      ? ['application/x-www-form-urlencoded', new URLSearchParams(form).toString()]
      : raw
        ? [raw.type, raw.body]
        : ['application/json', said && JSON.stringify(said)];
    const url = site.urls.local;
    const usual = { Accept: accept, Origin: url, 'X-Requested-With': 'test', 'Content-Type': type };
    const response = await fetch(new URL(path, url), {
      ...{ method, redirect: 'manual', headers: { ...usual, ...headers } },
      ...(body === undefined ? {} : { body }),
    });
    if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
      await response.body?.cancel();
      return { status: response.status, text: '', headers: response.headers };
    }
    return { status: response.status, text: await response.text(), headers: response.headers };
  }

  for (const part of ['database', 'pages'] as const)
    test(`in the ${part}, no route tells anything of the inside (T43)`, async () => {
      assert.equal(process.env['NODE_ENV'], undefined, 'as it is where nobody has thought of it');
      site.fault.in = part;
      let failed = 0;
      for (const { method, path } of routeTable)
        for (const accept of ['text/html', 'application/json']) {
          const name = `${method} ${path}`;
          const { status, text, headers } = await ask(name, accept);
          assert.doesNotMatch(text, insideWords, `${name}, ${status}`);
          assert.doesNotMatch(JSON.stringify([...headers]), insideWords, name);
          if (status !== 500) continue;
          failed += 1;
          assert.equal(headers.get('cache-control'), 'no-store', name);
          if (method === 'HEAD') continue;
          if (accept === 'application/json') {
            const { code, instance } = JSON.parse(text) as { code: string; instance: string };
            assert.deepEqual([code, instance.slice(0, 9)], ['internal', 'urn:uuid:'], name);
          } else if (part === 'database')
            assert.match(text, /[0-9a-f]{8}-[0-9a-f]{4}/, `${name} says no number`);
        }
      assert.ok(failed > (part === 'database' ? 60 : 10), `only ${failed} failed`);
      delete site.fault.in;
      assert.equal((await ask('GET /', 'text/html')).status, 200, 'and it is over when it is over');
    });
});
