// Reads the `model.json` of a TensorFlow.js graph model: which files hold its weights, and how many bytes those must have together.
// Believes nothing: a name that leads out of the folder, or a shape that is none, makes the whole file unusable.
import { z } from 'zod';

export interface Manifest {
  /** Names of files beside the `model.json`, in the order of their bytes. */
  readonly shards: readonly string[];
  /** Of all shards together; undefined when the weights do not say. */
  readonly weightBytes: number | undefined;
}

export const manifestName = 'model.json';

/** Larger than any `model.json`, and small enough to be read whole. */
export const maxManifestBytes = 2 * 1024 * 1024;

/** Undefined when this is no graph model. */
export function readManifest(text: string): Manifest | undefined {
  const parsed = shape.safeParse(parseJson(text));
  if (!parsed.success) return undefined;
  const groups = parsed.data.weightsManifest;
  const shards = groups.flatMap(({ paths }) => paths);
  if (new Set(shards).size !== shards.length || shards.includes(manifestName)) return undefined;
  return { shards, weightBytes: sumOf(groups.flatMap(({ weights }) => weights.map(bytesOf))) };
}

const fileName = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/);

const weight = z.object({
  shape: z.array(z.int().min(0)).max(16),
  dtype: z.string(),
  quantization: z.object({ dtype: z.string() }).optional(),
});

const shape = z.object({
  modelTopology: z.object({}),
  weightsManifest: z
    .array(z.object({ paths: z.array(fileName).min(1).max(200), weights: z.array(weight).max(5_000) }))
    .min(1)
    .max(50),
});

const bytesOfType: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  complex64: 8,
  float16: 2,
  uint16: 2,
  uint8: 1,
  bool: 1,
};

/** Undefined for text, whose length is inside. */
function bytesOf({ shape, dtype, quantization }: z.infer<typeof weight>): number | undefined {
  const each = bytesOfType[quantization?.dtype ?? dtype];
  return each === undefined ? undefined : shape.reduce((product, edge) => product * edge, each);
}

function sumOf(parts: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const part of parts) {
    if (part === undefined) return undefined;
    sum += part;
  }
  return sum;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
