// A pool of child processes for one kind of question: who waits, which children there are, and what becomes of both when a
// child crashes, hangs or swells. Knows nothing about pictures but that a question may end the process that is asked.
import { DarkroomError } from '../gallery/errors.ts';
import type { Log } from '../log.ts';
import { type Child, type ChildEnd, ChildLost, startChild } from './child-process.ts';
import type { EnginePlan } from './models/plan.ts';
import type { Roster } from './roster.ts';

/** When a child has had enough. */
export interface Limits {
  /** For one question, counted from when a child takes it up. */
  readonly timeoutMs: number;
  /** Resident bytes of one child. */
  readonly memoryLimitBytes: number;
  /** A child is replaced after so many photos, since native heaps only grow. */
  readonly photosPerChild: number;
  /** A child is replaced when it holds more than this after an answer. */
  readonly recycleBytes: number;
  /** How long a child stays without work; Infinity keeps it. */
  readonly idleMs: number;
  /** The first pause after repeated crashes; doubles up to sixty times itself. */
  readonly backoffMs: number;
}

export interface PoolOptions extends Limits {
  /** Processes at most; started when somebody waits. */
  readonly children: number;
  /** Questions that a child is asked at the same time. */
  readonly atOnce: number;
  /** How many children a question may end before it is given up. */
  readonly tries: number;
  /** Wait before starting another child after one that crashed over a question, not only after one that never started. */
  readonly pauses: boolean;
  /** Without `isCurrent` a plan never ages. */
  readonly roster: Pick<Roster, 'plan' | 'opened' | 'strike'> & Partial<Pick<Roster, 'isCurrent'>>;
  readonly log: Log;
  readonly childModule: string;
  /** Priority of the children, 0..19, the larger the lower. */
  readonly nice?: number;
}

