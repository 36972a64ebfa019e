// Which of many backups stay: the last of each day for a week of days, and of each week for a month. Knows moments, not files.

const dayMs = 24 * 60 * 60 * 1000;
const days = 7;
const weeks = 4;

/** The latest of each of the last seven days and four weeks that have one, by UTC. The very last one always stays. */
export function keptMoments(moments: readonly Date[]): ReadonlySet<Date> {
  const latestFirst = [...moments].sort((a, b) => b.getTime() - a.getTime());
  return new Set([...latestOf(latestFirst, dayOf, days), ...latestOf(latestFirst, weekOf, weeks)]);
}

function latestOf(latestFirst: readonly Date[], periodOf: (moment: Date) => number, most: number): Date[] {
  const latest = new Map<number, Date>();
  for (const moment of latestFirst) {
    const period = periodOf(moment);
    if (!latest.has(period)) latest.set(period, moment);
  }
  return [...latest.values()].slice(0, most);
}

const dayOf = (moment: Date) => Math.floor(moment.getTime() / dayMs);
/** The first of January 1970 was a Thursday; weeks begin on Monday. */
const weekOf = (moment: Date) => Math.floor((dayOf(moment) + 3) / 7);
