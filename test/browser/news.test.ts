// Listening to news: comes back after an answer that is no news, and ends when nobody wants them.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { openNews } from '../../src/browser/parts/news.ts';
import { until } from '../support/until.ts';

/** What the page sees of the browser's own, with the server's part in our hands. */
class Source extends EventTarget {
  static readonly CLOSED = 2;
  static opened: Source[] = [];
  readyState = 0;
  readonly url: string;

  constructor(url: string) {
    super();
    this.url = url;
    Source.opened.push(this);
  }

  close(): void {
    this.readyState = Source.CLOSED;
  }

  fail(readyState: number): void {
    this.readyState = readyState;
    this.dispatchEvent(new Event('error'));
  }
}

const own = Object.getOwnPropertyDescriptor(globalThis, 'EventSource');
beforeEach(() => {
  Source.opened = [];
  Object.defineProperty(globalThis, 'EventSource', { value: Source, configurable: true });
});
afterEach(() => {
  if (own === undefined) Reflect.deleteProperty(globalThis, 'EventSource');
  else Object.defineProperty(globalThis, 'EventSource', own);
});

test('opens another source after an answer that is no news, and listens to that', async () => {
  const heard: string[] = [];
  const end = openNews((source) => source.addEventListener('photo-added', () => heard.push('photo')), 1);
  Source.opened[0]?.fail(Source.CLOSED);
  await until('another one', () => Source.opened.length === 2);
  Source.opened[1]?.dispatchEvent(new Event('photo-added'));
  assert.deepEqual(heard, ['photo']);
  assert.deepEqual([...new Set(Source.opened.map(({ url }) => url))], ['/events']);
  end();
});

test('leaves a broken connection to the browser, which goes back by itself', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const end = openNews(() => {}, 1);
  Source.opened[0]?.fail(0);
  t.mock.timers.tick(1_000);
  assert.equal(Source.opened.length, 1);
  end();
});

test('opens none after it was ended, not even one that was due', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const end = openNews(() => {}, 10);
  Source.opened[0]?.fail(Source.CLOSED);
  end();
  t.mock.timers.tick(1_000);
  assert.equal(Source.opened.length, 1);
  assert.equal(Source.opened[0]?.readyState, Source.CLOSED);
});
