// How long the rest will take, from how fast it went lately.

export interface TimeLeft {
  /** @param sent bytes that have gone over the line so far @param left bytes that are still to go */
  seconds(now: number, sent: number, left: number): number | undefined;
}

interface Mark {
  readonly at: number;
  readonly sent: number;
}

const windowMs = 20_000;
// Before that, the first burst into the buffers of the system would promise too much.
const atLeastMs = 3_000;
// While nothing moves, as before the first byte and without a connection, the time is nobody's speed.
const stillMs = 4_000;

export function openTimeLeft(): TimeLeft {
  let marks: Mark[] = [];
  let moved: Mark | undefined;
  return {
    seconds(now, sent, left) {
      const stands = moved === undefined || sent === moved.sent;
      // Less than before: another queue, as after clearing it.
      if (sent < (moved?.sent ?? 0) || (stands && now - (moved?.at ?? now) > stillMs)) marks = [];
      if (!stands || moved === undefined) moved = { at: now, sent };
      if (marks.length === 0 || !stands) marks.push({ at: now, sent });
      // What stands from the beginning begins anew, until the first byte has gone.
      if (marks.length === 1 && stands) marks = [{ at: now, sent }];
      marks = marks.filter(({ at }) => now - at <= windowMs);
      const [first] = marks;
      if (first === undefined || now - first.at < atLeastMs || sent <= first.sent) return undefined;
      return left / ((sent - first.sent) / ((now - first.at) / 1_000));
    },
  };
}
