// The metric against cases that can be worked out by hand, and the committed calibration against labelled pictures.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { averagePrecision, type Labelled, measure, type Truth } from '../../scripts/evaluate/coco.ts';
import { honestyOf, sayUnseen } from '../../scripts/evaluate/cross-validate.ts';
import { fits } from '../../scripts/evaluate/curves.ts';
import { readDataset } from '../../scripts/evaluate/dataset.ts';
import { lookAt } from '../../scripts/evaluate/look.ts';
import { pointsOf } from '../../scripts/evaluate/points.ts';
import { equalWidthBins, expectedError } from '../../scripts/evaluate/reliability.ts';
import { fitEntry } from '../../scripts/evaluate/table.ts';
import { findPictures, findWeights } from '../../scripts/evaluate/weights.ts';
import type { RawDetection } from '../../src/darkroom/engines/detector.ts';
import { confidenceOf } from '../../src/gallery/calibration.ts';
import { calibrationTable } from '../../src/gallery/calibration-table.ts';
import { storedFrom } from '../../src/gallery/detection.ts';
import { testData } from '../support/data.ts';
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

describe('a calibration is fitted on', () => {
  const points = (...all: readonly Labelled[]) =>
    pointsOf(all.map((one, at) => ({ ...one, name: `${at}.jpg` }))).map(
      ({ label, score, right, image }) => `${image} ${label} ${score} ${right ? 'right' : 'wrong'}`,
    );

  test('every detection that is stored, each with its picture', () => {
    const elsewhere = found(storedFrom, { box: box(300) });
    const below = found(storedFrom - 0.001, { box: box(600) });
    assert.deepEqual(points(image([truth()], [found(0.9), elsewhere, below]), image([], [found(0.3)])), [
      '0.jpg dog 0.9 right',
      `0.jpg dog ${storedFrom} wrong`,
      '1.jpg dog 0.3 wrong',
    ]);
  });

  test('only the best of several names for the very same box, as pages show it', () => {
    const cat = found(0.6, { label: 'cat', box: box(2) });
    const beside = found(0.5, { label: 'cat', box: box(40) });
    assert.deepEqual(points(image([truth()], [found(0.9), cat, beside])), [
      '0.jpg cat 0.5 wrong',
      '0.jpg dog 0.9 right',
    ]);
    // Although the second name would have been the right one.
    assert.deepEqual(points(image([truth({ label: 'cat' })], [found(0.9), cat])), ['0.jpg dog 0.9 wrong']);
  });

  test('nothing that counts neither way: difficult ones, crowds, labels nobody looked for', () => {
    const difficult = truth({ ignored: true });
    const crowd = truth({ box: { x: 300, y: 0, width: 1000, height: 200 }, ignored: true, crowd: true });
    const inCrowd = found(0.8, { box: box(400) });
    assert.deepEqual(points(image([difficult, crowd], [found(0.9), inCrowd])), []);
    assert.deepEqual(points(image([], [found(0.9, { label: 'cat' })], ['dog'])), []);
  });
});

describe('the committed calibration', () => {
  const labelled = testData('labelled/dev');
  const skip = labelled.skip || testData('models/yolox_nano_416.onnx').skip;

  // One thought, and one look by each engine, since looking is what takes the time: two processes at once, on two processors.
  test('is what the command fits, and is honest about pictures it has not seen', { skip }, async () => {
    const pictures = await findPictures({ data: labelled.path });
    const looked = await Promise.all(
      (await findWeights({})).map((choice) => lookAt(choice, pictures, storedFrom)),
    );
    const committed = Object.entries(calibrationTable.engines);
    const fitted = committed.filter(([, { model }]) => looked.some((one) => one.model === model));
    assert.ok(fitted.length >= 2, `the table is of other weights than ${looked.map(({ model }) => model)}`);
    for (const [engine, entry] of fitted) {
      const seen = looked.find(({ model }) => model === entry.model);
      assert.ok(seen);
      assert.deepEqual(fitEntry(seen, 'some other day', entry), entry, engine);
      const { error, errorByMass, errorOfShown } = honestyOf(sayUnseen(pointsOf(seen.images), fits.grouped));
      const errors = [error, errorByMass, errorOfShown];
      assert.ok(
        errors.every((one) => one <= 0.05),
        `${engine}: ${errors}`,
      );
    }
    // Other weights of the same kind are not what was fitted on, and still not far off.
    for (const { engine, images } of looked.filter(
      ({ model }) => !fitted.some(([, one]) => one.model === model),
    )) {
      const said = pointsOf(images).map(({ score, right }) => ({
        percent: confidenceOf(engine, score),
        right,
      }));
      const error = expectedError(equalWidthBins(said));
      assert.ok(error <= 0.075, `${engine} with other weights: ${error}`);
    }
  });
});
