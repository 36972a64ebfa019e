// What every engine promises. An engine sees pixels and says boxes; it never sees a file of a visitor, a row or a network.
import type { Box } from '../../gallery/photo.ts';

/** Upright 8-bit RGB pixels, row by row, three bytes each. */
export interface RgbImage {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Each has a file of its own in this folder. */
export const engineNames = ['yolox', 'coco-ssd', 'centernet'] as const;
export type EngineName = (typeof engineNames)[number];

export interface RawDetection {
  /** One of `cocoLabels`. */
  readonly label: string;
  /** 0..1, as the model said it. */
  readonly score: number;
  /** Fractions of the picture that was given. */
  readonly box: Box;
}

export interface DetectorOptions {
  /** Nothing below this score is said; `storedFrom` unless told. Only an evaluation asks for less. */
  readonly minScore?: number;
}

/**
 * - Says at most 100 boxes, best score first, each clipped to 0..1 and with an area; no two of one label overlap much.
 * - An empty picture gives an empty list, never an error. Any size >= 1x1 is fine: the engine scales by itself.
 * - May be called again before it has answered; the answers are those of one call after the other.
 * - Rejects with the signal's reason when that is aborted, at the latest after the step that is running.
 * - `close` frees the model, twice is fine; `detect` rejects afterwards.
 */
export interface Detector {
  readonly engine: string;
  /** SHA-256 of the weights, 64 lower-case hex digits. */
  readonly model: string;
  /** One English sentence when it runs in another way than it would like to: why. */
  readonly note?: string;
  /** Pixels of the longest edge beyond which it sees no more; it scales whatever it is given. Absent when it can't say. */
  readonly inputEdge?: number;
  detect(image: RgbImage, signal?: AbortSignal): Promise<RawDetection[]>;
  close(): Promise<void>;
}

export const maxDetections = 100;
