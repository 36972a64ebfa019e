// Server-sent events as a browser reads them: told after they are true, and no reason for the program to stay.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from '../support/client.ts';
import { drawPng } from '../support/pictures.ts';
import { openRunningGallery } from '../support/running-gallery.ts';
import { within } from '../support/until.ts';

async function* eventsIn(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<{ kind: string; data: { id: string; state?: string } }> {
  let text = '';
  for await (const chunk of body.pipeThrough(
    new TextDecoderStream() as never,
  ) as unknown as AsyncIterable<string>) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const [, kind, data] = /^event: (.+)\ndata: (.+)$/.exec(text.slice(0, end)) ?? [];
      text = text.slice(end + 2);
      if (kind !== undefined && data !== undefined) yield { kind, data: JSON.parse(data) };
    }
  }
}

test('an open page hears of a photo from its upload to its end', async (context) => {
  const gallery = await openRunningGallery(context);
  const client = createClient(gallery.url);
  const abort = new AbortController();
  const response = await fetch(`${gallery.url}/events`, { signal: abort.signal });
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  assert.ok(response.body);
  const { id } = await client.keep(drawPng({ seed: 1 }));
  const heard: string[] = [];
  for await (const { kind, data } of eventsIn(response.body)) {
    assert.equal(data.id, id);
    heard.push(data.state ?? kind);
    if (data.state === 'done') break;
  }
  assert.deepEqual(heard, ['photo-added', 'developing', 'done']);
  assert.equal((await client.photo(id)).state, 'done');
  abort.abort();
});

test('a page that listens does not keep the program from closing', async (context) => {
  const gallery = await openRunningGallery(context);
  const response = await fetch(`${gallery.url}/events`);
  await within('the program to close', 5_000, gallery.close());
  await response.body?.cancel();
});
