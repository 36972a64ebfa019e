// Reads a TensorFlow.js graph model: a `model.json` and the weights beside it. Reads files of that one folder only, and never fetches.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { io } from '@tensorflow/tfjs-core';
import { readManifest } from '../models/manifest.ts';

export interface GraphModelFile {
  readonly artifacts: io.ModelArtifacts;
  /** SHA-256 over the bytes of all weights in the order of the manifest, 64 lower-case hex digits. */
  readonly model: string;
}

/** @throws Error when a file is missing or is not a graph model's */
export async function readGraphModel(file: string): Promise<GraphModelFile> {
  const text = await readFile(file, 'utf8');
  const manifest = readManifest(text);
  if (manifest === undefined) {
    throw new Error(`${basename(file)} is not the description of a TensorFlow.js graph model`);
  }
  const weights = await readWeights(manifest.shards.map((name) => join(dirname(file), name)));
  const { weightBytes = weights.length } = manifest;
  // Told here, because the converter would keep what it has made by the time it notices.
  if (weights.length !== weightBytes) {
    throw new Error(
      `the weights of ${basename(file)} have ${weights.length} bytes instead of ${weightBytes}`,
    );
  }
  const { modelTopology, signature, weightsManifest } = JSON.parse(text) as io.ModelJSON;
  const artifacts = {
    modelTopology,
    format: 'graph-model',
    ...(signature === undefined ? {} : { signature }),
    weightSpecs: weightsManifest.flatMap((group) => group.weights),
    weightData: weights.buffer,
  };
  return { artifacts, model: createHash('sha256').update(weights).digest('hex') };
}

async function readWeights(paths: readonly string[]) {
  const shards = await Promise.all(paths.map((path) => readFile(path)));
  const weights = new Uint8Array(shards.reduce((sum, shard) => sum + shard.length, 0));
  let end = 0;
  for (const shard of shards) {
    weights.set(shard, end);
    end += shard.length;
  }
  return weights;
}
