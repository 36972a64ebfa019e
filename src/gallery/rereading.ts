// Which files of a backup are read again today: a thirtieth a day, by their digests, so that whoever makes one every day has read all of them
// within a month. Knows days and digests, not files.
import type { Sha256 } from './photo.ts';

const dayMs = 24 * 60 * 60 * 1000;
/** As often as an original of the gallery itself is read. */
const partsOfAll = 30;

/**
 * Those of the days, by UTC, since the last backup, today's included; that is nobody's a second time on one day, and everybody's after a
 * month. Without a last one, or one of a clock that was ahead, those of today.
 */
export function openRereading(last: Date | undefined, now: Date): (sha256: Sha256) => boolean {
  const today = dayOf(now);
  const before = last === undefined || dayOf(last) > today ? today - 1 : dayOf(last);
  const parts = new Set<number>();
  for (let day = Math.max(before + 1, today - partsOfAll + 1); day <= today; day += 1)
    parts.add(day % partsOfAll);
  return (sha256) => parts.has(Number.parseInt(sha256.slice(0, 2), 16) % partsOfAll);
}

const dayOf = (moment: Date) => Math.floor(moment.getTime() / dayMs);
