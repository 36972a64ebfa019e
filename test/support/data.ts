// Finds pictures that are not ours to ship: a folder named by SAJIN_TEST_DATA, else one beside the project.
// Tests that need them are skipped with a reason where it is absent; test/fixtures/ covers the same ground everywhere.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = fileURLToPath(new URL('../../', import.meta.url));
/** The program as it was built last, from the root: what people run, and it starts in half the time of src/ through tsx. */
export const builtProgram = 'dist/main.js';
export const fixturesFolder = join(projectRoot, 'test/fixtures');

const dataFolder = resolve(projectRoot, process.env.SAJIN_TEST_DATA ?? '../shared');

/** To be spread into a test's options: `{ skip }` is false when the folder is there. */
export function testData(name: string): { readonly path: string; readonly skip: string | false } {
  const path = join(dataFolder, name);
  return { path, skip: existsSync(path) ? false : `no ${name} in the folder that SAJIN_TEST_DATA names` };
}

export interface DataFile {
  readonly path: string;
  /** Relative to the folder that was listed, forward slashes. */
  readonly name: string;
}

/** Every file below a folder, in the order of their names; nothing when there is no such folder. */
export function filesBelow(folder: string): DataFile[] {
  if (!existsSync(folder)) return [];
  return (
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      // No photo, nor beside one: which gallery's originals these are (src/storage/marker.ts).
      .filter((path) => basename(path) !== '.gallery-id')
      // What a program is at may be gone by now.
      .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
      .map((path) => ({ path, name: relative(folder, path) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  );
}

/** A table of the collections: its rows, by the names in its first line. */
export function readRows(file: string): Record<string, string>[] {
  const [head = '', ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  const names = head.trim().split(',');
  return lines.map((line) => {
    const cells = line.trim().match(/("[^"]*"|[^,]*)(,|$)/g) ?? [];
    return Object.fromEntries(
      names.map((name, at) => [name, (cells[at] ?? '').replace(/,$/, '').replace(/^"|"$/g, '')]),
    );
  });
}
