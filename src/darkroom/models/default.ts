// The model that comes by itself: where nobody said otherwise, the smallest YOLOX is fetched while the built-in already works.
import type { ModelEntry } from '../../gallery/ports.ts';
import type { Log } from '../../log.ts';
import type { EngineWish } from './plan.ts';
import type { OpenShelf } from './shelf.ts';

export const defaultModel = 'yolox-nano';

export interface DefaultRule extends Pick<EngineWish, 'detector' | 'modelFile'> {
  readonly offline: boolean;
}

export interface DefaultOptions extends DefaultRule {
  readonly log: Log;
  /** After a download that failed; six hours unless told. */
  readonly retryMs?: number;
}

/**
 * Only with `auto`, never where OFFLINE forbids it, where somebody named a file or chose a model, or where there is a YOLOX model
 * already. A file that is not what its name promises counts as one: it may be somebody's own, and a download would replace it.
 */
export function wantsDefault(
  { detector, modelFile, offline }: DefaultRule,
  models: readonly ModelEntry[],
): boolean {
  if (detector !== 'auto' || offline || modelFile !== undefined) return false;
  const isSomebodys = ({ chosen, engine, state }: ModelEntry) =>
    chosen || (engine === 'yolox' && state.kind !== 'absent' && state.kind !== 'fetching');
  return !models.some(isSomebodys);
}

/**
 * Fetches it in the background, and tries again later when that fails; the shelf says why in the log. Returns its end, which leaves
 * a running download to `shelf.close`.
 */
export function startDefault(shelf: OpenShelf, options: DefaultOptions): () => void {
  const { log, retryMs = sixHoursMs } = options;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const attempt = async (): Promise<void> => {
    log.info({ model: defaultModel }, 'no YOLOX model is here: one is fetched, the built-in looks meanwhile');
    await shelf.fetch(defaultModel);
    await shelf.ended(defaultModel);
    const state = (await shelf.list()).find(({ name }) => name === defaultModel)?.state.kind;
    // Present: done. Absent: somebody stopped it, and meant it.
    if (!isOver && (state === 'failed' || state === 'fetching')) later();
  };
  const again = async (): Promise<void> => {
    const models = await shelf.list();
    const own = models.filter(({ name }) => name !== defaultModel);
    const isHere = models.some(({ name, state }) => name === defaultModel && state.kind === 'present');
    if (!isOver && !isHere && wantsDefault(options, own)) await attempt();
  };
  const first = async (): Promise<void> => {
    if (wantsDefault(options, await shelf.list()) && !isOver) await attempt();
  };
  const later = () => {
    timer = setTimeout(() => void quietly(again), retryMs).unref();
  };
  const quietly = (work: () => Promise<void>) =>
    work().catch((error: unknown) => log.warn({ err: error }, 'the model that comes by itself did not come'));
  void quietly(first);
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}

const sixHoursMs = 6 * 60 * 60 * 1000;
