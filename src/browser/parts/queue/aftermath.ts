// What is written down after a delivery that did not arrive.
import { UnreadableError } from './delivery.ts';
import type { Link } from './link.ts';
import { pauseMs } from './rules.ts';
import type { Changes, QueueItem } from './store.ts';
import { TransferError } from './transfer.ts';
import { mostBreaks, type Verdict, verdictOn } from './verdict.ts';

type Again = Extract<Verdict, { is: 'again' }>;

export const freed: Changes = { leasedBy: undefined, leasedUntil: undefined };

/** Back in line, as it is. */
export const unfinished = ({ state }: QueueItem): Changes => ({
  ...freed,
  state: state === 'sent' ? 'sent' : 'waiting',
});

/** @param chunkBytes how large its pieces were: the link may have become narrow since, by the failure of another one */
export function aftermath(
  error: unknown,
  item: QueueItem,
  link: Link,
  chunkBytes: number,
  now: number,
): Changes {
  if (error instanceof UnreadableError) return { ...freed, state: 'failed', code: 'file-gone' };
  const answer = error instanceof TransferError ? error.answer : { status: 500, resuming: false };
  const verdict = verdictOn(answer, item.tries);
  if (verdict.is === 'apart') return { ...unfinished(item), code: verdict.code, reason: undefined };
  if (verdict.is !== 'again') return settled(verdict, item);
  if (verdict.smaller !== true) return once(verdict, item, link, now);
  return link.narrows(chunkBytes) ? unfinished(item) : settled({ is: 'failed', code: 'narrow' }, item);
}

function once(verdict: Again, item: QueueItem, link: Link, now: number): Changes {
  const { code, detail, atLeastMs = 0, afresh = false } = verdict;
  const isBroken = code === 'no-connection';
  const tries = isBroken ? item.tries : item.tries + 1;
  const pause = Math.max(atLeastMs, pauseMs(item.tries, Math.random()));
  return {
    ...unfinished(item),
    ...(afresh ? { uploadUrl: undefined, sha256: undefined, sent: 0 } : {}),
    code,
    reason: detail,
    // However long a server is busy, that is not the fault of this file.
    tries: code === 'server' ? tries : Math.min(tries, mostBreaks - 2),
    nextTryAt: isBroken ? link.breaks(now) : now + pause,
  };
}

const settled = (verdict: Extract<Verdict, { is: 'refused' | 'failed' }>, item: QueueItem): Changes => ({
  ...freed,
  // A photo that is there stays there, also when its late title is refused.
  ...(item.state === 'sent'
    ? { title: item.sentTitle ?? '' }
    : { state: verdict.is, uploadUrl: undefined, sent: 0 }),
  code: verdict.code,
  reason: verdict.detail,
});
