// The page "What Sajin sees" and its JSON: which model looks, which there are, who looked at which photos, and what was looked at again.
import type { RequestHandler } from 'express';
import { type Asking, askedBy, queryText } from '../asking.ts';
import { withMenu } from '../menu.ts';
import type { DetectionModel } from '../pages/detection.ts';
import type { HttpParts } from '../parts.ts';
import { detectionJson } from '../rerun-json.ts';

export function showDetection(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const asking = askedBy(parts, request);
    response.vary('Accept').vary('Accept-Language').vary('Cookie').set('Cache-Control', 'private, no-cache');
    if (asking.json) response.json(detectionJson(await readDetection(parts, asking), asking.speech));
    else response.send(await renderDetection(parts, asking, { verified: queryText(request, 'verified') }));
  };
}

export async function renderDetection(
  parts: HttpParts,
  asking: Asking,
  more: Pick<DetectionModel, 'verified' | 'refusal'>,
): Promise<string> {
  const [context, model] = await Promise.all([withMenu(parts, asking), readDetection(parts, asking)]);
  return parts.views.detection(context, { ...model, ...more });
}

export async function readDetection(
  { models, photos, reruns, darkroom, settings }: HttpParts,
  { viewer, threshold }: Asking,
): Promise<DetectionModel> {
  const [entries, totals, labels, all, failed] = await Promise.all([
    models.list(),
    photos.listModels(viewer),
    photos.listLabels(viewer, threshold),
    reruns.listReruns(viewer),
    photos.countFailed(viewer),
  ]);
  return { models: entries, status: darkroom.status(), settings, totals, labels, reruns: all, failed };
}
