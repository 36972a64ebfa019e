// Addresses of static files that change with their content, so that a browser may keep them for ever. Serves nothing itself.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

export interface Assets {
  /** `css/grid.css` -> `/static/css/grid.css?v=<digest>`. @throws Error for a file that was not there at the start. */
  address(name: string): string;
  /** Every file, as `address` takes it, in the order of their names. */
  readonly names: readonly string[];
}

/** Reads the folder once; a file that changes afterwards keeps its old address until the next start. */
export function openAssets(staticFolder: string): Assets {
  const addresses = new Map(
    filesIn(staticFolder).map((path) => {
      const name = relative(staticFolder, path).split(sep).join('/');
      return [name, `/static/${name}?v=${digestOf(path)}`];
    }),
  );
  return {
    names: [...addresses.keys()].sort(),
    address(name) {
      const address = addresses.get(name);
      if (address === undefined) throw new Error(`static/${name} is missing: run npm run build`);
      return address;
    },
  };
}

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

const digestOf = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 12);
