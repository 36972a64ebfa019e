// What is dropped, folders and all, without a browser.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { filesDropped } from '../../src/browser/parts/queue/dropped-files.ts';

type Told<T> = (value: T) => void;

const file = (name: string) => ({
  isFile: true,
  isDirectory: false,
  file: (resolve: Told<File>) => resolve(new File(['x'], name)),
});
const unreadable = {
  isFile: true,
  isDirectory: false,
  file: (_: unknown, reject: Told<DOMException>) => reject(new DOMException('', 'NotFoundError')),
};
/** Hands out one entry at a time; `undefined` is what it can't go on after. */
const folder = (...entries: readonly unknown[]) => ({
  isFile: false,
  isDirectory: true,
  createReader() {
    const left = [...entries];
    return {
      readEntries(resolve: Told<unknown[]>, reject: Told<DOMException>) {
        const some = left.splice(0, 1);
        if (some.length === 1 && some[0] === undefined) reject(new DOMException('', 'NotReadableError'));
        else resolve(some);
      },
    };
  },
});
const drop = async (...entries: readonly unknown[]) => {
  const items = entries.map((entry) => ({ webkitGetAsEntry: () => entry }));
  const { files, unread } = await filesDropped({ items, files: [] } as unknown as DataTransfer);
  return [files.map(({ name }) => name).join(), unread];
};

describe('a dropped folder', () => {
  it('is taken with everything in it, in its order', async () => {
    assert.deepEqual(await drop(folder(file('a'), folder(file('b')), file('c')), file('d')), ['a,b,c,d', 0]);
  });

  it('loses only what cannot be read, and counts it', async () => {
    assert.deepEqual(await drop(folder(file('a'), unreadable, file('b')), unreadable, file('c')), [
      'a,b,c',
      2,
    ]);
    assert.deepEqual(await drop(folder(file('a'), folder(file('b'), undefined), file('c'))), ['a,b,c', 1]);
  });
});
