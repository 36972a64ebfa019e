// Photos as the domain knows them, made up on the spot, for tests of what is shown. No picture belongs to them.
import type { Detection, DetectionId, Photo, PhotoId, Sha256 } from '../../src/gallery/photo.ts';

export const pretendId = (number: number) =>
  `019a9f00-0000-7000-8000-${String(number).padStart(12, '0')}` as PhotoId;

const sha256 = (digit: string) => digit.repeat(64) as Sha256;

export function pretendDetection(label: string, confidence: number, x = 0.25, y = 0.5): Detection {
  return {
    id: `e${label.length * 1000 + confidence}` as DetectionId,
    label,
    confidence,
    score: confidence / 100,
    box: { x, y, width: 0.25, height: 0.125 },
    origin: { by: 'engine', engine: 'yolox', model: sha256('e') },
  };
}

/** A developed photo of 4000 x 3000 with two people and a dog, unless said otherwise. */
export function pretendPhoto(number: number, changes: Partial<Photo> = {}): Photo {
  return {
    id: pretendId(number),
    title: `Photo ${number}`,
    state: 'done',
    width: 4000,
    height: 3000,
    uploadedAt: new Date(2026, 10, 20, 9, 30),
    // As long as a real one: a WebP of a dozen pixels.
    placeholder: 'A'.repeat(160),
    renditions: [
      { size: 320, width: 320, height: 240, bytes: 9_000, sha256: sha256('a') },
      { size: 800, width: 800, height: 600, bytes: 40_000, sha256: sha256('b') },
      { size: 1600, width: 1600, height: 1200, bytes: 130_000, sha256: sha256('c') },
    ],
    labels: [
      { label: 'person', confidences: [91, 80] },
      { label: 'dog', confidences: [55] },
      { label: 'cat', confidences: [20] },
    ],
    version: 7,
    bytes: 4_200_000,
    type: 'image/jpeg',
    sha256: sha256('d'),
    takenAt: '2026-11-19T23:50:00',
    camera: 'Pixel 9',
    engine: { engine: 'yolox', model: sha256('e'), tookMs: 24 },
    detections: [
      pretendDetection('person', 91, 0.1),
      pretendDetection('person', 80, 0.6),
      pretendDetection('dog', 55),
      pretendDetection('cat', 20),
    ],
    rejections: [],
    ...changes,
  };
}
