// Filtering by a label at a threshold among a million photos: the slowest of every step and label, cold pages of the list included.
// The limit it is held against is reading the same number of rows by primary key from the same file.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openSqlite } from '../src/database/sqlite.ts';
import { type Threshold, thresholdSteps } from '../src/gallery/detection.ts';
import type { PhotoId } from '../src/gallery/photo.ts';
import { makeFolder } from '../test/support/folder.ts';
import { fill } from './fill.ts';
import { isShort, median, percentile, report } from './support/trial.ts';

const count = isShort ? 20_000 : 1_000_000;
const rounds = isShort ? 2 : 10;
const owner = { kind: 'machine' } as const;
const page = 48;

const folder = await makeFolder();
const ids = fill(folder, count) as PhotoId[];
const { photos } = openSqlite(folder, { mayCreate: false, now: Date.now });
const at = (all: number): Threshold => ({ all, labels: new Map() });

async function time(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

const filters: number[] = [];
const totals: number[] = [];
const covers: number[] = [];
for (let round = 0; round < rounds; round += 1) {
  for (const all of thresholdSteps) {
    const threshold = at(all);
    for (const label of ['person', 'dog', 'stop sign', 'no such label']) {
      const before = ids[(round * 131 + all * 7) % ids.length] as PhotoId;
      for (const from of [{}, { before }])
        filters.push(await time(() => photos.listPhotos(owner, { label, threshold, limit: page, ...from })));
    }
    totals.push(await time(() => photos.listLabels(owner, threshold)));
    covers.push(await time(() => photos.listCovers(owner, threshold)));
  }
}
await photos.close();

// Raw: the same number of whole rows, by primary key, all over the table.
const raw = new Database(join(folder, 'gallery.db'), { readonly: true });
const byId = raw.prepare('SELECT * FROM photos WHERE id = ?');
const raws: number[] = [];
for (let round = 0; round < 200; round += 1)
  raws.push(
    await time(async () => {
      for (let row = 0; row <= page; row += 1) byId.get(ids[(round * 53 + row * 17) % ids.length]);
    }),
  );
raw.close();

report({
  trial: 'labels',
  what: `a page under a label at any threshold, ${count} photos, p99 against reading as many rows by key`,
  figures: {
    'p50 ms': median(filters),
    'p99 ms': percentile(filters, 0.99),
    'worst ms': Math.max(...filters),
  },
  ratio: percentile(filters, 0.99) / median(raws),
});
report({
  trial: 'labels',
  what: 'the slowest of all these pages, in parts of 20 ms',
  figures: { 'worst ms': Math.max(...filters) },
  ratio: Math.max(...filters) / 20,
  goal: '<= 1',
});
report({
  trial: 'labels',
  what: 'counting every label at any threshold, in parts of 20 ms',
  figures: { 'p99 ms': percentile(totals, 0.99) },
  ratio: percentile(totals, 0.99) / 20,
  goal: '<= 1',
});
report({
  trial: 'labels',
  what: 'the newest photo of every label at any threshold, in parts of 20 ms',
  figures: { 'p99 ms': percentile(covers, 0.99) },
  ratio: percentile(covers, 0.99) / 20,
  goal: '<= 1',
});
await rm(folder, { recursive: true, force: true });
