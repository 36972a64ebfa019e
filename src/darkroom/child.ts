// The child's side: probes, develops and looks at what it is told, answers, and ends with its parent. It has no database, no secrets
// in its environment, and opens no connection. Whatever goes wrong beyond a bad picture ends the process; the pool deals with that.
import { Socket } from 'node:net';
import type { Sighting } from '../gallery/ports.ts';
import { develop, look, probe } from './develop.ts';
import type { Detector, RgbImage } from './engines/detector.ts';
import { openDetector } from './engines/open.ts';
import { type Answer, pipeDescriptor, type Request, readLines, send } from './messages.ts';
import type { EnginePlan } from './models/plan.ts';
import { prepareSharp } from './pixels.ts';

prepareSharp();
const pipe = new Socket({ fd: pipeDescriptor, readable: true, writable: true });
const tell = (answer: Answer) => send(pipe, answer);
const end = () => process.kill(process.pid, 'SIGKILL');
let openEyes: () => Promise<Detector | Blind> = async () => ({ kind: 'off' });

// The parent is gone. Not `exit`: that would wait for, or trip over, threads in the middle of a picture.
pipe.on('end', end);
pipe.on('error', end);
readLines(pipe, (line) => void answer(JSON.parse(line) as Request), end);
tell({ kind: 'ready' });

async function answer(request: Request): Promise<void> {
  switch (request.kind) {
    case 'setup':
      openEyes = openingOnce(request.plan);
      return;
    case 'probe':
      tell({ kind: 'probed', id: request.id, probe: await probe(request.path, request.type) });
      return;
    case 'develop':
      tell(await developOrRefuse(request));
      return;
    case 'look':
      tell({ kind: 'looked', id: request.id, sighting: await lookOnly(request) });
      return;
    default:
      request satisfies never;
  }
}

/** A full disk says nothing about the picture. Anything else that goes wrong here ends the child. */
async function developOrRefuse(request: Extract<Request, { kind: 'develop' }>): Promise<Answer> {
  const { id, path, type, outputFolder } = request;
  try {
    return {
      kind: 'developed',
      id,
      developed: await develop(path, type, outputFolder, async (image) => see(await openEyes(), image)),
    };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (['ENOSPC', 'EDQUOT'].includes(code)) return { kind: 'refused', id, code: 'disk-full' };
    if (/^E[A-Z]+$/.test(code)) return { kind: 'refused', id, code: 'unavailable' };
    throw error;
  }
}

async function lookOnly({ path, type }: Extract<Request, { kind: 'look' }>): Promise<Sighting> {
  const eyes = await openEyes();
  return 'kind' in eyes ? eyes : await look(path, type, eyes.inputEdge, (image) => see(eyes, image));
}

/** What every picture gets when nothing can look at it. */
type Blind = Exclude<Sighting, { readonly kind: 'seen' }>;

/** The model is opened for the first picture, so that a child that only probes stays small. */
function openingOnce(plan: EnginePlan): () => Promise<Detector | Blind> {
  if (plan.choices.length === 0) {
    const { problem } = plan;
    return async () => (problem === undefined ? { kind: 'off' } : { kind: 'unavailable', detail: problem });
  }
  let opening: Promise<Detector | Blind> | undefined;
  return () => {
    opening ??= openFirst(plan);
    return opening;
  };
}

/** The first choice that opens, telling the parent which one is about to be tried. */
async function openFirst({ choices }: EnginePlan): Promise<Detector | Blind> {
  let problem = 'no model to open';
  for (const choice of choices) {
    const asked = { name: choice.engine, model: choice.model };
    tell({ kind: 'opening', engine: asked });
    try {
      const detector = await openDetector(choice);
      const engine = { name: choice.engine, model: detector.model };
      const { note } = detector;
      const why = { ...(choice === choices[0] ? {} : { problem }), ...(note === undefined ? {} : { note }) };
      tell({ kind: 'opened', engine, ...why });
      return detector;
    } catch (error) {
      problem = `The model for ${choice.engine} cannot be used: ${messageOf(error)}`.slice(0, 300);
    }
  }
  tell({ kind: 'opened', problem });
  return { kind: 'unavailable', detail: problem };
}

/** Never rejects: an engine that fails says nothing about the picture. */
async function see(eyes: Detector | Blind, image: RgbImage): Promise<Sighting> {
  if ('kind' in eyes) return eyes;
  const { engine, model } = eyes;
  const startedAt = performance.now();
  try {
    const found = await eyes.detect(image);
    const tookMs = Math.round(performance.now() - startedAt);
    const origin = { by: 'engine', engine, model } as const;
    return { kind: 'seen', engine, model, tookMs, detections: found.map((one) => ({ ...one, origin })) };
  } catch (error) {
    return { kind: 'unavailable', detail: `The ${engine} engine failed: ${messageOf(error)}` };
  }
}

const messageOf = (error: unknown) =>
  (error instanceof Error ? error.message : String(error))
    .split('\n')[0]
    ?.replace(/\/\S+\//g, '')
    .slice(0, 200) ?? '';
