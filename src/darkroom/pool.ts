// The darkroom as the rest of the house sees it: plain asynchronous functions. Pixels and models are touched by children only,
// so that a picture can crash, hang or swell a child and nothing else. Starts, feeds and replaces the children.
import { type Darkroom, DarkroomError } from '../gallery/ports.ts';
import type { Log } from '../log.ts';
import { type Child, type ChildEnd, ChildLost, childModule, startChild } from './child-process.ts';
import type { EngineWish } from './models.ts';
import { openRoster, type Roster } from './roster.ts';

export interface DarkroomOptions extends EngineWish {
  /** Photos developed at once, and processes at most. */
  readonly children: number;
  readonly log: Log;
  /** Of these variables children get those that name folders for libraries and temporary files; none, unless told. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** For one photo, counted from when a child takes it up. */
  readonly timeoutMs?: number;
  /** Resident bytes of one child; an AVIF of 50 megapixels needs about 950 MB. */
  readonly memoryLimitBytes?: number;
  /** A child is replaced after so many photos, since native heaps only grow. */
  readonly photosPerChild?: number;
  /** A child is replaced when it holds more than this after a photo. */
  readonly recycleBytes?: number;
  /** How long a child beyond the first stays without work. */
  readonly idleMs?: number;
  /** The first pause after repeated crashes; doubles up to sixty times itself. */
  readonly backoffMs?: number;
  /** Another program than the real child: only for tests of what a child may do. */
  readonly childModule?: string;
}

/** Finds and hashes the model; children are started by the first question. */
export async function openDarkroom(options: DarkroomOptions): Promise<Darkroom> {
  return openPool({ ...defaults, ...options }, await openRoster(options, options.log));
}

const defaults = {
  timeoutMs: 30_000,
  memoryLimitBytes: 1536 * 1024 * 1024,
  photosPerChild: 500,
  recycleBytes: 1024 * 1024 * 1024,
  idleMs: 60_000,
  backoffMs: 1_000,
  childModule: childModule(),
};

interface Task {
  readonly kind: 'probe' | 'develop';
  /** How often a child died under it: of its own making, or of another's. */
  readonly losses: { own: number; others: number };
  child?: Child | undefined;
  aborted: boolean;
  /** Settles the caller's promise with the child's answer; rejects with `ChildLost`, or with what the caller shall hear. */
  attempt(child: Child): Promise<void>;
  reject(reason: unknown): void;
}

