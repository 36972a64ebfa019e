// models/chosen: the name of the model that somebody said shall look at photos. A file, so that the page and the command line agree.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile, syncPath } from './files.ts';

/** Undefined when nobody chose. */
export async function readChosen(modelsFolder: string): Promise<string | undefined> {
  const text = await readFile(join(modelsFolder, chosenName), 'utf8').catch(() => '');
  return text.trim().slice(0, 200) || undefined;
}

/** Durable when it resolves. */
export async function writeChosen(modelsFolder: string, name: string | undefined): Promise<void> {
  const path = join(modelsFolder, chosenName);
  if (name !== undefined) return await replaceFile(path, `${name}\n`);
  await rm(path, { force: true });
  await syncPath(modelsFolder);
}

export const chosenName = 'chosen';
