// The child's side: probes and develops what it is told, answers, and ends with its parent. It has no database, no secrets in its
// environment, and opens no connection. Whatever goes wrong beyond a bad picture ends the process; the pool deals with that.
import { Socket } from 'node:net';
import type { Sighting } from '../gallery/ports.ts';
import { develop, probe } from './develop.ts';
import type { Detector, RgbImage } from './engines/detector.ts';
import { openDetector } from './engines/open.ts';
import { type Answer, pipeDescriptor, type Request, readLines, send } from './messages.ts';
import type { EnginePlan } from './models.ts';
import { prepareSharp } from './pixels.ts';

prepareSharp();
const pipe = new Socket({ fd: pipeDescriptor, readable: true, writable: true });
const tell = (answer: Answer) => send(pipe, answer);
const end = () => process.kill(process.pid, 'SIGKILL');
let see = async (_image: RgbImage): Promise<Sighting> => ({ kind: 'off' });

// The parent is gone. Not `exit`: that would wait for, or trip over, threads in the middle of a picture.
pipe.on('end', end);
pipe.on('error', end);
readLines(pipe, (line) => void answer(JSON.parse(line) as Request), end);
tell({ kind: 'ready' });

async function answer(request: Request): Promise<void> {
  switch (request.kind) {
    case 'setup':
      see = lookingWith(request.plan);
      return;
    case 'probe':
      tell({ kind: 'probed', id: request.id, probe: await probe(request.path, request.type) });
      return;
    case 'develop':
      tell(await developOrRefuse(request));
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
      developed: await develop(path, type, outputFolder, (image) => see(image)),
    };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (['ENOSPC', 'EDQUOT'].includes(code)) return { kind: 'refused', id, code: 'disk-full' };
    if (/^E[A-Z]+$/.test(code)) return { kind: 'refused', id, code: 'unavailable' };
    throw error;
  }
}

/** The model is opened for the first picture, so that a child that only probes stays small. */
function lookingWith(plan: EnginePlan): (image: RgbImage) => Promise<Sighting> {
  if (plan.choices.length === 0) {
    const { problem } = plan;
    return async () => (problem === undefined ? { kind: 'off' } : { kind: 'unavailable', detail: problem });
  }
  let opening: Promise<Detector | { readonly problem: string }> | undefined;
  return async (image) => {
    opening ??= openFirst(plan);
    const detector = await opening;
    if ('problem' in detector) return { kind: 'unavailable', detail: detector.problem };
    try {
      return await look(detector, image);
    } catch (error) {
      return { kind: 'unavailable', detail: `The ${detector.engine} engine failed: ${messageOf(error)}` };
    }
  };
}

/** The first choice that opens, telling the parent which one is about to be tried. */
async function openFirst({ choices }: EnginePlan): Promise<Detector | { readonly problem: string }> {
  let problem = 'no model to open';
  for (const choice of choices) {
    const asked = { name: choice.engine, model: choice.model };
    tell({ kind: 'opening', engine: asked });
    try {
      const detector = await openDetector(choice);
      const engine = { name: choice.engine, model: detector.model };
      tell({ kind: 'opened', engine, ...(choice === choices[0] ? {} : { problem }) });
      return detector;
    } catch (error) {
      problem = `The model for ${choice.engine} cannot be used: ${messageOf(error)}`.slice(0, 300);
    }
  }
  tell({ kind: 'opened', problem });
  return { problem };
}

async function look(detector: Detector, image: RgbImage): Promise<Sighting> {
  const { engine, model } = detector;
  const startedAt = performance.now();
  const found = await detector.detect(image);
  const tookMs = Math.round(performance.now() - startedAt);
  const origin = { by: 'engine', engine, model } as const;
  return { kind: 'seen', engine, model, tookMs, detections: found.map((one) => ({ ...one, origin })) };
}

const messageOf = (error: unknown) =>
  (error instanceof Error ? error.message : String(error))
    .split('\n')[0]
    ?.replace(/\/\S+\//g, '')
    .slice(0, 200) ?? '';
