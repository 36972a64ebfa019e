// The pool's memory of engines: which are left to try, which one is at work, and what to tell people when one is not. Looks at the
// folder of models again and again, so that a model that arrives is used without a restart.
import type { DarkroomError } from '../gallery/errors.ts';
import type { DarkroomStatus } from '../gallery/ports.ts';
import type { Log } from '../log.ts';
import { openDigests } from './models/files.ts';
import { looksOfModels } from './models/looks.ts';
import { type EngineChoice, type EnginePlan, type EngineWish, planEngines } from './models/plan.ts';

export interface RosterOptions extends EngineWish {
  /** How often the folder is looked at; 3 s unless told. */
  readonly pollMs?: number;
  /** Somebody else changed what lies in the folder, or chose. */
  onModelsChanged?(): void;
  /** Another engine, or other weights, look at photos from now on; undefined when nothing does. */
  onEngineChanged?(engine: DarkroomStatus['engine']): void;
}

/** What a child found when it opened its plan. */
export interface OpenReport {
  readonly engine?: NonNullable<DarkroomStatus['engine']>;
  /** Why it is not the first of the plan. */
  readonly problem?: string;
  /** Why it runs in another way than it would like to. */
  readonly note?: string;
}

export interface Roster {
  /** For the next child. */
  plan(): EnginePlan;
  /** False when a child that was given this plan shall make room for one with a newer plan. */
  isCurrent(plan: EnginePlan): boolean;
  status(): DarkroomStatus;
  opened(report: OpenReport, plan: EnginePlan): void;
  /**
   * A child ended while it opened this model. Of a crash, or for want of memory: no other child shall try. Of the deadline: once
   * may be a busy machine, twice is the model. Because we closed it: says nothing.
   */
  strike(model: string, code: DarkroomError['code']): void;
  /** Looks at the folder now; the next photo gets what is there. @param afresh what did not open before gets another chance */
  refresh(afresh?: boolean): Promise<void>;
  /** Looks no more; twice is fine. */
  close(): void;
}

/** One closure, since everything in it is about the one plan that is in force. */
export async function openRoster(options: RosterOptions, log: Log): Promise<Roster> {
  const digestOf = openDigests();
  /** Why a model does not open, by digest: it is not tried again as long as the bytes are the same. */
  const refused = new Map<string, string>();
  /** Models whose opening a child has just not lived through, by digest; one that opens is cleared. */
  const suspected = new Set<string>();
  const notes = new Set<string>();
  let told: string | undefined;
  let [planned, seen] = ['', ''];
  let found: EnginePlan = { choices: [] };
  let plan = found;
  /** The plan in force and those that came before it from the same folder: children with one of these may stay. */
  let current = new Set<EnginePlan>();
  let replanning: Promise<void> = Promise.resolve();
  let [isOpen, isClosed] = [false, false];

  await refresh();
  isOpen = true;
  const poll = setInterval(() => void look().catch(giveUpOnce), options.pollMs ?? usualPollMs).unref();

  return {
    plan: () => plan,
    isCurrent: (one) => current.has(one),
    status,
    opened({ engine, problem, note }, from) {
      if (note !== undefined && !notes.has(note)) log.info({ engine: engine?.name }, note);
      if (note !== undefined) notes.add(note);
      if (!current.has(from)) return;
      if (engine !== undefined) suspected.delete(engine.model);
      const at = from.choices.findIndex((choice) => choice.engine === engine?.name);
      const skipped = at < 0 ? from.choices : from.choices.slice(0, at);
      const news = skipped.some(({ model }) => !refused.has(model));
      for (const { model, engine: name } of skipped)
        refused.set(model, problem ?? `The model for ${name} cannot be used.`);
      // A file that was exchanged a moment ago speaks under its own digest.
      const choices = engine === undefined ? found.choices : found.choices.map(renamed(engine));
      if (news || JSON.stringify(choices) !== JSON.stringify(found.choices)) adopt({ ...found, choices });
    },
    strike(model, code) {
      if (code === 'closed' || code === 'not-started') return;
      // Once may have been the machine: a slow moment, or a system that needed the memory and ended the child.
      if (!suspected.has(model)) {
        suspected.add(model);
        return;
      }
      const struck = plan.choices.find((choice) => choice.model === model);
      if (struck === undefined) return;
      refused.set(model, `The model for ${struck.engine} ends the process that opens it: replace the file.`);
      adopt(found);
    },
    refresh,
    close() {
      isClosed = true;
      clearInterval(poll);
    },
  };

  function status(): DarkroomStatus {
    const first = plan.choices[0];
    return {
      ...(first === undefined ? {} : { engine: { name: first.engine, model: first.model } }),
      ...(plan.problem === undefined ? {} : { problem: plan.problem }),
    };
  }

  /** One at a time, each with what lies there when its turn comes. */
  function refresh(afresh = false): Promise<void> {
    const mine = replanning.then(async () => {
      if (afresh) {
        refused.clear();
        suspected.clear();
      }
      planned = await looksOfModels(options);
      const next = await planEngines(options, digestOf);
      if (isClosed) return;
      const isSame = JSON.stringify(next.choices) === JSON.stringify(found.choices);
      if (!isSame) current = new Set();
      adopt(next);
    });
    replanning = mine.catch(() => undefined);
    return mine;
  }

  /** Twice the same, so that nobody is asked to open a file that is still being copied. */
  async function look(): Promise<void> {
    const now = await looksOfModels(options);
    const isSettled = now === seen;
    seen = now;
    if (isClosed || !isSettled || now === planned) return;
    await refresh();
    if (!isClosed) options.onModelsChanged?.();
  }

  /** What was found, without what is known not to open. */
  function adopt(next: EnginePlan): void {
    const before = status().engine;
    found = next;
    const choices = next.choices.filter(({ model }) => !refused.has(model));
    const why = next.choices.map(({ model }) => refused.get(model)).find((reason) => reason !== undefined);
    const problem = why ?? next.problem;
    plan = problem === undefined ? { choices } : { choices, problem };
    current.add(plan);
    noteProblem(problem);
    const after = status().engine;
    const isSame = before?.name === after?.name && before?.model === after?.model;
    if (isOpen && !isSame) options.onEngineChanged?.(after);
  }

  /** One line in the log, however many children stumble over the same thing. */
  function noteProblem(problem: string | undefined): void {
    if (problem === undefined || problem === told) return;
    told = problem;
    log.warn({ problem, engine: plan.choices[0]?.engine ?? 'none' }, 'detection is not what was asked for');
  }

  function giveUpOnce(error: unknown): void {
    log.error({ err: error }, 'the folder of models can not be watched');
    clearInterval(poll);
  }
}

const usualPollMs = 3_000;

const renamed = (engine: NonNullable<OpenReport['engine']>) => (choice: EngineChoice) =>
  choice.engine === engine.name ? { ...choice, model: engine.model } : choice;
