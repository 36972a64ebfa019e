// What `sajin redetect` says: how far it is while photos are looked at again, and what came of it. Asks nobody anything.
import type { ProgressOutput } from './progress.ts';

/** As GET /reruns/:id answers; see docs/api.md. */
export interface RerunJson {
  readonly id: number;
  readonly state: 'looking' | 'paused' | 'ready' | 'done' | 'cancelled';
  readonly approved: boolean;
  readonly model: string;
  readonly modelName?: string;
  readonly threshold: { readonly all: number };
  readonly total: number;
  readonly seen: number;
  readonly failed: number;
  readonly differing: number;
  readonly applied: number;
  readonly found: number;
  readonly lost: number;
  readonly changed: number;
  readonly waitsFor?: { readonly from: number; readonly to: number };
}

export interface DifferenceJson {
  readonly kind: 'found' | 'lost' | 'changed';
  readonly label: string;
  readonly was?: string;
}

/** Number of things a label; `cat -> dog` for what changed its name. */
export type LabelCounts = Readonly<Record<DifferenceJson['kind'], Readonly<Record<string, number>>>>;

const barWidth = 30;

/** A bar that moves in a terminal, a line every 5 % anywhere else. */
export function openRerunProgress(output: ProgressOutput): { show(rerun: RerunJson): void; end(): void } {
  let told = -1;
  return {
    show({ seen, total, differing }) {
      if (total === 0) return;
      const part = Math.min(1, seen / total);
      const text = `${seen} of ${total} photos, ${differing} differ`;
      if (output.isTTY === true) {
        const done = Math.floor(part * barWidth);
        output.write(`\r[${'#'.repeat(done)}${'.'.repeat(barWidth - done)}] ${text}\u001b[K`);
        return;
      }
      const step = Math.floor(part * 20);
      if (step <= told) return;
      told = step;
      output.write(`${step * 5} % (${text})\n`);
    },
    end: () => void (output.isTTY === true && output.write('\r\u001b[K')),
  };
}

export function countLabels(differences: readonly DifferenceJson[]): LabelCounts {
  const counts = { found: {}, lost: {}, changed: {} } as Record<
    DifferenceJson['kind'],
    Record<string, number>
  >;
  for (const { kind, label, was } of differences) {
    const name = kind === 'changed' ? `${was} -> ${label}` : label;
    // A label is anybody's word, `constructor` not excepted.
    const before = Object.hasOwn(counts[kind], name) ? (counts[kind][name] ?? 0) : 0;
    counts[kind][name] = before + 1;
  }
  return counts;
}

/** @param page where it can be looked at, if anywhere */
export function reportOf(rerun: RerunJson, labels: LabelCounts, page: string | undefined): string {
  const { id, seen, failed, differing, threshold } = rerun;
  if (seen === 0 && rerun.total === 0) return 'There was no photo to look at again.\n';
  const lines = [
    `${photos(seen)} looked at again with ${rerun.modelName ?? rerun.model.slice(0, 8)}: ${
      differing === 0 ? 'nothing differs' : `${differing} differ`
    } (compared from ${threshold.all} % sure on).`,
    ...lineOf('found', labels.found),
    ...lineOf('no longer seen', labels.lost),
    ...lineOf('renamed', labels.changed),
    ...(failed === 0 ? [] : [`${photos(failed)} could not be looked at and stay as they are.`]),
    endOf(rerun),
    ...(rerun.state === 'ready' && differing > 0
      ? [
          `To use it: sajin redetect --apply-rerun ${id}`,
          `To see it: ${page ?? `open the gallery, /reruns/${id}`}`,
        ]
      : []),
  ];
  return `${lines.filter((line) => line !== '').join('\n')}\n`;
}

function endOf({ state, seen, total, applied, differing, id }: RerunJson): string {
  switch (state) {
    case 'done':
      return differing === 0 ? '' : 'All of it is in the photos.';
    case 'ready':
      return differing === 0 ? '' : 'Nothing has changed yet.';
    case 'cancelled':
      return `Stopped by somebody; ${photos(applied)} had the new result already.`;
    case 'looking':
    case 'paused':
      return `Paused after ${seen} of ${photos(total)}. To go on: sajin redetect --resume ${id}`;
    default:
      return state satisfies never;
  }
}

const photos = (count: number) => (count === 1 ? '1 photo' : `${count} photos`);

function lineOf(name: string, counts: Readonly<Record<string, number>>): string[] {
  const entries = Object.entries(counts).sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
  if (entries.length === 0) return [];
  const sum = entries.reduce((total, [, count]) => total + count, 0);
  const list = entries.map(([label, count]) => `${label} ${count}`).join(', ');
  return [`  ${name.padEnd(14)} ${String(sum).padStart(6)}  ${list}`];
}
