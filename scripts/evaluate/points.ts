// What a calibration is fitted on: every detection that could be shown, and whether it was right.
import type { RawDetection } from '../../src/darkroom/engines/detector.ts';
import { bestOfSameBox, storedFrom } from '../../src/gallery/detection.ts';
import { judge, type Labelled, type Verdict } from './coco.ts';

export interface LabelledByName extends Labelled {
  readonly name: string;
}

export interface Point extends Verdict {
  /** Whose picture: detections of one picture are no independent witnesses. */
  readonly image: string;
}

/** At IoU 0.5; what lies in a crowd, is too difficult or of a label nobody looked for counts neither way. */
export function pointsOf(images: readonly LabelledByName[]): Point[] {
  return images.flatMap((image) => {
    const found = showable(image.found);
    const labels = [...new Set(found.map(({ label }) => label))].sort();
    return labels
      .flatMap((label) => judge([{ ...image, found }], label, 0.5).verdicts)
      .map((verdict) => ({ ...verdict, image: image.name }));
  });
}

/** How many things there were to find. */
export const wantedIn = (images: readonly Labelled[]): number =>
  images.reduce((sum, { truths }) => sum + truths.filter(({ ignored }) => !ignored).length, 0);

/** What is stored, and of several names for the very same box only the best: the gallery's own rules. */
export function showable(found: readonly RawDetection[]): RawDetection[] {
  const stored = found.filter(({ score }) => score >= storedFrom);
  return bestOfSameBox(stored.map((one) => ({ ...one, confidence: one.score })));
}
