// The bytes of an answer, and none of them lost: a body that breaks off throws away what nobody had read yet, so it is read as soon as
// it comes, however slow the disk is, up to some megabytes ahead.
import { Hiccup, reasonOf } from './request.ts';

export interface Body {
  /** Everything that came, then the end, or a Hiccup when it broke off. To be read once. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Ends the connection. Fine at any time. */
  cancel(): Promise<void>;
}

/** @param onArrival called with every piece that comes from the network */
export function readAhead(response: Response, onArrival: () => void): Body {
  const reader = response.body?.getReader();
  const ready: Uint8Array[] = [];
  let ended: { readonly fault?: Hiccup } | undefined;
  let held = 0;
  let turn = openTurn();
  void pump();

  return { chunks: takeOut(), cancel: async () => reader?.cancel().catch(() => undefined) };

  async function pump(): Promise<void> {
    try {
      for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) {
        ready.push(next.value);
        held += next.value.length;
        onArrival();
        turn.pass();
        while (held > aheadBytes) await turn.passed;
      }
      ended = {};
    } catch (error) {
      ended = { fault: error instanceof Hiccup ? error : new Hiccup(reasonOf(error, hostOf(response))) };
    }
    turn.pass();
  }

  async function* takeOut(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = ready.shift();
      if (chunk !== undefined) {
        held -= chunk.length;
        turn.pass();
        yield chunk;
      } else if (ended?.fault !== undefined) throw ended.fault;
      else if (ended !== undefined) return;
      else await turn.passed;
    }
  }

  /** Whoever waits looks again. */
  function openTurn() {
    let resolve = () => {};
    const passed = new Promise<void>((done) => {
      resolve = done;
    });
    return {
      passed,
      pass() {
        turn = openTurn();
        resolve();
      },
    };
  }
}

/** Bytes that may wait for the disk. */
const aheadBytes = 8 * 1024 * 1024;

const hostOf = ({ url }: Response) => (URL.canParse(url) ? new URL(url).host : 'the server');
