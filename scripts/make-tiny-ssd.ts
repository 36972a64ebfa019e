// Writes the tiny model of test/fixtures/tiny-ssd/ anew: `node --import tsx scripts/make-tiny-ssd.ts`. It is committed, so that tests
// need no making; a test compares the two.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tinySsd } from './fixtures/tiny-ssd.ts';

const folder = fileURLToPath(new URL('../test/fixtures/tiny-ssd/', import.meta.url));
await mkdir(folder, { recursive: true });
for (const [name, bytes] of tinySsd()) {
  await writeFile(join(folder, name), bytes);
  process.stdout.write(`${name} ${bytes.length} bytes\n`);
}
