// A made-up gallery for looking at the pages: photos as the domain knows them, with real renditions. Stores nothing on disk.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { summarise } from '../../src/gallery/detection.ts';
import {
  type Detection,
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
  readonly detections: readonly Detection[];
  readonly camera?: string;
}

const drawn = (language: Language): Source[] =>
  scenes.map((scene: Scene) => ({
    title: scene.title[language],
    picture: Buffer.from(scene.svg),
    detections: scene.found.map(([label, score, x, y, width, height]) => ({
      label,
      score,
      box: { x, y, width, height },
      origin: { by: 'engine', engine: 'yolox', model: 'c789161ed43c8269' },
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
        origin: { by: 'engine' as const, engine: 'yolox', model: 'c789161ed43c8269' },
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
  const detections = inFractions(source.detections, width, height);
  return {
    id,
    title: source.title,
    state: 'done',
    width,
    height,
    uploadedAt: new Date(now - dayOf(index) * 24 * hour - index * 60_000),
    placeholder: tiny.toString('base64'),
    renditions,
    labels: summarise(detections),
    version: 3,
    bytes: original.length,
    type: 'image/jpeg',
    sha256,
    takenAt: '2026-11-20T10:12:00',
    ...(source.camera === undefined ? {} : { camera: source.camera }),
    engine: { engine: 'yolox', model: 'c789161ed43c8269', tookMs: 24 },
    detections,
  };
}

// Photographs come with boxes in pixels, drawn scenes with fractions.
const inFractions = (detections: readonly Detection[], width: number, height: number) =>
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
