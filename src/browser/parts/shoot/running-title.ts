// Titles that count: "Trip" becomes "Trip 1", "Trip 2" and so on. Where there is no title there is no number.

import { cutTitle } from '../../../gallery/cut-title.ts';
import { maxTitleLength } from '../../../gallery/photo.ts';

export interface RunningTitle {
  /** The title of the next shot; a long one is cut, so that the server takes it with its number. */
  next(title: string): string;
  /** The last shot was taken back: its number is free again. */
  takeBack(): void;
}

const key = 'sajin.running-title';

/** @param kept where it goes on counting after the page was loaded again; without it, it begins anew. */
export function openRunningTitle(kept: Pick<Storage, 'getItem' | 'setItem'> | undefined): RunningTitle {
  let { title: counted, number } = read(kept);
  const keep = () => kept?.setItem(key, JSON.stringify({ title: counted, number }));
  return {
    next(title) {
      const plain = title.trim();
      if (plain === '') return '';
      if (plain !== counted) [counted, number] = [plain, 0];
      number += 1;
      keep();
      const ending = ` ${number}`;
      return cutTitle(counted, maxTitleLength - ending.length) + ending;
    },
    takeBack() {
      number = Math.max(0, number - 1);
      keep();
    },
  };
}

function read(kept: Pick<Storage, 'getItem'> | undefined): { title: string; number: number } {
  try {
    const value: unknown = JSON.parse(kept?.getItem(key) ?? '');
    const { title, number } = value as Record<string, unknown>;
    if (typeof title === 'string' && Number.isSafeInteger(number)) return { title, number: Number(number) };
  } catch {
    // Nothing there yet, or nothing that we wrote.
  }
  return { title: '', number: 0 };
}
