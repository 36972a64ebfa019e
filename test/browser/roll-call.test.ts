// Who sends: an open page, or the service worker when no page does.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AskedPage, answerRollCall, doesAPageSend } from '../../src/browser/parts/queue/roll-call.ts';

/** @param isSending undefined for a page that is asleep */
function pageThat(isSending: boolean | undefined, of = ''): AskedPage {
  const container = new EventTarget();
  if (isSending !== undefined) answerRollCall(container, (owner) => isSending && owner === of);
  return {
    postMessage: (data, ports) =>
      void container.dispatchEvent(Object.assign(new Event('message'), { data, ports })),
  };
}

describe('the roll call', () => {
  it('is answered by one page that sends among others that do not', async () => {
    assert.equal(
      await doesAPageSend([pageThat(undefined), pageThat(false), pageThat(true)], '', 5_000),
      true,
    );
  });

  it('is over when no page sends, or none is awake', async () => {
    assert.equal(await doesAPageSend([pageThat(undefined), pageThat(false)], '', 20), false);
    assert.equal(await doesAPageSend([], '', 5_000), false);
  });

  it('is not answered by a page that somebody else left open', async () => {
    assert.equal(await doesAPageSend([pageThat(true, 'mina')], 'juno', 20), false);
    assert.equal(await doesAPageSend([pageThat(true, 'mina')], 'mina', 5_000), true);
  });

  it('leaves other messages alone', async () => {
    const container = new EventTarget();
    let isAsked = false;
    answerRollCall(container, () => {
      isAsked = true;
      return true;
    });
    container.dispatchEvent(Object.assign(new Event('message'), { data: 'something else', ports: [] }));
    assert.equal(isAsked, false);
  });
});
