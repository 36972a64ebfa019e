// The built-in engine: a small CenterNet that comes with a package, so that detection works without any download.
// TensorFlow.js on its WebAssembly backend; everything is read from node_modules, nothing is ever fetched.
import { type GraphModel, loadGraphModel } from '@tensorflow/tfjs-converter';
import { tensor4d } from '@tensorflow/tfjs-core';
import { storedFrom } from '../../gallery/detection.ts';
import { cocoLabels } from '../../gallery/labels.ts';
import { stretch } from '../pixels.ts';
import { start, wasm } from './backends.ts';
import { clippedBox, suppress } from './boxes.ts';
import { type Detector, type DetectorOptions, maxDetections, type RawDetection } from './detector.ts';
import { readGraphModel } from './graph-model.ts';

/** @param file the `.json` of a TensorFlow.js graph model; its weights lie beside it */
export async function openCenternet(file: string, options: DetectorOptions = {}): Promise<Detector> {
  const { artifacts, model } = await readGraphModel(file);
  await start(wasm);
  const network = await loadGraphModel({ load: async () => artifacts });
  let closed = false;

  return {
    engine: 'centernet',
    model,
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
