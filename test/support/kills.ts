// A program that is killed without warning, again and again, while phones upload to it.
import { setTimeout as pause } from 'node:timers/promises';
import type { Cleaner } from './folder.ts';
import type { Acknowledged } from './invariants.ts';
import { uploadAll } from './phones.ts';
import { randomFrom } from './pictures.ts';
import { type Program, type ProgramOptions, startProgram } from './start-program.ts';
import { until } from './until.ts';

export interface KillOptions extends ProgramOptions {
  readonly uploads: number;
  readonly phones: number;
  readonly kills: number;
  readonly seed: number;
  readonly pictureOf: (index: number) => Buffer<ArrayBuffer>;
}

export interface Survived {
  /** Running, after the last kill. */
  readonly program: Program;
  readonly acknowledged: readonly Acknowledged[];
  /** How long each start after a kill took, until it listened. */
  readonly startsMs: readonly number[];
}

/** Resolves when every upload was acknowledged and every kill done. */
export async function uploadThroughKills(t: Cleaner, options: KillOptions): Promise<Survived> {
  const { uploads, phones, kills, pictureOf } = options;
  const random = randomFrom(options.seed);
  const acknowledged: Acknowledged[] = [];
  const startsMs: number[] = [];
  let running = startProgram(options);
  t.after(async () => (await running).kill('SIGKILL'));

  // Each kill waits for some uploads to be under way since the start before, so that it meets work at every stage.
  const killer = async () => {
    for (let kill = 1; kill <= kills; kill += 1) {
      const program = await running;
      const enough = Math.min(uploads - 5, Math.floor((uploads / (kills + 1)) * kill));
      await until('uploads to kill in', () => acknowledged.length >= enough, {
        everyMs: 1,
        deadlineMs: 120_000,
      });
      await pause(random() % 60);
      await program.kill('SIGKILL');
      const started = performance.now();
      running = startProgram(options);
      await running;
      startsMs.push(performance.now() - started);
    }
  };
  const onKept = (kept: Acknowledged) => acknowledged.push(kept);
  await Promise.all([killer(), uploadAll({ uploads, phones, pictureOf, current: () => running, onKept })]);
  return { program: await running, acknowledged, startsMs };
}
