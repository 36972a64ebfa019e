// The parent's handle on one child: starts it, asks it, watches its time and memory, and ends it. Decides nothing about retries.
import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type DarkroomError, GalleryError } from '../gallery/errors.ts';
import type { MediaType } from '../gallery/photo.ts';
import type { Developed, Probe, Sighting } from '../gallery/ports.ts';
import { residentBytes, restrain } from './limits.ts';
import { type Answer, isWithin, parseAnswer, type Request, readLines, send } from './messages.ts';
import type { EngineChoice, EnginePlan } from './models/plan.ts';

export interface ChildOptions {
  /** What to run: child.ts, or child.js once built. */
  readonly module: string;
  readonly plan: EnginePlan;
  /** For one question. */
  readonly timeoutMs: number;
  readonly memoryLimitBytes: number;
  /** Priority 0..19, the larger the lower; 10 unless told. */
  readonly nice?: number;
  /** The system did not allow that priority: it runs at that of this process. */
  onNotNice?(reason: string): void;
  onReady(): void;
  onOpened(opened: Extract<Answer, { kind: 'opened' }>): void;
  /** Called once, when the process is gone; every question has been rejected with `ChildLost` by then. */
  onEnded(end: ChildEnd): void;
}

export interface ChildEnd {
  readonly code: DarkroomError['code'];
  /** Nobody asked for this end. */
  readonly crashed: boolean;
  /** The model that was being opened when it ended. */
  readonly opening?: EngineChoice['model'];
  /** The last of what it wrote to its standard error. */
  readonly said: string;
}

/** Why a question got no answer. `guilty`: this very question may be what ended the child. */
export class ChildLost extends Error {
  override readonly name = 'ChildLost';
  readonly code: DarkroomError['code'];
  readonly guilty: boolean;

  constructor(code: DarkroomError['code'], guilty: boolean) {
    super(`the child ended: ${code}`);
    this.code = code;
    this.guilty = guilty;
  }
}

export interface Child {
  readonly pid: number | undefined;
  isReady(): boolean;
  /** Questions without an answer yet. */
  load(): number;
  /** Photos developed or looked at so far. */
  photos(): number;
  residentBytes(): number | undefined;
  probe(path: string, type: MediaType): Promise<Probe>;
  develop(path: string, type: MediaType, outputFolder: string): Promise<Developed>;
  look(path: string, type: MediaType): Promise<Sighting>;
  /** Ends it for good; `onEnded` follows. */
  kill(code: DarkroomError['code']): void;
}

/** What a child can be asked, still without its number. */
type Asked = WithoutId<Extract<Request, { readonly id: number }>>;
type WithoutId<R> = R extends unknown ? Omit<R, 'id'> : never;
type Answered = Extract<Answer, { readonly id: number }>;

interface Question {
  readonly asked: Asked;
  readonly deadline: NodeJS.Timeout;
  resolve(answer: Probe | Developed | Sighting): void;
  reject(reason: ChildLost | GalleryError): void;
}

