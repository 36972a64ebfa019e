// How long something has really lain in the trash. A clock may be wrong for a day, and nobody runs a gallery every day.

const mostUnseenMs = 2 * 24 * 60 * 60 * 1000;

/**
 * How much of the time between two looks at the clock does not count, in milliseconds: a clock that jumped ahead, or months in which nothing
 * ran, must not empty a trash at once.
 * @param seen what the clock said when it was last looked at; 0 for never
 */
export function uncountedMs(seen: number, now: number): number {
  return seen === 0 ? 0 : Math.max(0, now - seen - mostUnseenMs);
}
