// Titles that count, shot by shot.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openRunningTitle } from '../../src/browser/parts/shoot/running-title.ts';

function openKept() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

describe('a running title', () => {
  it('counts from 1, whatever blanks surround it', () => {
    const titles = openRunningTitle(undefined);
    assert.deepEqual(['Trip', ' Trip ', 'Trip'].map(titles.next), ['Trip 1', 'Trip 2', 'Trip 3']);
  });

  it('stays empty where there is none, and does not count that', () => {
    const titles = openRunningTitle(undefined);
    assert.deepEqual(['Trip', '', '  ', 'Trip'].map(titles.next), ['Trip 1', '', '', 'Trip 2']);
  });

  it('is cut so that it fits with its number, never within a character, and goes on counting', () => {
    const titles = openRunningTitle(undefined);
    assert.equal(titles.next('a'.repeat(200)), `${'a'.repeat(198)} 1`);
    for (let number = 2; number < 100; number += 1) titles.next('a'.repeat(200));
    assert.equal(titles.next('a'.repeat(200)), `${'a'.repeat(196)} 100`);
    assert.equal(titles.next(`a${'📷'.repeat(100)}`), `a${'📷'.repeat(98)} 1`);
    assert.equal(titles.next(`${'a'.repeat(197)} b`), `${'a'.repeat(197)} 1`, 'no blank before another');
    // Hangul that came in pieces, as some phones send it, is shorter once it is put together.
    assert.equal(titles.next('사진'.repeat(90).normalize('NFD')), `${'사진'.repeat(90)} 1`);
  });

  it('begins anew with another title', () => {
    const titles = openRunningTitle(undefined);
    assert.deepEqual(['Trip', '여행', 'Trip'].map(titles.next), ['Trip 1', '여행 1', 'Trip 1']);
  });

  it('gives the number of a shot that was taken back to the next', () => {
    const titles = openRunningTitle(undefined);
    assert.equal(titles.next('Trip'), 'Trip 1');
    titles.takeBack();
    titles.takeBack();
    assert.equal(titles.next('Trip'), 'Trip 1');
  });

  it('goes on after the page was loaded again, and begins anew with what it cannot read', () => {
    const kept = openKept();
    openRunningTitle(kept).next('Trip');
    assert.equal(openRunningTitle(kept).next('Trip'), 'Trip 2');
    for (const nonsense of ['', '{', 'null', '{"title":1,"number":2}', '{"title":"Trip","number":"x"}']) {
      kept.setItem('sajin.running-title', nonsense);
      assert.equal(openRunningTitle(kept).next('Trip'), 'Trip 1', nonsense);
    }
  });
});