/** One closure, since everything in it is about the same two things: who waits, and which children there are. */
function openPool(settings: typeof defaults & DarkroomOptions, roster: Roster): Darkroom {
  const children = new Set<Child>();
  const idleTimers = new Map<Child, NodeJS.Timeout>();
  const waiting: { readonly probe: Task[]; readonly develop: Task[] } = { probe: [], develop: [] };
  let crashes = 0;
  let pause: NodeJS.Timeout | undefined;
  let closing: { readonly ended: Promise<void>; end(): void } | undefined;

  return {
    capacity: settings.children,
    status: () => roster.status(),
    probe: (path, type) => submit('probe', (child) => child.probe(path, type)),
    develop: (path, type, outputFolder, signal) =>
      submit('develop', (child) => child.develop(path, type, outputFolder), signal),
    async close() {
      closing ??= beginClosing();
      await closing.ended;
    },
  };

  function submit<T>(
    kind: Task['kind'],
    ask: (child: Child) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    let onAbort = () => {};
    const answer = new Promise<T>((resolve, reject) => {
      const attempt = (child: Child) => ask(child).then(resolve);
      const task: Task = { kind, losses: { own: 0, others: 0 }, aborted: false, attempt, reject };
      onAbort = () => abort(task);
      if (closing !== undefined || signal?.aborted === true) {
        reject(errorOf('closed'));
        return;
      }
      signal?.addEventListener('abort', onAbort);
      waiting[kind].push(task);
      feed();
    });
    return answer.finally(() => signal?.removeEventListener('abort', onAbort));
  }

  /** A child can't be stopped in the middle of a picture, so it goes; the promise settles when nothing writes any more. */
  function abort(task: Task): void {
    task.aborted = true;
    task.child?.kill('closed');
    const at = waiting[task.kind].indexOf(task);
    if (at < 0) return;
    waiting[task.kind].splice(at, 1);
    task.reject(errorOf('closed'));
  }

  function feed(): void {
    const ready = () => [...children].filter((child) => child.isReady());
    for (let probe = waiting.probe[0]; probe !== undefined; probe = waiting.probe[0]) {
      const leastBusy = ready().sort((a, b) => a.load() - b.load())[0];
      if (leastBusy === undefined) break;
      waiting.probe.shift();
      void run(probe, leastBusy);
    }
    for (let photo = waiting.develop[0]; photo !== undefined; photo = waiting.develop[0]) {
      const free = ready().find((child) => !child.isDeveloping());
      if (free === undefined) break;
      waiting.develop.shift();
      void run(photo, free);
    }
    startMissing();
  }

  async function run(task: Task, child: Child): Promise<void> {
    task.child = child;
    clearTimeout(idleTimers.get(child));
    try {
      await task.attempt(child);
      task.child = undefined;
      crashes = 0;
      retireOrRest(child);
    } catch (error) {
      task.child = undefined;
      if (error instanceof ChildLost) settleLoss(task, error);
      else task.reject(error);
    }
    feed();
  }

  /** A probe gets a second chance on another child; a photo that ended its child is the caller's to try again. */
  function settleLoss(task: Task, { code, guilty }: ChildLost): void {
    task.losses[guilty ? 'own' : 'others'] += 1;
    const spent = task.losses.own >= (task.kind === 'probe' ? 2 : 1) || task.losses.others >= 5;
    if (task.aborted || closing !== undefined) task.reject(errorOf('closed'));
    else if (spent) task.reject(errorOf(code));
    else waiting[task.kind].unshift(task);
  }

  function startMissing(): void {
    if (closing !== undefined || pause !== undefined) return;
    const starting = [...children].filter((child) => !child.isReady()).length;
    const forProbes = waiting.probe.length > 0 && children.size === 0 ? 1 : 0;
    const missing = Math.max(forProbes, waiting.develop.length) - starting;
    const room = settings.children - children.size;
    for (let count = Math.min(missing, room); count > 0; count -= 1) start();
  }

  function start(): void {
    let wasReady = false;
    const child: Child = startChild({
      module: settings.childModule,
      environment: settings.environment ?? {},
      plan: roster.plan(),
      timeoutMs: settings.timeoutMs,
      memoryLimitBytes: settings.memoryLimitBytes,
      onReady() {
        wasReady = true;
        rest(child);
        feed();
      },
      onOpened: (report) => roster.opened(report),
      onEnded: (end) => forget(child, end, wasReady),
    });
    children.add(child);
  }

  function forget(child: Child, end: ChildEnd, wasReady: boolean): void {
    children.delete(child);
    clearTimeout(idleTimers.get(child));
    idleTimers.delete(child);
    if (end.code !== 'closed') {
      settings.log.warn({ code: end.code, pid: child.pid, said: end.said }, 'a darkroom child ended');
    }
    if (end.opening !== undefined) roster.strike(end.opening);
    else if (end.code === 'crashed') holdBack();
    // Nobody shall wait for ever for children that do not even start.
    if (!wasReady && end.code !== 'closed' && children.size === 0) {
      const [photo] = waiting.develop.splice(0, 1);
      for (const task of [...waiting.probe.splice(0), ...(photo === undefined ? [] : [photo])]) {
        task.reject(errorOf(end.code));
      }
    }
    if (closing !== undefined && children.size === 0) closing.end();
    else feed();
  }

  /** The first crash costs nothing; with every further one in a row new children wait twice as long. */
  function holdBack(): void {
    crashes += 1;
    if (crashes < 2 || pause !== undefined) return;
    const waitMs = Math.min(60, 2 ** (crashes - 2)) * settings.backoffMs;
    settings.log.warn({ crashes, waitMs }, 'darkroom children crash again and again');
    pause = setTimeout(() => {
      pause = undefined;
      feed();
    }, waitMs);
  }

  function retireOrRest(child: Child): void {
    const worn =
      child.photos() >= settings.photosPerChild || (child.residentBytes() ?? 0) > settings.recycleBytes;
    if (worn) child.kill('closed');
    else rest(child);
  }

  /** Unless it is given something to do in time, and is not the last, it ends. */
  function rest(child: Child): void {
    const idle = () => {
      if (child.load() === 0 && children.size > 1) child.kill('closed');
    };
    clearTimeout(idleTimers.get(child));
    idleTimers.set(child, setTimeout(idle, settings.idleMs).unref());
  }

  function beginClosing() {
    clearTimeout(pause);
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    for (const task of [...waiting.probe.splice(0), ...waiting.develop.splice(0)])
      task.reject(errorOf('closed'));
    for (const child of children) child.kill('closed');
    if (children.size === 0) end();
    return { ended, end };
  }
}

const messages: Readonly<Record<DarkroomError['code'], string>> = {
  crashed: 'The picture ended the process that was looking at it.',
  'timed-out': 'The picture took too long.',
  'out-of-memory': 'The picture needed too much memory.',
  closed: 'The darkroom stopped.',
};

const errorOf = (code: DarkroomError['code']) => new DarkroomError(code, messages[code]);
