// `sajin redetect`: photos are looked at again from the command line, with what would change first. Asks the server that runs, or opens the
// gallery itself; either way over the same addresses as the page, so that both always agree.
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ConfigError, readConfig } from '../config.ts';
import { GalleryError } from '../gallery/errors.ts';
import { labelFrom } from '../gallery/labels.ts';
import { type Command, configFault, UsageError } from './command.ts';
import { type GalleryClient, GalleryRefused, openGalleryClient } from './gallery-client.ts';
import {
  countLabels,
  type DifferenceJson,
  type LabelCounts,
  openRerunProgress,
  type RerunJson,
  reportOf,
} from './rerun-report.ts';

export const redetect: Command = {
  usage: `redetect [--older]       look again at what an older model saw, and say what would change
redetect --photo ID | --label LABEL | --model NAME|DIGEST
                         the same for one photo, a label, what one model saw
         [--apply]       put the result into the photos without asking; [--json] say it as JSON
redetect --apply-rerun N put an earlier result into the photos
redetect --resume N      go on with what was paused; Ctrl-C pauses`,
  async run(args) {
    const wish = wishIn(args);
    try {
      const config = readConfig();
      const client = await openGalleryClient(config);
      complain(client.isOwn ? `Opened ${config.uploadsDir}` : `Asking the gallery at ${client.url}`);
      try {
        return await work(client, wish);
      } finally {
        await client.close();
      }
    } catch (error) {
      if (error instanceof ConfigError) {
        complain(`Some settings can't be used:\n${error.message}`);
        return configFault;
      }
      if (!(error instanceof GalleryRefused)) throw error;
      // The gallery speaks of addresses there.
      complain(error.code === 'not-found' ? notThere(wish) : error.message);
      return 1;
    }
  },
};

const notThere = ({ action }: Wish) =>
  action.kind === 'start'
    ? `There is no photo with the id ${action.value}.`
    : `Nothing that was looked at again has the number ${action.id}.`;

type Scope = 'photo' | 'label' | 'model' | 'older';

interface Wish {
  readonly action:
    | { readonly kind: 'start'; readonly scope: Scope; readonly value: string; readonly approved: boolean }
    | { readonly kind: 'apply' | 'resume'; readonly id: string };
  readonly json: boolean;
}

