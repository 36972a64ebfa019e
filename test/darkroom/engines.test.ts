// Every engine against the contract, and YOLOX against what another program saw in the same photographs.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { probe } from '../../src/darkroom/develop.ts';
import { openCenternet } from '../../src/darkroom/engines/centernet.ts';
import { openCocoSsd } from '../../src/darkroom/engines/coco-ssd.ts';
import { openYolox } from '../../src/darkroom/engines/yolox.ts';
import { planEngines } from '../../src/darkroom/models/plan.ts';
import { iou } from '../../src/gallery/detection.ts';
import { detectorContract } from '../contracts/detector.ts';
import { fixturesFolder, testData } from '../support/data.ts';
import { makeFolder } from '../support/folder.ts';
import { openMemoryDetector } from '../support/memory-detector.ts';
import { readRgb } from '../support/rgb.ts';

const sizes = [416, 640] as const;
const modelOf = (size: number) => testData(`models/yolox_nano_${size}.onnx`);

detectorContract('in memory', {
  open: async () => openMemoryDetector(),
  knows: { 'stop sign': 0.6 },
  sureFrom: 0.5,
});

detectorContract('centernet', {
  open: async () => await openCenternet(await builtInModel()),
  knows: { 'stop sign': 0.85, clock: 0.6, kite: 0.4 },
  sureFrom: 0.3,
});

// Its only idea is saturated red; scripts/make-tiny-ssd.ts.
detectorContract('coco-ssd, the tiny model', {
  open: async () => await openCocoSsd(join(fixturesFolder, 'tiny-ssd/model.json')),
  knows: { 'stop sign': 0.6 },
  sureFrom: 0.5,
});

const realCocoSsd = join(process.env.SAJIN_COCO_SSD ?? testData('models/coco-ssd').path, 'model.json');
detectorContract('coco-ssd, real weights', {
  open: async () => await openCocoSsd(realCocoSsd),
  knows: { 'stop sign': 0.9, clock: 0.9, kite: 0.5 },
  sureFrom: 0.4,
  skip: existsSync(realCocoSsd)
    ? false
    : 'no model.json in the folder that SAJIN_COCO_SSD names, nor in models/coco-ssd of SAJIN_TEST_DATA',
});

for (const size of sizes) {
  const { path, skip } = modelOf(size);
  detectorContract(`yolox ${size}`, {
    open: async () => await openYolox(path),
    knows: { 'stop sign': 0.85, clock: 0.8, kite: 0.75 },
    sureFrom: 0.45,
    skip,
  });
}

describe('YOLOX sees in photographs what another program saw with the same weights', () => {
  const photos = testData('photos');
  for (const size of sizes) {
    const { path, skip } = modelOf(size);
    test(`at ${size} px`, { skip: photos.skip || skip }, async () => {
      const detector = await openYolox(path);
      const missed: string[] = [];
      let wanted = 0;
      for (const [name, bySize] of Object.entries(readExpected(photos.path))) {
        const image = await readRgb(join(photos.path, '..', name));
        const found = await detector.detect(image);
        for (const { label, score, bbox } of bySize[size]) {
          // Near the floor of their list a different resampling decides.
          if (score < 0.4) continue;
          wanted += 1;
          const box = await fractions(join(photos.path, '..', name), bbox);
          const same = found.find((one) => one.label === label && iou(one.box, box) >= 0.6);
          if (same === undefined || Math.abs(same.score - score) > 0.25)
            missed.push(`${name} ${label} ${score}`);
        }
      }
      await detector.close();
      assert.ok(wanted > 50, `${wanted} to find`);
      assert.deepEqual(missed, []);
    });
  }
});

describe('a file that is no model', () => {
  test('is an error that says so, for every engine', async (t) => {
    const folder = await makeFolder(t);
    const file = join(folder, 'model.onnx');
    await writeFile(file, 'these are no weights');
    for (const open of [openYolox, openCenternet, openCocoSsd]) {
      await assert.rejects(open(file));
      await assert.rejects(open(join(folder, 'absent.onnx')), { code: 'ENOENT' });
    }
  });
});

async function builtInModel(): Promise<string> {
  const plan = await planEngines({ detector: 'centernet', modelsFolder: '/nowhere' });
  assert.ok(plan.choices[0], plan.problem);
  return plan.choices[0].file;
}

interface Seen {
  readonly label: string;
  readonly score: number;
  /** Left, top, width, height in pixels of the upright photo. */
  readonly bbox: readonly [number, number, number, number];
}

function readExpected(folder: string): Record<string, Record<(typeof sizes)[number], Seen[]>> {
  return JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));
}

async function fractions(path: string, [x, y, width, height]: Seen['bbox']) {
  const size = await probe(path, 'image/jpeg');
  assert.ok(size.kind === 'picture');
  return { x: x / size.width, y: y / size.height, width: width / size.width, height: height / size.height };
}
