// Lets an engine look at labelled pictures in a process of its own, so that its memory can be measured and nothing of one engine
// warms up, or gets in the way of, the next.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { RawDetection } from '../../src/darkroom/engines/detector.ts';
import type { EngineChoice } from '../../src/darkroom/models/plan.ts';
import type { LabelledImage } from './dataset.ts';
import type { LabelledByName } from './points.ts';

export interface Looked {
  readonly engine: string;
  /** SHA-256 of the weights. */
  readonly model: string;
  /** With the processor's time for each: unlike a clock it does not tell who else is using the machine. */
  readonly images: readonly (LabelledByName & { readonly cpuMs: number })[];
  /** The most memory that was resident after any picture, the runtime and this script included. */
  readonly residentBytes: number;
}

/** What the other process is told, and what it answers. */
export interface Order {
  readonly choice: EngineChoice;
  readonly paths: readonly string[];
  readonly minScore: number;
}
export interface Report {
  readonly model: string;
  readonly looks: readonly { readonly found: RawDetection[]; readonly cpuMs: number }[];
  readonly residentBytes: number;
}

/** @param minScore what an engine is asked for: the gallery's `storedFrom`, or far less where rare finds count, too */
export async function lookAt(
  choice: EngineChoice,
  images: readonly LabelledImage[],
  minScore: number,
): Promise<Looked> {
  const report = await runAlone({ choice, minScore, paths: images.map(({ path }) => path) });
  return {
    engine: choice.engine,
    model: report.model,
    residentBytes: report.residentBytes,
    images: images.map(({ name, truths, labels }, at) => {
      const { found, cpuMs } = report.looks[at] ?? { found: [], cpuMs: 0 };
      return { name, truths, found, cpuMs, ...(labels === undefined ? {} : { labels }) };
    }),
  };
}

const longestMs = 15 * 60_000;

function runAlone(order: Order): Promise<Report> {
  const child = fork(fileURLToPath(new URL('./look-alone.ts', import.meta.url)), {
    execArgv: ['--import', import.meta.resolve('tsx')],
    timeout: longestMs,
  });
  child.send(order);
  return new Promise((resolve, reject) => {
    child.once('message', (report) => resolve(report as Report));
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      reject(new Error(`the process that looked with ${order.choice.engine} ended with ${signal ?? code}`)),
    );
  });
}
