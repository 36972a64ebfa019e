// Made-up models, re-runs and failed photos for looking at the pages around detection. Keeps everything in memory.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Box, PhotoCard, PhotoId, Rendition, Sha256 } from '../../src/gallery/photo.ts';
import { renditionSizes } from '../../src/gallery/photo.ts';
import type { ModelEntry } from '../../src/gallery/ports.ts';
import type { Difference, Rerun, RerunId, RerunPhoto } from '../../src/gallery/rerun.ts';
import { renditionPath } from '../../src/http/links.ts';
import { scenes } from './scenes.ts';

export type Media = Map<string, { bytes: Buffer; type: string }>;

interface Source {
  readonly title: string;
  readonly picture: Buffer;
  readonly found: readonly { readonly label: string; readonly box: Box }[];
}

/** @param folder of photographs with `expected.json`, instead of the drawn scenes. */
export async function openSources(language: 'en' | 'ko', folder?: string): Promise<Source[]> {
  if (folder === undefined)
    return scenes.map(({ title, svg, found }) => ({
      title: title[language],
      picture: Buffer.from(svg),
      found: found.map(([label, , x, y, width, height]) => ({ label, box: { x, y, width, height } })),
    }));
  type Expected = { label: string; bbox: [number, number, number, number] };
  const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Record<
    string,
    Record<string, Expected[]>
  >;
  return Promise.all(
    Object.entries(expected)
      .slice(0, 10)
      .map(async ([name, bySize]) => {
        const picture = readFileSync(join(folder, '..', name));
        const { width, height } = await sharp(await sharp(picture).rotate().toBuffer()).metadata();
        return {
          title: '',
          picture,
          found: (bySize['416'] ?? []).map(({ label, bbox: [x, y, w, h] }) => ({
            label,
            box: { x: x / width, y: y / height, width: w / width, height: h / height },
          })),
        };
      }),
  );
}

export async function developed(source: Source, index: number, media: Media): Promise<PhotoCard> {
  const original = await sharp(source.picture).rotate().jpeg({ quality: 88 }).toBuffer();
  const { width, height } = await sharp(original).metadata();
  const id = `019a9f00-0000-7000-8000-${String(999_999_999_999 - index)}` as PhotoId;
  const renditions: Rendition[] = [];
  for (const size of renditionSizes) {
    const { data, info } = await sharp(original)
      .resize(size, size, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 80 })
      .toBuffer({ resolveWithObject: true });
    const sha256 = createHash('sha256').update(data).digest('hex') as Sha256;
    const rendition = { size, width: info.width, height: info.height, bytes: data.length, sha256 };
    renditions.push(rendition);
    media.set(renditionPath(id, rendition), { bytes: data, type: 'image/webp' });
  }
  const tiny = await sharp(original).resize(12, 12, { fit: 'inside' }).webp({ quality: 40 }).toBuffer();
  return {
    id,
    title: source.title,
    state: 'done',
    width,
    height,
    uploadedAt: new Date(Date.UTC(2026, 10, 20, 3, 30) - index * 3_600_000),
    placeholder: tiny.toString('base64'),
    renditions,
    labels: source.found.map(({ label }) => ({ label, confidences: [90] })),
  };
}

/** What looking again might say about the photos: found, lost and renamed in turn, one failure, some the same. */
export function seenPhotos(photos: readonly PhotoCard[], sources: readonly Source[]): RerunPhoto[] {
  return photos.map((photo, index) => {
    const found = sources[index]?.found ?? [];
    if (index === 4) return { photo, differences: [], applied: false, failure: { code: 'timed-out' } };
    const differences = found.slice(0, index === 0 ? 3 : 8).map(({ label, box }, at): Difference => {
      const kind = (['found', 'lost', 'changed'] as const)[(index + at) % 3] ?? 'found';
      return kind === 'changed'
        ? { kind, label, was: label === 'cat' ? 'dog' : 'cat', box }
        : { kind, label, box };
    });
    return { photo, differences, applied: false };
  });
}

