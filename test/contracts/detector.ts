// What every Detector promises (darkroom/engines/detector.ts), as tests. The pictures are drawn by the project.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Detector, RawDetection, RgbImage } from '../../src/darkroom/engines/detector.ts';
import { iou, storedFrom } from '../../src/gallery/detection.ts';
import { cocoLabels } from '../../src/gallery/labels.ts';
import type { Box } from '../../src/gallery/photo.ts';
import { fixturesFolder } from '../support/data.ts';
import { plainRgb, readRgb } from '../support/rgb.ts';

export interface DetectorUnderTest {
  readonly open: () => Promise<Detector>;
  /** The drawn things that this engine knows, and how sure it is at least; the stop sign is asked of everybody. */
  readonly knows: Readonly<Partial<Record<keyof typeof drawn, number>>> & { readonly 'stop sign': number };
  /** What it says with a lower score is a guess, and may differ from picture to picture. */
  readonly sureFrom: number;
  /** Why the whole suite is not run, if so. */
  readonly skip?: string | false;
}

/** Where the drawings have what they show; see scripts/fixtures/drawings.ts. */
const drawn = {
  'stop sign': { file: 'stop-sign.jpg', box: { x: 0.213, y: 0.151, width: 0.374, height: 0.499 } },
  clock: { file: 'wall-clock.jpg', box: { x: 0.22, y: 0.11, width: 0.48, height: 0.64 } },
  kite: { file: 'kite.jpg', box: { x: 0.46, y: 0.21, width: 0.19, height: 0.32 } },
} as const satisfies Record<string, { file: string; box: Box }>;

const fixture = (name: string) => readRgb(join(fixturesFolder, name));

export function detectorContract(
  name: string,
  { open, knows, sureFrom, skip = false }: DetectorUnderTest,
): void {
  describe(`Detector contract: ${name}`, { skip }, () => {
    let detector: Detector;
    before(async () => {
      detector = await open();
    });
    after(() => detector.close());

    for (const [label, least] of Object.entries(knows))
      test(`finds a drawn ${label} where it is`, async () => {
        const { file, box } = drawn[label as keyof typeof drawn];
        const [best] = await detector.detect(await fixture(file));
        assert.equal(best?.label, label);
        assert.ok(best.score >= least, `score ${best.score}`);
        assert.ok(iou(best.box, box) > 0.75, `overlap ${iou(best.box, box)}`);
      });

    test('says the same for all eight orientations of a photo', async () => {
      const first = shown(await detector.detect(await fixture('orientation-1.jpg')));
      assert.ok(first.length > 0);
      for (let orientation = 2; orientation <= 8; orientation += 1) {
        const found = shown(await detector.detect(await fixture(`orientation-${orientation}.jpg`)));
        assert.deepEqual(found.map(labelOf), first.map(labelOf), `orientation ${orientation}`);
        for (const [at, { box, score }] of found.entries()) {
          const same = first[at] as RawDetection;
          assert.ok(iou(box, same.box) > 0.95, `orientation ${orientation}`);
          assert.ok(Math.abs(score - same.score) < 0.03, `orientation ${orientation}`);
        }
      }
    });

    test('keeps to its words: known labels, scores from the floor to 1, best first, boxes inside, nothing twice', async () => {
      for (const picture of [
        await fixture('street.jpg'),
        await fixture('room.jpg'),
        await fixture('alpha.png'),
        noise(333, 250),
      ])
        assertSound(await detector.detect(picture));
    });

    test('sees nothing in an empty picture', async () => {
      for (const colour of [
        [255, 255, 255],
        [0, 0, 0],
        [120, 130, 140],
      ] as const)
        assert.deepEqual(shown(await detector.detect(plainRgb(320, 240, colour))), []);
    });

    test('takes any size, from one pixel to a strip', async () => {
      for (const [width, height] of [
        [1, 1],
        [800, 1],
        [1, 800],
        [7, 5],
      ] as const)
        assertSound(await detector.detect(plainRgb(width, height, [200, 30, 30])));
      assertSound(await detector.detect(await fixture('wide.png')));
    });

    test('leaves the pixels as they are', async () => {
      const picture = await fixture('kite.jpg');
      const before = Buffer.from(picture.data);
      await detector.detect(picture);
      assert.ok(before.equals(picture.data));
    });

    test('answers two at once as one after the other', async () => {
      const pictures = [
        await fixture('stop-sign.jpg'),
        await fixture('street.jpg'),
        await fixture('alpha.png'),
      ];
      const alone: RawDetection[][] = [];
      for (const picture of pictures) alone.push(await detector.detect(picture));
      const together = await Promise.all(pictures.map((picture) => detector.detect(picture)));
      assert.deepEqual(together, alone);
    });

    test('rejects with the reason of an abort, before and during, and works on', async () => {
      const picture = await fixture('stop-sign.jpg');
      const reason = new Error('enough');
      await assert.rejects(detector.detect(picture, AbortSignal.abort(reason)), reason);
      const stop = new AbortController();
      const answer = detector.detect(picture, stop.signal);
      stop.abort(reason);
      await assert.rejects(answer, reason);
      assert.ok((await detector.detect(picture)).length > 0);
    });

    test('names itself and its weights, the same each time', async () => {
      const other = await open();
      assert.match(other.engine, /^[a-z][a-z-]*$/);
      assert.match(other.model, /^[0-9a-f]{64}$/);
      assert.deepEqual([other.engine, other.model], [detector.engine, detector.model]);
      await other.close();
    });

    test('closes twice and rejects afterwards, without harm to another that is open', async () => {
      const other = await open();
      await Promise.all([other.close(), other.close()]);
      await assert.rejects(other.detect(await fixture('kite.jpg')));
      assert.ok((await detector.detect(await fixture('stop-sign.jpg'))).length > 0);
    });

    test('may be closed while it looks: what was asked is answered or rejected, and another goes on', async () => {
      const picture = await fixture('stop-sign.jpg');
      const other = await open();
      const asked = [other.detect(picture), other.detect(picture)];
      await Promise.all([other.close(), Promise.allSettled(asked)]);
      for (const answer of asked) {
        const found = await answer.catch(() => undefined);
        assert.ok(found === undefined || found[0]?.label === 'stop sign');
      }
      assert.equal((await detector.detect(picture))[0]?.label, 'stop sign');
    });

    const shown = (found: readonly RawDetection[]) => found.filter(({ score }) => score >= sureFrom);
  });
}

const labelOf = ({ label }: RawDetection) => label;

function assertSound(found: readonly RawDetection[]): void {
  assert.ok(found.length <= 100);
  const names: readonly string[] = cocoLabels;
  for (const [at, { label, score, box }] of found.entries()) {
    assert.ok(names.includes(label), label);
    assert.ok(score >= storedFrom && score <= 1, `score ${score}`);
    assert.ok(at === 0 || score <= (found[at - 1] as RawDetection).score, 'best first');
    const { x, y, width, height } = box;
    assert.ok(x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= 1.000001 && y + height <= 1.000001);
    const twice = found.slice(0, at).some((other) => other.label === label && iou(other.box, box) > 0.7);
    assert.ok(!twice, `${label} twice`);
  }
}

/** The same noise each time. */
function noise(width: number, height: number): RgbImage {
  let state = 42;
  const next = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 24;
  };
  return { data: Uint8Array.from({ length: width * height * 3 }, next), width, height };
}
