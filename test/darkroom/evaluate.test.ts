// The metric against cases that can be worked out by hand.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { averagePrecision, type Labelled, measure, type Truth } from '../../scripts/evaluate/coco.ts';
import { readDataset } from '../../scripts/evaluate/dataset.ts';
import type { RawDetection } from '../../src/darkroom/engines/detector.ts';
import { makeFolder } from '../support/folder.ts';

/** A box of a hundred pixels, moved to the right by so many. */
const box = (shift = 0) => ({ x: shift, y: 0, width: 100, height: 100 });
const truth = (more: Partial<Truth> = {}): Truth => ({
  label: 'dog',
  box: box(),
  ignored: false,
  crowd: false,
  ...more,
});
const found = (score: number, more: Partial<RawDetection> = {}): RawDetection => ({
  label: 'dog',
  score,
  box: box(),
  ...more,
});
const image = (
  truths: readonly Truth[],
  detections: readonly RawDetection[],
  labels?: readonly string[],
): Labelled => ({
  truths,
  found: detections,
  ...(labels === undefined ? {} : { labels: new Set(labels) }),
});

const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} for ${expected}`);

describe('average precision', () => {
  test('is 1 when everything is found exactly, 0 when nothing is', () => {
    const perfect = measure([image([truth()], [found(0.9)])]);
    near(perfect.ap50, 1);
    near(perfect.map, 1);
    near(measure([image([truth()], [])]).ap50, 0);
    near(measure([image([truth()], [found(0.9, { box: box(300) })])]).ap50, 0);
  });

  test('does not mind a wrong one that is less sure than all the right ones', () => {
    near(measure([image([truth()], [found(0.9), found(0.5, { box: box(300) })])]).ap50, 1);
  });

  test('halves when a wrong one is the surest', () => {
    near(measure([image([truth()], [found(0.5), found(0.9, { box: box(300) })])]).ap50, 0.5);
  });

  test('samples the envelope of precision at 101 recalls', () => {
    // Right, wrong, right of 4 wanted: precision 1 up to recall 1/4 (26 samples), 2/3 up to 2/4 (25 samples), then 0.
    const verdicts = [true, false, true].map((right, at) => ({ right, score: 1 - at / 10 }));
    near(averagePrecision({ verdicts, wanted: 4 }), (26 * 1 + 25 * (2 / 3)) / 101);
  });

  test('counts a thing that is found twice as one right and one wrong', () => {
    near(
      measure([
        image([truth(), truth({ box: box(300) })], [found(0.9), found(0.8), found(0.7, { box: box(300) })]),
      ]).ap50,
      (51 + 50 * (2 / 3)) / 101,
    );
  });

  test('asks for the right label', () => {
    near(measure([image([truth()], [found(0.9, { label: 'cat' })])]).ap50, 0);
  });

  test('is the mean over the labels that occur, however often', () => {
    const dogs = [truth(), truth({ box: box(300) })];
    near(
      measure([image([...dogs, truth({ label: 'cat' })], [found(0.9), found(0.8, { box: box(300) })])]).ap50,
      0.5,
    );
  });

  test('gets stricter with the overlap: a box moved by a fifth counts for 4 of 10 thresholds', () => {
    // Overlap 80 of 120 = 0.667: right at 0.50, 0.55, 0.60, 0.65.
    const { ap50, map } = measure([image([truth()], [found(0.9, { box: box(20) })])]);
    near(ap50, 1);
    near(map, 0.4);
  });

  test('prefers the truth that overlaps most', () => {
    const near1 = truth({ box: box(10) });
    near(
      measure([
        image([near1, truth({ box: box(40) })], [found(0.9, { box: box(38) }), found(0.8, { box: box(12) })]),
      ]).ap50,
      1,
    );
  });
});

describe('what is ignored is neither right nor wrong', () => {
  test('a difficult one that is found, and one that is not', () => {
    const difficult = truth({ box: box(300), ignored: true });
    near(measure([image([truth(), difficult], [found(0.5), found(0.9, { box: box(300) })])]).ap50, 1);
    near(measure([image([truth(), difficult], [found(0.5)])]).ap50, 1);
  });

  test('any number in a crowd, if they lie in it', () => {
    const crowd = truth({ box: { x: 300, y: 0, width: 1000, height: 200 }, ignored: true, crowd: true });
    const inside = [300, 500, 700].map((shift) => found(0.9, { box: box(shift) }));
    near(measure([image([truth(), crowd], [found(0.5), ...inside])]).ap50, 1);
    near(measure([image([truth(), crowd], [found(0.5), found(0.9, { box: box(1600) })])]).ap50, 0.5);
  });

  test('only the second of two on one difficult thing is wrong', () => {
    const difficult = truth({ box: box(300), ignored: true });
    const twice = [found(0.9, { box: box(300) }), found(0.8, { box: box(300) })];
    near(measure([image([truth(), difficult], [found(0.5), ...twice])]).ap50, 0.5);
  });

  test('a label that nobody looked for in this image', () => {
    const cat = found(0.9, { label: 'cat' });
    const elsewhere = image([truth({ label: 'cat' })], [found(0.3, { label: 'cat' })]);
    near(measure([image([truth()], [found(0.5), cat], ['dog']), elsewhere]).ap50, 1);
    near(measure([image([truth()], [found(0.5), cat]), elsewhere]).ap50, (1 + 0.5) / 2);
  });
});

describe('best F1', () => {
  test('is where right ones end and wrong ones begin', () => {
    const truths = [0, 300, 600, 900].map((shift) => truth({ box: box(shift) }));
    const right = [0.9, 0.8, 0.6].map((score, at) => found(score, { box: box(at * 300) }));
    const wrong = [0.7, 0.3, 0.2, 0.1].map((score) => found(score, { box: box(5000) }));
    const { bestF1 } = measure([image(truths, [...right, ...wrong])]);
    near(bestF1.score, 0.6);
    near(bestF1.f1, (2 * 3) / (4 + 4));
  });
});

test('a COCO file is read into fractions, with what is to be ignored', async (t) => {
  const folder = await makeFolder(t);
  const file = {
    categories: [
      { id: 1, name: 'person' },
      { id: 18, name: 'dog' },
    ],
    images: [{ id: 7, file_name: 'a.jpg', width: 200, height: 100, labelled_categories: [18] }],
    annotations: [
      { image_id: 7, category_id: 18, bbox: [20, 10, 100, 50], iscrowd: 0, difficult: 1 },
      { image_id: 7, category_id: 1, bbox: [0, 0, 200, 100], iscrowd: 1 },
    ],
  };
  await writeFile(join(folder, 'annotations.json'), JSON.stringify(file));
  const [image] = await readDataset(folder);
  assert.deepEqual(image, {
    name: 'a.jpg',
    path: join(folder, 'images/a.jpg'),
    labels: new Set(['dog']),
    truths: [
      { label: 'dog', box: { x: 0.1, y: 0.1, width: 0.5, height: 0.5 }, ignored: true, crowd: false },
      { label: 'person', box: { x: 0, y: 0, width: 1, height: 1 }, ignored: true, crowd: true },
    ],
  });
});
