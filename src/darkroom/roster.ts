// The pool's memory of engines: which are left to try, which one is at work, and what to tell people when one is not.
import type { DarkroomStatus } from '../gallery/ports.ts';
import type { Log } from '../log.ts';
import { type EnginePlan, type EngineWish, planEngines } from './models.ts';

export interface Roster {
  /** For the next child. */
  plan(): EnginePlan;
  status(): DarkroomStatus;
  /** What a child found when it opened the plan. */
  opened(report: { readonly engine?: DarkroomStatus['engine']; readonly problem?: string }): void;
  /** A child died while it opened this model: no other child shall try. */
  strike(model: string): void;
}

export async function openRoster(wish: EngineWish, log: Log): Promise<Roster> {
  let plan = await planEngines(wish);
  let known: string | undefined;
  noteProblem(plan.problem);

  return {
    plan: () => plan,
    status() {
      const first = plan.choices[0];
      return {
        ...(first === undefined ? {} : { engine: { name: first.engine, model: first.model } }),
        ...(plan.problem === undefined ? {} : { problem: plan.problem }),
      };
    },
    opened({ engine, problem }) {
      const from = plan.choices.findIndex((choice) => choice.engine === engine?.name);
      const left = from < 0 ? [] : plan.choices.slice(from);
      // A file that was exchanged while we run speaks under its own digest.
      keep(
        left.map((choice) => (choice.engine === engine?.name ? { ...choice, model: engine.model } : choice)),
        problem,
      );
    },
    strike(model) {
      const struck = plan.choices.find((choice) => choice.model === model);
      if (struck === undefined) return;
      const problem = `The model for ${struck.engine} ends the process that opens it: replace the file and restart.`;
      keep(
        plan.choices.filter((choice) => choice !== struck),
        problem,
      );
    },
  };

  function keep(choices: EnginePlan['choices'], problem = plan.problem): void {
    plan = problem === undefined ? { choices } : { choices, problem };
    noteProblem(problem);
  }

  /** One line in the log, however many children stumble over the same thing. */
  function noteProblem(problem: string | undefined): void {
    if (problem === undefined || problem === known) return;
    known = problem;
    log.warn({ problem, engine: plan.choices[0]?.engine ?? 'none' }, 'detection is not what was asked for');
  }
}
