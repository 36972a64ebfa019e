// What tests of faults share: how far to go, where chance begins, and figures for the table at the end.
import type { TestContext } from 'node:test';

/** A few minutes for all of it; else as much as the plan of faults asks for. scripts/faults.ts decides. */
export const isShort = process.env.SAJIN_FAULTS !== 'full';

export const seed = Number(process.env.SAJIN_TEST_SEED ?? Date.now() % 1_000_000);

/** The build starts in half the time, and some of these start it a hundred times. */

/** A line beside the fault in the table. */
export const tell = (t: Pick<TestContext, 'diagnostic'>, id: `F${number}`, words: string) =>
  t.diagnostic(`${id}: ${words}`);
