// Which leases are held by somebody who lives. A page that is left has no time to give anything back, and whoever comes next should not
// wait until its leases have run out. Answers come from other pages and from the service worker.

export interface Holders {
  /** Of these names, those that nobody answers for. Empty where pages can't talk to each other: then leases run out by themselves. */
  abandoned(by: readonly string[]): Promise<string[]>;
  close(): void;
}

interface Said {
  /** Whoever lives answers, with the same token. */
  readonly asks?: string;
  readonly answers?: string;
  readonly holds?: readonly string[];
}

// A page that works hard still answers within this; one that does not is let go of, and hears that it lost its lease.
const patienceMs = 500;

/** @param mine names under which this page holds leases, asked at each question */
export function openHolders(mine: () => readonly string[]): Holders {
  if (typeof BroadcastChannel === 'undefined') return { abandoned: async () => [], close() {} };
  const channel = new BroadcastChannel('sajin-holders');
  const asked = new Map<string, Set<string>>();
  let questions = 0;
  channel.addEventListener('message', ({ data }: MessageEvent<Said>) => {
    if (data.asks !== undefined) channel.postMessage({ answers: data.asks, holds: mine() } satisfies Said);
    for (const name of data.holds ?? []) asked.get(data.answers ?? '')?.delete(name);
  });
  return {
    async abandoned(by) {
      const others = by.filter((name) => !mine().includes(name));
      if (others.length === 0) return [];
      questions += 1;
      const token = `${others.join(' ')} ${questions}`;
      const left = new Set(others);
      asked.set(token, left);
      channel.postMessage({ asks: token } satisfies Said);
      await new Promise((resolve) => setTimeout(resolve, patienceMs));
      asked.delete(token);
      return [...left];
    },
    close: () => channel.close(),
  };
}
