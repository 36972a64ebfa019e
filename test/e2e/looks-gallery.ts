// A made-up gallery for looking at the pages: photos as the domain knows them, with real renditions. Stores nothing on disk.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { labelsOf } from '../../src/gallery/detection.ts';
import {
  type Box,
  type ChangeId,
  type Detection,
  type DetectionId,
  type Photo,
  type PhotoId,
  type Rendition,
  renditionSizes,
  type Sha256,
} from '../../src/gallery/photo.ts';
import { renditionPath } from '../../src/http/links.ts';
import { type Scene, scenes } from './scenes.ts';

export interface LooksGallery {
  /** Newest first. */
  readonly photos: readonly Photo[];
  /** Address of a rendition or original -> its bytes and type. */
  readonly media: ReadonlyMap<string, { bytes: Buffer; type: string }>;
}

export type Language = 'en' | 'ko';

const now = Date.UTC(2026, 10, 20, 3, 30);
const hour = 3_600_000;

/** @param folder a folder of photographs with `expected.json` beside them, instead of the drawn scenes. */
export async function openLooksGallery(language: Language, folder?: string): Promise<LooksGallery> {
  const sources = folder === undefined ? drawn(language) : photographs(folder);
  const media = new Map<string, { bytes: Buffer; type: string }>();
  const photos: Photo[] = [];
  for (const [index, source] of sources.entries()) photos.push(await develop(source, index, media));
  return { photos, media };
}

interface Source {
  readonly title: string;
  readonly picture: Buffer;
  readonly detections: readonly Found[];
  readonly camera?: string;
}

interface Found {
  readonly label: string;
  /** 0..1, as if it were calibrated already. */
  readonly score: number;
  readonly box: Box;
}

const drawn = (language: Language): Source[] =>
  scenes.map((scene: Scene) => ({
    title: scene.title[language],
    picture: Buffer.from(scene.svg),
    detections: scene.found.map(([label, score, x, y, width, height]) => ({
      label,
      score,
      box: { x, y, width, height },
    })),
    camera: 'Pixel 9 Pro',
  }));

interface Expected {
  readonly label: string;
  readonly score: number;
  readonly bbox: readonly [number, number, number, number];
}

function photographs(folder: string): Source[] {
  const expected: Record<string, Record<string, Expected[]>> = JSON.parse(
    readFileSync(join(folder, 'expected.json'), 'utf8'),
  );
  return Object.entries(expected).map(([name, bySize], index) => {
    const picture = readFileSync(join(folder, '..', name));
    const found = bySize['416'] ?? [];
    return {
      title: index % 3 === 0 ? '' : (name.split('/')[1] ?? '').replace(/_.*|\..*/, ''),
      picture,
      detections: found.map(({ label, score, bbox: [x, y, width, height] }) => ({
        label,
        score,
        box: { x, y, width, height },
      })),
    };
  });
}

async function develop(
  source: Source,
  index: number,
  media: Map<string, { bytes: Buffer; type: string }>,
): Promise<Photo> {
  const original = await sharp(source.picture).rotate().jpeg({ quality: 88 }).toBuffer();
  const { width, height } = await sharp(original).metadata();
  const id = `019a9f00-0000-7000-8000-${String(999_999_999_999 - index)}` as PhotoId;
  const sha256 = digest(original);
  const renditions: Rendition[] = [];
  for (const size of renditionSizes) {
    const { data, info } = await sharp(original)
      .resize(size, size, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 80 })
      .toBuffer({ resolveWithObject: true });
    const rendition = {
      size,
      width: info.width,
      height: info.height,
      bytes: data.length,
      sha256: digest(data),
    };
    renditions.push(rendition);
    media.set(renditionPath(id, rendition), { bytes: data, type: 'image/webp' });
  }
  media.set(`/media/${id}/original`, { bytes: original, type: 'image/jpeg' });
  const tiny = await sharp(original).resize(12, 12, { fit: 'inside' }).webp({ quality: 40 }).toBuffer();
  const detections = saidBy(inFractions(source.detections, width, height), index);
  return {
    id,
    title: source.title,
    state: 'done',
    width,
    height,
    uploadedAt: new Date(now - dayOf(index) * 24 * hour - index * 60_000),
    placeholder: tiny.toString('base64'),
    renditions,
    labels: labelsOf(detections),
    version: 3,
    bytes: original.length,
    type: 'image/jpeg',
    sha256,
    takenAt: '2026-11-20T10:12:00',
    ...(source.camera === undefined ? {} : { camera: source.camera }),
    engine: { engine: 'yolox', model: 'c789161ed43c8269', tookMs: 24 },
    detections,
    rejections:
      index === 0
        ? [
            {
              id: 'p9' as DetectionId,
              label: 'boat',
              box: { x: 0.1, y: 0.6, width: 0.2, height: 0.1 },
              at: new Date(now - 26 * hour),
              change: 3 as ChangeId,
            },
            { id: 'p8' as DetectionId, label: 'cow', at: new Date(now - 50 * hour), change: 2 as ChangeId },
          ]
        : [],
    ...(index === 0
      ? {
          lastChange: {
            id: 4 as ChangeId,
            kind: 'confirm',
            label: 'bicycle',
            at: new Date(now + 26 * 60_000),
          } as const,
        }
      : {}),
  };
}

/** An engine found everything; in the first photo a person confirmed the bicycle and saw something without saying where. */
function saidBy(found: readonly Found[], index: number): Detection[] {
  const person = { by: 'person', at: new Date(now) } as const;
  const detections = found.map(
    ({ label, score, box }, at): Detection =>
      index === 0 && label === 'bicycle'
        ? { id: `p${at + 1}` as DetectionId, label, box, confidence: 100, origin: person }
        : {
            id: `e${at + 1}` as DetectionId,
            label,
            box,
            score,
            confidence: Math.round(score * 100),
            origin: { by: 'engine', engine: 'yolox', model: 'c789161ed43c8269' },
          },
  );
  const unboxed = { id: 'p7' as DetectionId, label: '노을', confidence: 100, origin: person };
  return (index === 0 ? [...detections, unboxed] : detections).sort((a, b) => b.confidence - a.confidence);
}

// Photographs come with boxes in pixels, drawn scenes with fractions.
const inFractions = (detections: readonly Found[], width: number, height: number) =>
  detections.map((one) =>
    one.box.width <= 1
      ? one
      : {
          ...one,
          box: {
            x: one.box.x / width,
            y: one.box.y / height,
            width: one.box.width / width,
            height: one.box.height / height,
          },
        },
  );

const dayOf = (index: number) => (index < 7 ? 0 : index < 12 ? 1 : index < 14 ? 3 : index < 16 ? 4 : 9);

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex') as Sha256;
