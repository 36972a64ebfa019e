// Whether anything about the models has changed, told from outside: names, sizes, times. Reads no contents, so it may be asked often.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { catalogue as ownCatalogue } from './catalogue.ts';
import { looksOf } from './files.ts';
import { homeOf, type Place } from './stock.ts';

/** Two that are equal mean that nobody chose, brought, exchanged or removed anything in between. Never throws. */
export async function looksOfModels(place: Place): Promise<string> {
  const { modelsFolder, modelFile, catalogue = ownCatalogue } = place;
  const folders = new Set([modelsFolder, ...catalogue.map((entry) => homeOf(modelsFolder, entry))]);
  const paths = (await Promise.all([...folders].map(listSettled))).flat();
  if (modelFile !== undefined) paths.push(modelFile);
  const looks = await Promise.all(paths.map(async (path) => `${path} ${await looksOf(path)}`));
  return looks.join('\n');
}

/** Neither what is hidden nor what is still on its way. */
async function listSettled(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const settled = entries.filter(({ name }) => !name.startsWith('.') && !/\.part(?:\.json)?$/.test(name));
  return settled
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .sort();
}
