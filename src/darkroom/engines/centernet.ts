// The built-in engine: a small CenterNet that comes with a package, so that detection works without any download.
// TensorFlow.js on its WebAssembly backend; everything is read from node_modules, nothing is ever fetched.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { type GraphModel, loadGraphModel } from '@tensorflow/tfjs-converter';
import { getBackend, type io, setBackend, tensor4d } from '@tensorflow/tfjs-core';
import { storedFrom } from '../../gallery/detection.ts';
import { cocoLabels } from '../../gallery/labels.ts';
import { stretch } from '../pixels.ts';
import { clippedBox, suppress } from './boxes.ts';
import { type Detector, type DetectorOptions, maxDetections, type RawDetection } from './detector.ts';

/** @param file the `.json` of a TensorFlow.js graph model; its weights lie beside it */
export async function openCenternet(file: string, options: DetectorOptions = {}): Promise<Detector> {
  await startBackend();
  const artifacts = await readModel(file);
  const network = await loadGraphModel({ load: async () => artifacts });
  let closed = false;

  return {
    engine: 'centernet',
    model: createHash('sha256').update(new Uint8Array(artifacts.weightData)).digest('hex'),
    async detect(image, signal) {
      if (closed) throw new Error('the detector is closed');
      signal?.throwIfAborted();
      const pixels = await stretch(image, inputSize, inputSize);
      signal?.throwIfAborted();
      if (closed) throw new Error('the detector was closed meanwhile');
      const rows = await run(network, pixels);
      signal?.throwIfAborted();
      return suppress(readRows(rows, options.minScore ?? storedFrom), maxIou, maxDetections);
    },
    async close() {
      if (!closed) network.dispose();
      closed = true;
    },
  };
}

const inputSize = 512;
const outputName = 'tower_0/detections';

// The network suppresses neighbouring peaks, but not the same thing seen from two of them; best on the development set.
const maxIou = 0.6;

/** One thread, since several children use the cores better than several threads. Fine when it runs already. */
async function startBackend(): Promise<void> {
  if (getBackend() === 'wasm') return;
  setWasmPaths(`${dirname(fileURLToPath(import.meta.resolve('@tensorflow/tfjs-backend-wasm')))}/`);
  setThreadsCount(1);
  if (!(await setBackend('wasm'))) throw new Error('the WebAssembly backend does not start on this machine');
}

/** The parts of a `model.json` that are used; see the tfjs-converter's own `ModelJSON`. */
interface ModelFile {
  readonly modelTopology: io.ModelJSON['modelTopology'];
  readonly format?: string;
  readonly signature?: object;
  readonly weightsManifest: readonly { paths: string[]; weights: io.WeightsManifestEntry[] }[];
}

async function readModel(file: string): Promise<io.ModelArtifacts & { weightData: ArrayBuffer }> {
  const { modelTopology, weightsManifest, signature } = JSON.parse(await readFile(file, 'utf8')) as ModelFile;
  const paths = weightsManifest.flatMap((group) => group.paths);
  const shards = await Promise.all(paths.map((path) => readFile(join(dirname(file), path))));
  const weights = Uint8Array.from(Buffer.concat(shards));
  return {
    modelTopology,
    format: 'graph-model',
    ...(signature === undefined ? {} : { signature }),
    weightSpecs: weightsManifest.flatMap((group) => group.weights),
    weightData: weights.buffer,
  };
}

/** Wasm memory is not garbage-collected: both tensors are freed whatever happens. */
async function run(network: GraphModel, pixels: Uint8Array): Promise<ArrayLike<number>> {
  const input = tensor4d(Float32Array.from(pixels), [1, inputSize, inputSize, 3]);
  try {
    const output = network.execute(input, outputName);
    if (Array.isArray(output)) throw new Error('the model answered with several tensors');
    try {
      return await output.data();
    } finally {
      output.dispose();
    }
  } finally {
    input.dispose();
  }
}

/** Rows of left, top, right, bottom (pixels of the 512 x 512 input), score, class number (found by experiment). */
function readRows(rows: ArrayLike<number>, minScore: number): RawDetection[] {
  const found: RawDetection[] = [];
  for (let row = 0; row + 6 <= rows.length; row += 6) {
    const at = (index: number) => rows[row + index] ?? Number.NaN;
    const label = cocoLabels[at(5)];
    const box = clippedBox(at(0) / inputSize, at(1) / inputSize, at(2) / inputSize, at(3) / inputSize);
    if (at(4) >= minScore && label !== undefined && box !== undefined) {
      found.push({ label, score: Math.min(1, at(4)), box });
    }
  }
  return found;
}
