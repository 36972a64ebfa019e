// Models and re-runs as JSON, as docs/api.md describes them. Adding a member is fine; renaming or removing one is not.
import { labelName } from '../gallery/labels.ts';
import type { ModelEntry } from '../gallery/ports.ts';
import type { Difference, Rerun, RerunPhoto } from '../gallery/rerun.ts';
import { detectionPath, photoPath, rerunPath } from './links.ts';
import type { DetectionModel } from './pages/detection.ts';
import { modelElement } from './pages/models.ts';
import type { RerunModel } from './pages/reruns.ts';
import { reasonOf, type Speech } from './words.ts';

export function modelJson({ state, ...entry }: ModelEntry) {
  return {
    ...entry,
    state: state.kind,
    ...(state.kind === 'fetching' ? { progress: { bytes: state.bytes, of: state.of } } : {}),
    ...(state.kind === 'failed' ? { problem: state.problem } : {}),
    isHere: state.kind === 'present' || (state.kind === 'failed' && state.present),
    links: { self: `${detectionPath}#${modelElement(entry.name)}` },
  };
}

export function detectionJson(model: DetectionModel, speech: Speech) {
  const { status, settings, models, totals, reruns, failed } = model;
  return {
    ...(status.engine === undefined ? {} : { engine: status.engine }),
    ...(status.problem === undefined ? {} : { problem: status.problem }),
    settings,
    models: models.map(modelJson),
    photos: totals,
    reruns: reruns.map((rerun) => rerunJson(rerun, models, speech)),
    failed,
  };
}

export function rerunJson(rerun: Rerun, models: readonly ModelEntry[], speech: Speech) {
  const { scope, threshold, startedAt, ...rest } = rerun;
  const name = models.find(({ sha256 }) => sha256 === rerun.model)?.name;
  return {
    ...rest,
    scope:
      scope.kind === 'label'
        ? { kind: scope.kind, label: scope.label, name: labelName(scope.label, speech.language) }
        : scope,
    threshold: { all: threshold.all, labels: Object.fromEntries(threshold.labels) },
    startedAt: startedAt.toISOString(),
    ...(name === undefined ? {} : { modelName: name }),
    links: { self: rerunPath(rerun.id), everything: rerunPath(rerun.id, { all: true }) },
  };
}

export function rerunPageJson(
  { rerun, models, page, all, waitsFor }: RerunModel,
  speech: Speech,
  limit: number,
) {
  const next =
    page.next === undefined
      ? {}
      : { next: withLimit(rerunPath(rerun.id, { all, before: page.next }), limit) };
  return {
    ...rerunJson(rerun, models, speech),
    ...(waitsFor === undefined ? {} : { waitsFor }),
    photos: page.photos.map((photo) => seenJson(photo, speech)),
    ...next,
  };
}

function seenJson({ photo, differences, applied, failure }: RerunPhoto, speech: Speech) {
  const { id, title } = photo;
  return {
    id,
    title,
    applied,
    ...(failure === undefined ? {} : { reason: reasonOf(failure, speech.language) }),
    differences: differences.map((one) => differenceJson(one, speech)),
    links: { self: photoPath(id) },
  };
}

const differenceJson = (difference: Difference, { language }: Speech) => ({
  ...difference,
  name: labelName(difference.label, language),
  ...(difference.kind === 'changed' ? { wasName: labelName(difference.was, language) } : {}),
});

const withLimit = (path: string, limit: number) => `${path}&limit=${limit}`;
