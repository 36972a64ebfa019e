// Does an engine really work with these weights? Asked of a child process with the usual limits, by looking at a small picture:
// the process of the server never opens a model.
import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DarkroomError } from '../../gallery/errors.ts';
import type { Log } from '../../log.ts';
import { childModule } from '../child-process.ts';
import { openPool, type PoolOptions } from '../pool.ts';
import type { Prove } from './import.ts';
import type { EngineChoice, EnginePlan } from './plan.ts';

/** @param options another program than the real child, or other limits: only for tests */
export function proveWith(log: Log, options: Partial<PoolOptions> = {}): Prove {
  return async (choice) => {
    const picture = join(tmpdir(), `sajin-${randomUUID()}.png`);
    const pool = openPool({
      ...limits,
      log,
      childModule: childModule(),
      ...options,
      roster: rosterOf(choice),
    });
    try {
      await writeFile(picture, greySquare, { flag: 'wx' });
      const sighting = await pool.submit((child) => child.look(picture, 'image/png'));
      return sighting.kind === 'unavailable' ? clauseOf(sighting.detail) : undefined;
    } catch (error) {
      if (!(error instanceof DarkroomError)) throw error;
      return reasons[error.code];
    } finally {
      await pool.close();
      await rm(picture, { force: true });
    }
  };
}

const limits = {
  timeoutMs: 60_000,
  memoryLimitBytes: 1536 * 1024 * 1024,
  photosPerChild: 1,
  recycleBytes: Number.POSITIVE_INFINITY,
  idleMs: Number.POSITIVE_INFINITY,
  backoffMs: 1_000,
  children: 1,
  atOnce: 1,
  tries: 1,
  pauses: false,
} satisfies Partial<PoolOptions>;

/** This one or none: a model that ends its process is not tried again. */
function rosterOf(choice: EngineChoice): PoolOptions['roster'] {
  let plan: EnginePlan = { choices: [choice] };
  return {
    plan: () => plan,
    opened: () => {},
    strike() {
      plan = { choices: [], problem: reasons.crashed };
    },
  };
}

const reasons: Readonly<Record<DarkroomError['code'], string>> = {
  crashed: 'it ends, or blocks, the process that opens it',
  'timed-out': 'it did not answer within a minute',
  'out-of-memory': 'it needs more memory than a picture may cost',
  'not-started': 'no process could be started to try it',
  closed: 'the trial was stopped',
};

/** The child says a whole sentence: `The model for yolox cannot be used: why`. */
const clauseOf = (detail: string) =>
  detail.replace(/^The model for \S+ cannot be used: /, '').replace(/\.$/, '');

/** A PNG of 8 x 8 pixels. */
const greySquare = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAD0lEQVQI12PowAEYhpYEANsRZgG+zZUUAAAAAElFTkSuQmCC',
  'base64',
);
