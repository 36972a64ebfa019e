// How a re-run that goes on is told of to open pages.
import type { EventHub } from './ports.ts';
import type { Rerun, RerunId } from './rerun.ts';

const tellEveryMs = 500;

/** Sixty photos a second are looked at; a page needs to hear of two. A change of state is told at once, the last news always. */
export function throttledTeller(events: EventHub): (rerun: Pick<Rerun, 'id' | 'state'>) => void {
  const told = new Map<RerunId, { state: Rerun['state']; at: number; later?: NodeJS.Timeout }>();
  const publish = (id: RerunId, state: Rerun['state']) => {
    clearTimeout(told.get(id)?.later);
    if (state === 'done' || state === 'cancelled') told.delete(id);
    else told.set(id, { state, at: performance.now() });
    events.publish({ kind: 'rerun-changed', id });
  };
  return ({ id, state }) => {
    const last = told.get(id);
    const restMs = last?.state === state ? last.at + tellEveryMs - performance.now() : 0;
    if (last === undefined || restMs <= 0) publish(id, state);
    else last.later ??= setTimeout(() => publish(id, state), restMs).unref();
  };
}
