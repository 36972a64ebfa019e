// A shelf on a folder of its own, with a catalogue of small weights that a server on the loopback holds and may misbehave with.
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CatalogueEntry } from '../../src/darkroom/models/catalogue.ts';
import type { Patience } from '../../src/darkroom/models/download.ts';
import { type OpenShelf, openShelf, type ShelfOptions } from '../../src/darkroom/models/shelf.ts';
import type { ModelEntry } from '../../src/gallery/ports.ts';
import { collectingLog } from './collecting-log.ts';
import { fixturesFolder } from './data.ts';
import { type Cleaner, makeFolder } from './folder.ts';
import { openWeightsServer, type WeightsServer } from './weights-server.ts';

/** Retries soon; waits as long as usual when nothing comes, so that a busy machine is not taken for a silent server. */
const hasty: Partial<Patience> = { backoffMs: 1, vainAttempts: 3 };

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The files of the tiny graph model that the project draws itself, by name. */
export const tinySsd: ReadonlyMap<string, Buffer> = new Map(
  ['model.json', 'group1-shard1of2', 'group1-shard2of2'].map((name) => [
    name,
    readFileSync(join(fixturesFolder, 'tiny-ssd', name)),
  ]),
);

export interface TestShelf {
  readonly shelf: OpenShelf;
  readonly server: WeightsServer;
  readonly catalogue: readonly CatalogueEntry[];
  readonly folder: string;
  /** Of `small`, the entry with a published digest. */
  readonly weights: Buffer;
  readonly log: ReturnType<typeof collectingLog>;
  /** What was told, in order. */
  readonly told: readonly ('progress' | 'models')[];
  get(name: string): Promise<ModelEntry>;
  /** Fetches, and waits for the end. */
  fetch(name: string): Promise<ModelEntry>;
  /** Another one on the same folder, as another process has it. */
  open(options?: Partial<ShelfOptions>): Promise<OpenShelf>;
}

/** Names: `small` and `large` with a published digest, `graph` without one. */
export async function openTestShelf(t: Cleaner, options: Partial<ShelfOptions> = {}): Promise<TestShelf> {
  const server = await openWeightsServer(t);
  const folder = join(await makeFolder(t), 'models');
  await mkdir(folder);
  const [weights, large] = [randomBytes(60_000), randomBytes(90_000)];
  server.files.set('/small.onnx', { bytes: weights, etag: '"s"' });
  server.files.set('/large.onnx', { bytes: large, etag: '"l"' });
  for (const [name, bytes] of tinySsd) server.files.set(`/tiny/${name}`, { bytes, etag: `"${name}"` });
  const catalogue = [
    entryOf(`${server.url}/small.onnx`, weights, 0.2),
    entryOf(`${server.url}/large.onnx`, large, 0.4),
    graphOf(`${server.url}/tiny/model.json`),
  ];
  const log = collectingLog();
  const told: ('progress' | 'models')[] = [];
  const open = async (more: Partial<ShelfOptions> = {}) => {
    const shelf = await openShelf({
      modelsFolder: folder,
      catalogue,
      offline: false,
      log,
      prove: async () => undefined,
      inUse: () => undefined,
      patience: hasty,
      ...more,
    });
    t.after(() => shelf.close());
    return shelf;
  };
  const shelf = await open({ onChange: (what) => told.push(what), ...options });
  const get = async (name: string) => getEntry(shelf, name);
  return {
    shelf,
    server,
    catalogue,
    folder,
    weights,
    log,
    told,
    open,
    get,
    async fetch(name) {
      await shelf.fetch(name);
      await shelf.ended(name);
      return await get(name);
    },
  };
}

export async function getEntry(shelf: OpenShelf, name: string): Promise<ModelEntry> {
  const entry = (await shelf.list()).find((one) => one.name === name);
  if (entry === undefined) throw new Error(`no model ${name}`);
  return entry;
}

export function entryOf(url: string, bytes: Uint8Array, publishedMap: number): CatalogueEntry {
  const name = (url.split('/').at(-1) ?? '').replace('.onnx', '');
  const pinned = { bytes: bytes.length, sha256: sha256Of(bytes) };
  return { name, engine: 'yolox', url, pinned, licence: 'Apache-2.0', inputSize: 416, publishedMap };
}

export function graphOf(url: string): CatalogueEntry {
  const rest = { licence: 'Apache-2.0', inputSize: 300, publishedMap: 0.22 };
  return { name: 'graph', engine: 'coco-ssd', url, folder: 'graph', ...rest };
}
