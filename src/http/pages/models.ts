// One model as its page shows it: how good, how large, what can be done with it now. Plain strings; the template escapes them.
import type { ModelEntry } from '../../gallery/ports.ts';
import { modelPath } from '../links.ts';
import type { DetectionSettings } from '../parts.ts';
import type { Speech } from '../words.ts';

export interface ModelRow {
  /** Of the element, so that a link can lead to it. */
  readonly id: string;
  readonly name: string;
  /** "YOLOX · 3.7 MB · sees 416 × 416 pixels". */
  readonly facts: string;
  readonly points?: { readonly value: string; readonly text: string } | undefined;
  readonly state: 'absent' | 'fetching' | 'present' | 'failed' | 'chosen' | 'inUse';
  readonly progress?: { readonly value?: string | undefined; readonly text: string } | undefined;
  /** One English sentence of the shelf, with address and path. */
  readonly problem?: string | undefined;
  readonly verified: boolean;
  readonly actions: ModelActions;
  readonly details: readonly { readonly name: string; readonly text: string; readonly href?: string }[];
}

/** Addresses to post to; absent for what makes no sense now. */
export interface ModelActions {
  readonly fetch?: string | undefined;
  readonly fetchText: string;
  readonly cancel?: string | undefined;
  readonly verify?: string | undefined;
  /** The query of the page that says afterwards that every byte is right. */
  readonly verified: string;
  readonly use?: string | undefined;
}

export function modelRow(
  entry: ModelEntry,
  settings: DetectionSettings,
  speech: Speech,
  verified: string | undefined,
): ModelRow {
  const { name, state, publishedMap } = entry;
  const points = publishedMap === undefined ? undefined : speech.number(publishedMap * 100, 1);
  return {
    id: modelElement(name),
    name,
    facts: factsOf(entry, speech),
    points:
      points === undefined || publishedMap === undefined
        ? undefined
        : {
            value: String(Math.round(publishedMap * 1000) / 10),
            text: speech.words.detection.points(points),
          },
    state: stateOf(entry),
    progress: progressOf(entry, speech),
    problem: state.kind === 'failed' ? state.problem : undefined,
    verified: verified === name && state.kind === 'present',
    actions: actionsOf(entry, settings, speech),
    details: detailsOf(entry, speech),
  };
}

/** The id of the element that shows a model, from which a name can't be told apart from any other text: names may hold anything. */
export const modelElement = (name: string) => `model-${encodeURIComponent(name)}`;

/** A model by its name where that is known, else by its first digits. */
export function modelName(
  models: readonly ModelEntry[],
  digest: string,
  speech: Speech,
  engine?: string,
): string {
  const known = models.find(({ sha256 }) => sha256 !== undefined && sha256 === digest);
  if (known !== undefined) return known.name;
  const short = digest.slice(0, 8);
  return engine === undefined ? short : speech.words.detection.unknownModel(engineName(engine), short);
}

export const engineName = (engine: string) =>
  ({ yolox: 'YOLOX', 'coco-ssd': 'COCO-SSD', centernet: 'CenterNet' })[engine] ?? engine;

/** May somebody choose this one on the page, or do the settings leave no choice? */
export function isChoosable({ engine }: Pick<ModelEntry, 'engine'>, settings: DetectionSettings): boolean {
  if (settings.modelFile !== undefined) return false;
  return settings.detector === 'auto' || (settings.detector === 'yolox' && engine === 'yolox');
}

function factsOf({ engine, origin, bytes, inputSize, licence }: ModelEntry, speech: Speech): string {
  const { detection: t } = speech.words;
  return [
    engineName(engine),
    origin === 'built-in' ? t.builtIn : origin === 'imported' ? t.imported : undefined,
    bytes === undefined ? undefined : speech.bytes(bytes),
    inputSize === undefined ? undefined : t.pixels(speech.number(inputSize)),
    licence,
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}

function stateOf({ state, inUse, chosen }: ModelEntry): ModelRow['state'] {
  if (state.kind === 'fetching' || state.kind === 'failed') return state.kind;
  if (inUse) return 'inUse';
  return chosen ? 'chosen' : state.kind;
}

function progressOf({ state }: ModelEntry, speech: Speech): ModelRow['progress'] {
  if (state.kind !== 'fetching') return undefined;
  const { bytes, of } = state;
  if (of === undefined || of === 0) return { text: speech.bytes(bytes) };
  return {
    value: String(Math.min(1, bytes / of)),
    text: speech.words.detection.of(speech.bytes(bytes), speech.bytes(of)),
  };
}

function actionsOf(entry: ModelEntry, settings: DetectionSettings, speech: Speech): ModelActions {
  const { name, state, origin, bytes, inUse, url } = entry;
  const t = speech.words.detection;
  const isThere = state.kind === 'present' || (state.kind === 'failed' && state.present);
  const mayFetch = url !== undefined && !settings.offline && ['absent', 'failed'].includes(state.kind);
  const post = (verb: string) => `${modelPath(name)}/${verb}`;
  return {
    fetch: mayFetch ? post('fetch') : undefined,
    fetchText:
      state.kind === 'failed'
        ? t.fetchAgain
        : bytes === undefined
          ? t.fetch
          : t.fetchSize(speech.bytes(bytes)),
    cancel: state.kind === 'fetching' ? post('cancel') : undefined,
    // What comes with the packages was checked by whoever installed them.
    verify: isThere && origin !== 'built-in' ? post('verify') : undefined,
    verified: new URLSearchParams({ verified: name }).toString(),
    use: state.kind === 'present' && !inUse && isChoosable(entry, settings) ? post('use') : undefined,
  };
}

function detailsOf({ url, path, sha256 }: ModelEntry, { words }: Speech): ModelRow['details'] {
  const t = words.detection;
  return [
    ...(url === undefined ? [] : [{ name: t.address, text: url, href: url }]),
    { name: t.path, text: path },
    ...(sha256 === undefined ? [] : [{ name: t.digest, text: sha256 }]),
  ];
}