export interface Pool {
  /** Asks a child as soon as one is free. Rejects with DarkroomError; an aborted question when nothing works on it any more. */
  submit<T>(ask: (child: Child) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Ends every child; twice is fine. */
  close(): Promise<void>;
}

interface Task {
  /** How often a child died under it: of its own making, or of another's. */
  readonly losses: { own: number; others: number };
  child?: Child | undefined;
  aborted: boolean;
  /** Settles the caller's promise with the child's answer; rejects with `ChildLost`, or with what the caller shall hear. */
  attempt(child: Child): Promise<void>;
  reject(reason: unknown): void;
}

/** One closure, since everything in it is about the same two things: who waits, and which children there are. */
export function openPool(options: PoolOptions): Pool {
  const { roster, log, atOnce } = options;
  const children = new Set<Child>();
  const plans = new WeakMap<Child, EnginePlan>();
  const idleTimers = new Map<Child, NodeJS.Timeout>();
  const waiting: Task[] = [];
  /** Children that answer a question which has already cost one its life. */
  const suspicious = new Set<Child>();
  let crashes = 0;
  let pause: NodeJS.Timeout | undefined;
  let isNotNice = false;
  let closing: { readonly ended: Promise<void>; end(): void } | undefined;

  return {
    submit,
    async close() {
      closing ??= beginClosing();
      await closing.ended;
    },
  };

  function submit<T>(ask: (child: Child) => Promise<T>, signal?: AbortSignal): Promise<T> {
    let onAbort = () => {};
    const answer = new Promise<T>((resolve, reject) => {
      const attempt = (child: Child) => ask(child).then(resolve);
      const task: Task = { losses: { own: 0, others: 0 }, aborted: false, attempt, reject };
      onAbort = () => abort(task);
      if (closing !== undefined || signal?.aborted === true) {
        reject(errorOf('closed'));
        return;
      }
      signal?.addEventListener('abort', onAbort);
      waiting.push(task);
      feed();
    });
    return answer.finally(() => signal?.removeEventListener('abort', onAbort));
  }

  /** A child can't be stopped in the middle of a picture, so it goes; the promise settles when nothing writes any more. */
  function abort(task: Task): void {
    task.aborted = true;
    task.child?.kill('closed');
    const at = waiting.indexOf(task);
    if (at < 0) return;
    waiting.splice(at, 1);
    task.reject(errorOf('closed'));
  }

  function feed(): void {
    retireOutdated();
    for (let task = waiting[0]; task !== undefined; task = waiting[0]) {
      const child = freeFor(task);
      if (child === undefined) break;
      waiting.shift();
      void run(task, child);
    }
    startMissing();
  }

  /** A question that may have ended a child is asked again alone, so that it can't take others along. */
  function freeFor({ losses }: Task): Child | undefined {
    const most = losses.own > 0 ? 1 : atOnce;
    const isFree = (child: Child) => child.isReady() && !suspicious.has(child) && child.load() < most;
    return [...children].find((child) => isFree(child) && !isOutdated(child));
  }

  /** Whoever holds another model than the plan of today ends as soon as it is done with what it has. */
  function retireOutdated(): void {
    for (const child of children)
      if (child.isReady() && child.load() === 0 && isOutdated(child)) child.kill('closed');
  }

  function isOutdated(child: Child): boolean {
    const plan = plans.get(child);
    return plan !== undefined && roster.isCurrent?.(plan) === false;
  }

  async function run(task: Task, child: Child): Promise<void> {
    task.child = child;
    clearTimeout(idleTimers.get(child));
    if (task.losses.own > 0) suspicious.add(child);
    try {
      await task.attempt(child);
      task.child = undefined;
      suspicious.delete(child);
      crashes = 0;
      retireOrRest(child);
    } catch (error) {
      task.child = undefined;
      suspicious.delete(child);
      if (error instanceof ChildLost) settleLoss(task, error);
      else task.reject(error);
    }
    feed();
  }

  function settleLoss(task: Task, { code, guilty }: ChildLost): void {
    task.losses[guilty ? 'own' : 'others'] += 1;
    const spent = task.losses.own >= options.tries || task.losses.others >= 5;
    if (task.aborted || closing !== undefined) task.reject(errorOf('closed'));
    else if (spent) task.reject(errorOf(code));
    // Behind the others: who waits innocently comes first.
    else waiting.push(task);
  }

  function startMissing(): void {
    if (closing !== undefined || pause !== undefined) return;
    const starting = [...children].filter((child) => !child.isReady()).length;
    const missing = Math.ceil(waiting.length / atOnce) - starting;
    const room = options.children - children.size;
    for (let count = Math.min(missing, room); count > 0; count -= 1) start();
  }

  function start(): void {
    let wasReady = false;
    const plan = roster.plan();
    try {
      const child: Child = startChild({
        module: options.childModule,
        plan,
        ...(options.nice === undefined ? {} : { nice: options.nice }),
        onNotNice: tellOnce,
        timeoutMs: options.timeoutMs,
        memoryLimitBytes: options.memoryLimitBytes,
        onReady() {
          wasReady = true;
          rest(child);
          feed();
        },
        onOpened: (report) => roster.opened(report, plan),
        onEnded: (end) => forget(child, end, wasReady),
      });
      plans.set(child, plan);
      children.add(child);
    } catch (error) {
      log.error({ err: error }, 'a darkroom child could not be started');
      holdBack();
      if (children.size === 0) giveUpWaiting();
    }
  }

  function tellOnce(reason: string): void {
    if (!isNotNice)
      log.warn({ nice: options.nice, reason }, 'darkroom children keep the priority of the server');
    isNotNice = true;
  }

  /** Nobody shall wait for ever for children that do not even start. */
  function giveUpWaiting(): void {
    for (const task of waiting.splice(0, atOnce)) task.reject(errorOf('not-started'));
  }

  function forget(child: Child, end: ChildEnd, wasReady: boolean): void {
    children.delete(child);
    clearTimeout(idleTimers.get(child));
    idleTimers.delete(child);
    if (end.code !== 'closed') {
      log.warn({ code: end.code, pid: child.pid, said: end.said }, 'a darkroom child ended');
    }
    if (end.opening !== undefined) roster.strike(end.opening, end.code);
    else if (end.code === 'crashed' && (options.pauses || !wasReady)) holdBack();
    if (!wasReady && end.code !== 'closed' && children.size === 0) giveUpWaiting();
    if (closing !== undefined && children.size === 0) closing.end();
    else feed();
  }

  /** The first crash costs nothing; with every further one in a row new children wait twice as long. */
  function holdBack(): void {
    crashes += 1;
    if (crashes < 2 || pause !== undefined) return;
    const waitMs = Math.min(60, 2 ** (crashes - 2)) * options.backoffMs;
    log.warn({ crashes, waitMs }, 'darkroom children crash again and again');
    pause = setTimeout(() => {
      pause = undefined;
      feed();
    }, waitMs);
  }

  function retireOrRest(child: Child): void {
    const isWorn =
      child.photos() >= options.photosPerChild || (child.residentBytes() ?? 0) > options.recycleBytes;
    if (isWorn && child.load() === 0) child.kill('closed');
    else rest(child);
  }

  /** Unless it is given something to do in time, it ends. */
  function rest(child: Child): void {
    clearTimeout(idleTimers.get(child));
    if (options.idleMs === Number.POSITIVE_INFINITY) return;
    const idle = () => {
      if (child.load() === 0) child.kill('closed');
    };
    idleTimers.set(child, setTimeout(idle, options.idleMs).unref());
  }

  function beginClosing() {
    clearTimeout(pause);
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    for (const task of waiting.splice(0)) task.reject(errorOf('closed'));
    for (const child of children) child.kill('closed');
    if (children.size === 0) end();
    return { ended, end };
  }
}

const messages: Readonly<Record<DarkroomError['code'], string>> = {
  crashed: 'The picture ended the process that was looking at it.',
  'timed-out': 'The picture took too long.',
  'out-of-memory': 'The picture needed too much memory.',
  'not-started': 'No process could be started that looks at pictures.',
  closed: 'The darkroom stopped.',
};

const errorOf = (code: DarkroomError['code']) => new DarkroomError(code, messages[code]);
