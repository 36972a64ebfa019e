// Who is still there: leases of pages that are gone are anybody's at once.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openHolders } from '../../src/browser/parts/queue/holders.ts';

describe('whose page is gone', () => {
  it('is known because nobody answers, and those that live answer for themselves alone', async (t) => {
    const living = openHolders(() => ['a', 'b']);
    const asking = openHolders(() => ['mine']);
    t.after(() => {
      living.close();
      asking.close();
    });
    assert.deepEqual(await asking.abandoned(['a', 'gone', 'mine', 'b']), ['gone']);
    assert.deepEqual(await asking.abandoned(['a', 'mine']), []);
    living.close();
    assert.deepEqual(await asking.abandoned(['a']), ['a']);
  });
});
