// How long the rest will take, from how fast it went lately.

export interface TimeLeft {
  /** @param sent bytes that have gone over the line so far @param left bytes that are still to go */
  seconds(now: number, sent: number, left: number): number | undefined;
}

const windowMs = 20_000;
// Before that, the first burst into the buffers of the system would promise too much.
const atLeastMs = 3_000;

export function openTimeLeft(): TimeLeft {
  let marks: { readonly at: number; readonly sent: number }[] = [];
  return {
    seconds(now, sent, left) {
      // Less than before: another queue, as after clearing it.
      if (sent < (marks.at(-1)?.sent ?? 0)) marks = [];
      marks.push({ at: now, sent });
      marks = marks.filter(({ at }) => now - at <= windowMs);
      const [first] = marks;
      if (first === undefined || now - first.at < atLeastMs || sent <= first.sent) return undefined;
      return left / ((sent - first.sent) / ((now - first.at) / 1_000));
    },
  };
}