/** @throws UsageError unless it is one thing that is wanted */
function wishIn(args: readonly string[]): Wish {
  const { values } = parseArgs({
    args: [...args],
    options: {
      photo: { type: 'string' },
      label: { type: 'string' },
      model: { type: 'string' },
      older: { type: 'boolean' },
      apply: { type: 'boolean', default: false },
      'apply-rerun': { type: 'string' },
      resume: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const { photo, label, model, older, apply: approved, 'apply-rerun': applied, resume, json } = values;
  const start = (scope: Scope, value: string | undefined) =>
    value === undefined ? [] : [{ kind: 'start' as const, scope, value, approved }];
  const earlier = (kind: 'apply' | 'resume', id: string | undefined) =>
    id === undefined ? [] : [{ kind, id: numberIn(id) }];
  const wanted = [
    ...start('photo', photo),
    ...start('label', label === undefined ? undefined : knownLabel(label)),
    ...start('model', model),
    ...start('older', older === true ? '1' : undefined),
    ...earlier('apply', applied),
    ...earlier('resume', resume),
  ];
  const [action = { kind: 'start', scope: 'older', value: '1', approved } as const, more] = wanted;
  if (more !== undefined)
    throw new UsageError('Choose one: a photo, a label, a model, --older, or an earlier one.');
  if (action.kind !== 'start' && approved) throw new UsageError('--apply is for what begins now.');
  return { action, json };
}

function numberIn(text: string): string {
  if (/^[1-9]\d{0,14}$/.test(text)) return text;
  throw new UsageError(`${text} is no number of something that was looked at again.`);
}

/** "Dogs" and "개" are `dog`, as on the page. */
function knownLabel(text: string): string {
  try {
    return labelFrom(text);
  } catch (error) {
    throw error instanceof GalleryError ? new UsageError(error.message) : error;
  }
}

async function work(client: GalleryClient, { action, json }: Wish): Promise<number> {
  const begun = await begin(client, action);
  const rerun = summaryOf(await watch(client, begun));
  const labels = await readLabels(client, rerun);
  const page = client.isOwn ? undefined : `${client.url}/reruns/${rerun.id}`;
  say(json ? `${JSON.stringify({ ...rerun, labels }, undefined, 2)}\n` : reportOf(rerun, labels, page));
  return isOver(rerun) && rerun.state !== 'cancelled' ? 0 : 1;
}

/** Without the page of photos that the address answers, too. */
function summaryOf(rerun: RerunJson & { readonly photos?: unknown; readonly next?: unknown }): RerunJson {
  const { photos: _photos, next: _next, ...summary } = rerun;
  return summary;
}

async function begin(client: GalleryClient, action: Wish['action']): Promise<RerunJson> {
  if (action.kind !== 'start') return await client.post(`/reruns/${action.id}/${action.kind}`);
  const { scope, approved } = action;
  const value = scope === 'model' ? await findModel(client, action.value) : action.value;
  return await client.post('/reruns', { [scope]: value, ...(approved ? { approved: '1' } : {}) });
}

/** By its name, its digest, or the first digits of that among what looked at photos. */
async function findModel(client: GalleryClient, text: string): Promise<string> {
  if (text === '' || /^[0-9a-f]{64}$/.test(text)) return text;
  const { models, photos } = await client.get<{
    models: readonly { readonly name: string; readonly sha256?: string }[];
    photos: readonly { readonly model: string }[];
  }>('/detection');
  const named = models.find(({ name }) => name === text)?.sha256;
  if (named !== undefined) return named;
  const [only, more] = /^[0-9a-f]{4,}$/.test(text)
    ? photos.filter(({ model }) => model.startsWith(text))
    : [];
  if (only !== undefined && more === undefined) return only.model;
  throw new GalleryRefused(`No model called ${text} is here or looked at photos; see: sajin models list`);
}

const watchEveryMs = 250;

/** Until it is over or Ctrl-C pauses it; a second Ctrl-C ends this command at once and leaves it going on. */
async function watch(client: GalleryClient, begun: RerunJson): Promise<RerunJson> {
  const progress = openRerunProgress(process.stderr);
  let isInterrupted = false;
  const interrupt = () => {
    isInterrupted = true;
  };
  for (const signal of signals) process.once(signal, interrupt);
  let rerun = begun;
  const told = new Set<string>();
  try {
    while (!isOver(rerun)) {
      progress.show(rerun);
      tellOnce(told, rerun);
      await pause(watchEveryMs);
      // What has just ended can't be paused; its end is the answer then.
      if (isInterrupted) await client.post(`/reruns/${rerun.id}/pause`).catch(() => undefined);
      rerun = await client.get<RerunJson>(`/reruns/${rerun.id}?limit=1`);
      if (isInterrupted) return rerun;
    }
    progress.show(rerun);
    return rerun;
  } finally {
    progress.end();
    for (const signal of signals) process.off(signal, interrupt);
  }
}

const signals = ['SIGINT', 'SIGTERM'] as const;

function tellOnce(told: Set<string>, { state, waitsFor }: RerunJson): void {
  const tell = (what: string, text: string) => {
    if (told.has(what)) return;
    told.add(what);
    complain(text);
  };
  if (state === 'paused') tell('paused', 'It is paused on the page; waiting until somebody goes on there.');
  else if (waitsFor !== undefined)
    tell(
      'hours',
      `This machine looks again from ${waitsFor.from}:00 to ${waitsFor.to}:00 only (RERUN_HOURS); waiting.`,
    );
}

const isOver = ({ state, approved }: RerunJson) =>
  state === 'done' || state === 'cancelled' || (state === 'ready' && !approved);

interface SeenPage {
  readonly photos: readonly { readonly differences: readonly DifferenceJson[] }[];
  readonly next?: string;
}

async function readLabels(client: GalleryClient, { id }: RerunJson): Promise<LabelCounts> {
  const differences: DifferenceJson[] = [];
  for (let path: string | undefined = `/reruns/${id}?limit=200`; path !== undefined; ) {
    const page: SeenPage = await client.get<SeenPage>(path);
    differences.push(...page.photos.flatMap((photo) => photo.differences));
    path = page.next;
  }
  return countLabels(differences);
}

const say = (text: string) => process.stdout.write(text);
const complain = (text: string) => process.stderr.write(`${text}\n`);