export function startChild(options: ChildOptions): Child {
  const questions = new Map<number, Question>();
  const { process: child, pipe } = launch(options);
  let state: 'starting' | 'ready' | 'ending' | 'ended' = 'starting';
  let [nextId, photos, lastResident, said] = [1, 0, 0, ''];
  let opening: string | undefined;
  let wanted: { code: DarkroomError['code']; question?: Question | undefined } | undefined;
  const startDeadline = setTimeout(() => kill('timed-out'), startTimeoutMs);
  const watch = setInterval(watchMemory, memoryWatchMs);

  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-1000);
  });
  child.on('error', () => ended('crashed'));
  child.on('exit', () => ended(lastResident > options.memoryLimitBytes * 0.8 ? 'out-of-memory' : 'crashed'));
  readLines(
    pipe,
    (line) => hear(parseAnswer(line)),
    () => hear(undefined),
  );
  if (child.pid !== undefined) {
    const { memoryLimitBytes, nice } = options;
    const problem = restrain(child.pid, { memoryLimitBytes, ...(nice === undefined ? {} : { nice }) });
    if (problem !== undefined) options.onNotNice?.(problem);
  }
  send(pipe, { kind: 'setup', plan: options.plan });

  return {
    pid: child.pid,
    isReady: () => state === 'ready',
    load: () => questions.size,
    photos: () => photos,
    residentBytes: () => (child.pid === undefined ? undefined : residentBytes(child.pid)),
    probe: (path, type) => ask({ kind: 'probe', path, type }) as Promise<Probe>,
    develop: (path, type, outputFolder) =>
      ask({ kind: 'develop', path, type, outputFolder }) as Promise<Developed>,
    look: (path, type) => ask({ kind: 'look', path, type }) as Promise<Sighting>,
    kill,
  };

  /** The answer is of the kind that was asked for: `settle` sees to it. */
  function ask(asked: Asked): Promise<Probe | Developed | Sighting> {
    const id = nextId++;
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => kill('timed-out', questions.get(id)), options.timeoutMs);
      questions.set(id, { asked, deadline, resolve, reject });
      send(pipe, { ...asked, id });
    });
  }

  function hear(answer: Answer | undefined): void {
    if (state === 'ending' || state === 'ended') return;
    if (answer === undefined) kill('crashed');
    else if (answer.kind === 'ready') becomeReady();
    else if (answer.kind === 'opening') opening = answer.engine.model;
    else if (answer.kind === 'opened') {
      opening = undefined;
      options.onOpened(answer);
    } else settle(answer);
  }

  function becomeReady(): void {
    if (state !== 'starting') return;
    state = 'ready';
    clearTimeout(startDeadline);
    options.onReady();
  }

  /** An answer to nothing that was asked, or asked long ago, is dropped; one that does not fit its question is a fault. */
  function settle(answer: Answered): void {
    const question = questions.get(answer.id);
    if (question === undefined) return;
    if (!fits(answer, question.asked)) {
      kill('crashed', question);
      return;
    }
    questions.delete(answer.id);
    clearTimeout(question.deadline);
    if (question.asked.kind !== 'probe') photos += 1;
    if (answer.kind === 'refused') question.reject(refusalOf(answer.code));
    else question.resolve(contentOf(answer));
  }

  function watchMemory(): void {
    if (questions.size === 0 || child.pid === undefined) return;
    lastResident = residentBytes(child.pid) ?? 0;
    if (lastResident > options.memoryLimitBytes) kill('out-of-memory');
  }

  function kill(code: DarkroomError['code'], question?: Question): void {
    if (state === 'ended' || state === 'ending') return;
    state = 'ending';
    wanted = { code, question };
    child.kill('SIGKILL');
  }

  function ended(cause: DarkroomError['code']): void {
    if (state === 'ended') return;
    state = 'ended';
    clearTimeout(startDeadline);
    clearInterval(watch);
    pipe.destroy();
    const code = wanted?.code ?? cause;
    const lost = [...questions.values()];
    questions.clear();
    for (const question of lost) {
      clearTimeout(question.deadline);
      question.reject(new ChildLost(code, isGuilty(question)));
    }
    options.onEnded({
      code,
      crashed: code !== 'closed',
      said,
      ...(opening === undefined ? {} : { opening }),
    });
  }

  /** The question that ran out of time or was answered oddly; else any of them. */
  function isGuilty(question: Question): boolean {
    if (opening !== undefined || wanted?.code === 'closed') return false;
    if (wanted?.question !== undefined) return wanted.question === question;
    return true;
  }
}

const memoryWatchMs = 100;

/** Whatever a question may take: on a busy machine a start alone takes seconds, and says nothing about a picture. */
const startTimeoutMs = 30_000;

function fits(answer: Answered, asked: Asked): boolean {
  switch (asked.kind) {
    case 'probe':
      return answer.kind === 'probed';
    case 'look':
      return answer.kind === 'looked';
    case 'develop':
      if (answer.kind === 'developed') return isWithin(answer.developed, asked.outputFolder);
      return answer.kind === 'refused';
    default:
      return asked satisfies never;
  }
}

function contentOf(answer: Exclude<Answered, { readonly kind: 'refused' }>): Probe | Developed | Sighting {
  if (answer.kind === 'probed') return answer.probe;
  return answer.kind === 'looked' ? answer.sighting : answer.developed;
}

const refusalOf = (code: 'disk-full' | 'unavailable') =>
  code === 'disk-full'
    ? new GalleryError(code, 'The disk is full: free some space.')
    : new GalleryError(code, 'The renditions cannot be written: check the uploads folder.');

/** @throws when the system has no descriptor or memory left for another process. */
function launch({ module }: ChildOptions): { process: ChildProcess; pipe: Socket } {
  const process = spawn(
    globalThis.process.execPath,
    [...loaderFlags(module), '--max-old-space-size=512', module],
    {
      env: childEnvironment,
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      windowsHide: true,
    },
  );
  // Without descriptors there is an `error` event to come, and no pipe.
  process.on('error', () => undefined);
  const pipe = process.stdio?.[3];
  if (!(pipe instanceof Socket)) throw new Error('no child process could be started');
  // A child that dies while it is being written to is told about by its exit.
  pipe.on('error', () => undefined);
  return { process, pipe };
}

/** From source the child needs the same TypeScript loader as this process; built, nothing. Debuggers and test runners are not passed on. */
function loaderFlags(module: string): string[] {
  if (!module.endsWith('.ts')) return [];
  const flags: string[] = [];
  for (const [at, flag] of process.execArgv.entries()) {
    if (/^--(?:import|require|loader|experimental-loader)=/.test(flag)) flags.push(flag);
    const value = process.execArgv[at + 1];
    if (/^(?:--(?:import|require|loader)|-r)$/.test(flag) && value !== undefined) flags.push(flag, value);
  }
  return flags;
}

/** Nothing of ours: no secrets. */
const childEnvironment = { VIPS_BLOCK_UNTRUSTED: '1', MALLOC_ARENA_MAX: '2' };

export function childModule(): string {
  return fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? './child.ts' : './child.js', import.meta.url),
  );
}
