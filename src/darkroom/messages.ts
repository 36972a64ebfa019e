// What the pool and a child say to each other: one JSON object a line, over a pipe of their own. Node's built-in channel would
// take the parent down at the first line that is not JSON, so it is not used. The parent believes nothing: every line is checked.
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { storedFrom } from '../gallery/detection.ts';
import { cocoLabels } from '../gallery/labels.ts';
import { isSha256, type MediaType, renditionSizes, type Sha256 } from '../gallery/photo.ts';
import type { DarkroomStatus, Developed, Probe, Sighting } from '../gallery/ports.ts';
import { engineNames } from './engines/detector.ts';
import type { EnginePlan } from './models/plan.ts';

/** The descriptor in the child that the pipe is given as. */
export const pipeDescriptor = 3;

export type Request =
  | { readonly kind: 'setup'; readonly plan: EnginePlan }
  | { readonly kind: 'probe'; readonly id: number; readonly path: string; readonly type: MediaType }
  | {
      readonly kind: 'develop';
      readonly id: number;
      readonly path: string;
      readonly type: MediaType;
      readonly outputFolder: string;
    }
  | { readonly kind: 'look'; readonly id: number; readonly path: string; readonly type: MediaType };

type Engine = NonNullable<DarkroomStatus['engine']>;

export type Answer =
  | { readonly kind: 'ready' }
  /** The model is about to be loaded: a child that dies now died of the model and not of a photo. */
  | { readonly kind: 'opening'; readonly engine: Engine }
  /** `problem`: why it is not the first of the plan. `note`: why it runs in another way than it would like to. */
  | { readonly kind: 'opened'; readonly engine?: Engine; readonly problem?: string; readonly note?: string }
  | { readonly kind: 'probed'; readonly id: number; readonly probe: Probe }
  | { readonly kind: 'developed'; readonly id: number; readonly developed: Developed }
  | { readonly kind: 'looked'; readonly id: number; readonly sighting: Sighting }
  /** The picture is fine, but what comes of it can't be written. */
  | { readonly kind: 'refused'; readonly id: number; readonly code: 'disk-full' | 'unavailable' };

const pixels = z
  .int()
  .min(1)
  .max(2 ** 31);
const text = z.string().max(300);
const digest = z.custom<Sha256>(isSha256);
const fraction = z.number().min(0).max(1);

const engine = z.object({ name: z.enum(engineNames), model: digest });

const probe = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('picture'), width: pixels, height: pixels, frames: z.int().min(1) }),
  z.object({ kind: z.literal('unreadable') }),
]);

const facts = z.object({
  takenAt: z.string().max(40).exactOptional(),
  camera: z.string().max(100).exactOptional(),
  place: z
    .object({
      latitude: z.number().min(-90).max(90),
      longitude: z.number().min(-180).max(180),
      altitude: z.number().exactOptional(),
    })
    .exactOptional(),
});

const detection = z.object({
  label: z.enum(cocoLabels),
  score: z.number().min(storedFrom).max(1),
  box: z.object({ x: fraction, y: fraction, width: fraction, height: fraction }),
  origin: z.object({ by: z.literal('engine'), engine: z.string().max(40), model: digest }),
});

const sighting = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('seen'),
    engine: z.string().max(40),
    model: digest,
    tookMs: z.number().min(0),
    detections: z.array(detection).max(100),
  }),
  z.object({ kind: z.literal('off') }),
  z.object({ kind: z.literal('unavailable'), detail: text }),
]);

const file = z.object({
  size: z.literal([...renditionSizes]),
  width: pixels,
  height: pixels,
  bytes: z.int().min(1),
  sha256: digest,
  path: z.string(),
});

const developed = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('developed'),
    width: pixels,
    height: pixels,
    files: z.array(file).length(renditionSizes.length),
    placeholder: z.base64().max(400).optional(),
    facts,
    sighting,
    damage: text.exactOptional(),
  }),
  z.object({ kind: z.literal('damaged'), detail: text, facts }),
]);

const answer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('opening'), engine }),
  z.object({
    kind: z.literal('opened'),
    engine: engine.exactOptional(),
    problem: text.exactOptional(),
    note: text.exactOptional(),
  }),
  z.object({ kind: z.literal('probed'), id: z.int(), probe }),
  z.object({ kind: z.literal('developed'), id: z.int(), developed }),
  z.object({ kind: z.literal('looked'), id: z.int(), sighting }),
  z.object({ kind: z.literal('refused'), id: z.int(), code: z.enum(['disk-full', 'unavailable']) }),
]);

/** Undefined for anything that no honest child would say. */
export function parseAnswer(line: string): Answer | undefined {
  try {
    const parsed = answer.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Every size once, each under the one name that it may have: nothing outside of the folder is ever picked up. */
export function isWithin(developed: Developed, outputFolder: string): boolean {
  if (developed.kind === 'damaged') return true;
  return renditionSizes.every(
    (size, at) =>
      developed.files[at]?.size === size && developed.files[at]?.path === join(outputFolder, `${size}.webp`),
  );
}

export function send(pipe: Socket, message: Request | Answer): void {
  if (pipe.writable) pipe.write(`${JSON.stringify(message)}\n`);
}

/** Calls back once a line; `onFlood` when one grows beyond what any message needs. */
export function readLines(pipe: Socket, onLine: (line: string) => void, onFlood: () => void): void {
  let rest = '';
  pipe.setEncoding('utf8');
  pipe.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
    if (rest.length > maxLineLength) onFlood();
  });
}

const maxLineLength = 1_000_000;
