// What a person sees of a download and of the list of models.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tableOf } from '../../src/cli/model-table.ts';
import { openProgress } from '../../src/cli/progress.ts';
import type { ModelEntry } from '../../src/gallery/ports.ts';

function show(steps: readonly (readonly [bytes: number, of?: number])[], isTTY: boolean): string {
  let text = '';
  const progress = openProgress('yolox-s', {
    isTTY,
    write: (more) => {
      text += more;
    },
  });
  for (const step of steps) progress.show(...step);
  progress.end();
  return text;
}

describe('progress', () => {
  const all = 2_000_000;
  const steps = Array.from({ length: 201 }, (_, at) => [at * 10_000, all] as const);

  test('is one line a tenth where nobody can see a bar', () => {
    const lines = show(steps, false).trimEnd().split('\n');
    assert.equal(lines.length, 11);
    assert.equal(lines[0], 'yolox-s 0 % (0.0 of 2.0 MB)');
    assert.equal(lines[10], 'yolox-s 100 % (2.0 of 2.0 MB)');
  });

  test('is a bar that stays on its line in a terminal, and leaves that empty', () => {
    const text = show([[1_000_000, all]], true);
    assert.equal(
      text,
      `\ryolox-s [${'#'.repeat(15)}${'.'.repeat(15)}] 50 % (1.0 of 2.0 MB)\u001b[K\r\u001b[K`,
    );
  });

  test('counts megabytes where nobody knows how many there will be', () => {
    const unknown = Array.from({ length: 12 }, (_, at) => [at * 1_000_000] as const);
    assert.deepEqual(show(unknown, false).trimEnd().split('\n'), [
      'yolox-s 0.0 MB',
      'yolox-s 5.0 MB',
      'yolox-s 10.0 MB',
    ]);
    assert.match(show([[3_000_000]], true), /yolox-s 3\.0 MB/);
  });
});

test('the table has a line a model, and what is wrong in whole sentences below', () => {
  const entry = (difference: Partial<ModelEntry>): ModelEntry => ({
    name: 'a',
    engine: 'yolox',
    origin: 'catalogue',
    path: '/a.onnx',
    state: { kind: 'absent' },
    chosen: false,
    inUse: false,
    ...difference,
  });
  const table = tableOf([
    entry({
      name: 'centernet',
      origin: 'built-in',
      bytes: 4_231_963,
      licence: 'MIT',
      inputSize: 512,
      state: { kind: 'present' },
    }),
    entry({
      bytes: 1e6,
      publishedMap: 0.258,
      state: { kind: 'fetching', bytes: 5e5, of: 1e6 },
      chosen: true,
    }),
    entry({ name: 'b', state: { kind: 'failed', problem: 'It is bad.', present: true }, inUse: true }),
    entry({ name: 'c', state: { kind: 'fetching', bytes: 5e6 } }),
  ]);
  assert.deepEqual(table.split('\n'), [
    'NAME       ENGINE  MB   INPUT  mAP   LICENCE  STATE',
    'centernet  yolox   4.2  512    -     MIT      built-in',
    'a          yolox   1.0  -      25.8  -        fetching, 50 %, chosen',
    'b          yolox   -    -      -     -        here, but see below, in use',
    'c          yolox   -    -      -     -        fetching, 5.0 MB',
    'b: It is bad.',
    '',
  ]);
});
