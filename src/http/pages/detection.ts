// The page "What Sajin sees": which model looks, which there are, who looked at which photos. Plain strings; the template escapes them.
import { labelName } from '../../gallery/labels.ts';
import type { LabelTotal, ModelTotal } from '../../gallery/photo-database.ts';
import type { DarkroomStatus, ModelEntry } from '../../gallery/ports.ts';
import type { Rerun } from '../../gallery/rerun.ts';
import { failedPath, rerunPath } from '../links.ts';
import type { DetectionSettings } from '../parts.ts';
import type { Speech } from '../words.ts';
import { engineName, isChoosable, modelName, modelRow } from './models.ts';
import { lookOf, rerunHeading, sumText } from './rerun-words.ts';

export interface DetectionModel {
  readonly models: readonly ModelEntry[];
  readonly status: DarkroomStatus;
  readonly settings: DetectionSettings;
  readonly totals: readonly ModelTotal[];
  readonly labels: readonly LabelTotal[];
  readonly reruns: readonly Rerun[];
  readonly failed: number;
  /** The model whose bytes were found right just now. */
  readonly verified?: string | undefined;
  /** Why a file that somebody brought was not taken. */
  readonly refusal?: string | undefined;
}

export function detectionOf(model: DetectionModel, speech: Speech) {
  const { models, settings, labels, failed, refusal } = model;
  const { words, number } = speech;
  return {
    now: nowOf(model, speech),
    models: models.map((entry) => modelRow(entry, settings, speech, model.verified)),
    offline: settings.offline,
    refusal,
    ...seenOf(model, speech),
    labels: labels.map(({ label, photos }) => ({
      label,
      text: `${labelName(label, speech.language)} (${number(photos)})`,
    })),
    reruns: model.reruns.map((rerun) => rerunRow(rerun, models, speech)),
    work: workOf(settings, speech),
    failed:
      failed === 0
        ? undefined
        : { href: failedPath(), text: words.detection.failedLink(failed, number(failed)) },
  };
}

function nowOf({ models, status, settings }: DetectionModel, speech: Speech) {
  const t = speech.words.detection;
  const { engine, problem } = status;
  const entry = models.find(({ inUse }) => inUse);
  const chosen = models.find((one) => one.chosen && isChoosable(one, settings));
  return {
    name: engine === undefined ? t.nothingNow : modelName(models, engine.model, speech, engine.name),
    engine: engine === undefined ? '' : engineName(engine.name),
    isOff: engine === undefined,
    why: whyOf(settings, entry?.chosen === true, engine !== undefined, t),
    problem,
    mayLetSajin: chosen !== undefined,
  };
}

/** Who decided that this model looks. */
function whyOf(
  { detector, modelFile }: DetectionSettings,
  isChosen: boolean,
  isThere: boolean,
  t: Speech['words']['detection'],
): string {
  if (detector === 'off') return t.switchedOff('DETECTOR=off');
  if (modelFile !== undefined && (detector === 'auto' || detector === 'yolox'))
    return t.setBy(`MODEL_FILE=${modelFile}`);
  if (detector === 'yolox') return t.kindSetBy('DETECTOR=yolox');
  if (detector !== 'auto') return t.setBy(`DETECTOR=${detector}`);
  if (!isThere) return t.nothingNext;
  return isChosen ? t.chosenHere : t.chosenBySajin;
}

/** A row for each model that looked at photos, and one for all but the present one. */
function seenOf({ models, totals, status }: DetectionModel, speech: Speech) {
  const { words, number } = speech;
  const t = words.detection;
  const current = status.engine?.model;
  const others = totals.filter(({ model }) => model !== current);
  const photos = others.reduce((sum, one) => sum + one.photos, 0);
  return {
    canLook: current !== undefined,
    seen: totals.map(({ engine, model, photos }) => {
      const name = model === '' ? t.nobody : modelName(models, model, speech, engine);
      const shown = t.photos(photos, number(photos));
      return {
        name,
        photos: shown,
        // The same weights would see the same things again.
        isCurrent: model === current,
        model,
        spoken: t.lookAgainAt(name, shown),
      };
    }),
    // One alone has a button of its own.
    older: others.length > 1 ? t.older(photos, number(photos)) : undefined,
  };
}

function rerunRow(rerun: Rerun, models: readonly ModelEntry[], speech: Speech) {
  const { words, number, moment } = speech;
  const { id, state, seen, total, automatic } = rerun;
  const t = words.detection;
  const look = lookOf(rerun);
  return {
    href: rerunPath(id),
    heading: rerunHeading(rerun, models, speech),
    state: look,
    stateWord: words.reruns.states[look],
    when: [t.begun(moment(rerun.startedAt)), ...(automatic ? [t.automatic] : [])].join(' · '),
    sum: sumText(rerun, speech),
    progress:
      state === 'looking' || state === 'paused'
        ? {
            value: String(total === 0 ? 0 : Math.min(1, seen / total)),
            text: words.reruns.progress(number(seen), number(total)),
          }
        : undefined,
  };
}

/** What the environment says about how hard this machine may work, with the names of the settings. */
function workOf({ children, nice, rerunHours: hours }: DetectionSettings, { words, number }: Speech) {
  const t = words.detection;
  return [
    { icon: 'images', name: t.children, text: number(children), setting: 'DARKROOM_CHILDREN' },
    { icon: 'gauge', name: t.nice, text: t.niceValue(number(nice)), setting: 'DARKROOM_NICE' },
    {
      icon: 'clock',
      name: t.hours,
      text: hours === undefined ? t.anyHour : t.hoursValue(hourText(hours.from), hourText(hours.to)),
      setting: 'RERUN_HOURS',
    },
  ];
}

export const hourText = (hour: number) => `${hour}:00`;
