// Holds the list of cases against the tests: each has one id, and is tried where the list says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { projectRoot } from './support/data.ts';
import { threats, threatsIn } from './threats.ts';

describe('the threat cases', () => {
  test('are numbered from one on', () => {
    const ids = Array.from({ length: threats.length }, (_, at) => `T${String(at + 1).padStart(2, '0')}`);
    assert.deepEqual(
      threats.map(({ id }) => id),
      ids,
    );
  });

  test('are tried where the list says', () => {
    for (const { id, where } of threats)
      for (const path of where)
        assert.match(readFileSync(join(projectRoot, 'test', path), 'utf8'), new RegExp(`\\b${id}\\b`), path);
  });

  test('are read from the end of a name', () => {
    assert.deepEqual(threatsIn('can’t upload (T34)'), ['T34']);
    assert.deepEqual(threatsIn('stays a word (of mine) (T41, T42)'), ['T41', 'T42']);
    assert.deepEqual(threatsIn('speaks of (T41) in the middle'), []);
  });
});