const older = 'a'.repeat(64);
export const nano = 'c789161ed43c8269fcd4e67c67eeeb4e80c622da2eb296a20bc6007bd18a0b7d';

export function rerun(changes: Partial<Rerun> = {}): Rerun {
  return {
    id: 7 as RerunId,
    scope: { kind: 'older' },
    state: 'ready',
    approved: false,
    automatic: false,
    threshold: { all: 50, labels: new Map() },
    model: nano,
    startedAt: new Date(Date.UTC(2026, 10, 20, 1, 12)),
    total: 214,
    seen: 214,
    failed: 1,
    differing: 9,
    applied: 0,
    found: 12,
    lost: 3,
    changed: 4,
    ...changes,
  };
}

const releases = 'https://github.com/Megvii-BaseDetection/YOLOX/releases/download/0.1.1rc0';
const home = '/srv/sajin/uploads/models';

export const models: readonly ModelEntry[] = [
  {
    name: 'centernet',
    engine: 'centernet',
    origin: 'built-in',
    path: '/srv/sajin/node_modules/@vladmandic/human/models/centernet.json',
    bytes: 4_030_290,
    sha256: older,
    licence: 'MIT',
    inputSize: 512,
    state: { kind: 'present' },
    chosen: false,
    inUse: false,
  },
  {
    name: 'yolox-nano',
    engine: 'yolox',
    origin: 'catalogue',
    url: `${releases}/yolox_nano.onnx`,
    path: `${home}/yolox_nano.onnx`,
    bytes: 3_659_407,
    sha256: nano,
    licence: 'Apache-2.0',
    inputSize: 416,
    publishedMap: 0.258,
    state: { kind: 'present' },
    chosen: false,
    inUse: true,
  },
  {
    name: 'yolox-tiny',
    engine: 'yolox',
    origin: 'catalogue',
    url: `${releases}/yolox_tiny.onnx`,
    path: `${home}/yolox_tiny.onnx`,
    bytes: 20_219_662,
    licence: 'Apache-2.0',
    inputSize: 416,
    publishedMap: 0.328,
    state: { kind: 'fetching', bytes: 8_400_000, of: 20_219_662 },
    chosen: false,
    inUse: false,
  },
  {
    name: 'yolox-s',
    engine: 'yolox',
    origin: 'catalogue',
    url: `${releases}/yolox_s.onnx`,
    path: `${home}/yolox_s.onnx`,
    bytes: 35_858_002,
    licence: 'Apache-2.0',
    inputSize: 640,
    publishedMap: 0.405,
    state: { kind: 'absent' },
    chosen: false,
    inUse: false,
  },
  {
    name: 'coco-ssd',
    engine: 'coco-ssd',
    origin: 'catalogue',
    url: 'https://storage.googleapis.com/tfjs-models/savedmodel/ssdlite_mobilenet_v2/model.json',
    path: `${home}/coco-ssd/model.json`,
    licence: 'Apache-2.0',
    inputSize: 300,
    publishedMap: 0.22,
    state: {
      kind: 'failed',
      present: false,
      problem: `https://storage.googleapis.com/tfjs-models/savedmodel/ssdlite_mobilenet_v2/model.json answered 404 instead of the file for ${home}/coco-ssd/model.json. Try again later, or set MODEL_MIRROR.`,
    },
    chosen: false,
    inUse: false,
  },
  {
    name: 'our-garden',
    engine: 'yolox',
    origin: 'imported',
    path: `${home}/our-garden.onnx`,
    bytes: 3_702_001,
    sha256: 'b'.repeat(64),
    inputSize: 416,
    state: { kind: 'present' },
    chosen: false,
    inUse: false,
  },
];

export const totals = [
  { engine: 'yolox', model: nano, photos: 1204 },
  { engine: 'centernet', model: older, photos: 214 },
  { engine: 'coco-ssd', model: 'd'.repeat(64), photos: 31 },
  { engine: '', model: '', photos: 3 },
];
