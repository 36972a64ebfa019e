// Reads a folder with `annotations.json` (COCO "instances") and `images/`. Boxes become fractions of the picture.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Truth } from './coco.ts';

export interface LabelledImage {
  readonly name: string;
  readonly path: string;
  readonly truths: readonly Truth[];
  readonly labels?: ReadonlySet<string>;
}

const file = z.object({
  categories: z.array(z.object({ id: z.int(), name: z.string() })),
  images: z.array(
    z.object({
      id: z.int(),
      file_name: z.string(),
      width: z.number(),
      height: z.number(),
      labelled_categories: z.array(z.int()).optional(),
    }),
  ),
  annotations: z.array(
    z.object({
      image_id: z.int(),
      category_id: z.int(),
      bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
      iscrowd: z.int().optional(),
      difficult: z.int().optional(),
    }),
  ),
});

export async function readDataset(folder: string): Promise<LabelledImage[]> {
  const { categories, images, annotations } = file.parse(
    JSON.parse(await readFile(join(folder, 'annotations.json'), 'utf8')),
  );
  const names = new Map(categories.map(({ id, name }) => [id, name]));
  const nameOf = (id: number) => names.get(id) ?? `category ${id}`;
  return images.map(({ id, file_name, width, height, labelled_categories }) => ({
    name: file_name,
    path: join(folder, 'images', file_name),
    ...(labelled_categories === undefined ? {} : { labels: new Set(labelled_categories.map(nameOf)) }),
    truths: annotations
      .filter(({ image_id }) => image_id === id)
      .map(({ category_id, bbox: [x, y, w, h], iscrowd, difficult }) => ({
        label: nameOf(category_id),
        box: { x: x / width, y: y / height, width: w / width, height: h / height },
        ignored: iscrowd === 1 || difficult === 1,
        crowd: iscrowd === 1,
      })),
  }));
}
