// What a reader is shown, what a person's word does to an engine's, and what is typed as a label.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { amend, checkedBox, merge, type Said, type Word } from '../../src/gallery/correction.ts';
import {
  bestOfSameBox,
  defaultThreshold,
  labelsOf,
  shownLabels,
  stepOf,
  thresholdSteps,
} from '../../src/gallery/detection.ts';
import { GalleryError } from '../../src/gallery/errors.ts';
import { labelFrom } from '../../src/gallery/labels.ts';
import type { Box, ChangeId, Detection, DetectionId } from '../../src/gallery/photo.ts';
import { compare, isWithin } from '../../src/gallery/rerun.ts';

const refusal = (code: string) => (error: unknown) => error instanceof GalleryError && error.code === code;
const box = (x: number, width = 0.2): Box => ({ x, y: 0.2, width, height: 0.4 });
const at = new Date(0);
const said = (label: string, confidence: number, where: Box, id = `e${label}${confidence}`): Said => ({
  id: id as DetectionId,
  label,
  score: confidence / 100,
  confidence,
  box: where,
  origin: { by: 'engine', engine: 'yolox', model: 'f'.repeat(64) },
});
const word = (present: boolean, label: string, where?: Box): Word => ({
  id: `p${label}${present}` as DetectionId,
  change: 1 as ChangeId,
  kind: present ? 'add' : 'reject',
  present,
  label,
  ...(where ? { box: where } : {}),
  at,
});
const names = (detections: readonly Detection[]) => detections.map(({ label }) => label);

describe('what is shown', () => {
  test('has steps that its index can answer exactly', () => {
    for (const step of thresholdSteps) {
      assert.equal(stepOf(step) * 5, step);
      assert.ok(stepOf(step - 1) < stepOf(step));
    }
    assert.deepEqual([thresholdSteps[0], thresholdSteps.at(-1)], [10, 95]);
    assert.ok(thresholdSteps.includes(defaultThreshold.all));
  });

  test('counts what is sure enough, best label first', () => {
    const labels = [
      { label: 'dog', confidences: [90, 55, 20] },
      { label: 'cat', confidences: [60] },
    ];
    const summary = (all: number, own: [string, number][] = []) =>
      shownLabels(labels, { all, labels: new Map(own) }).map(({ label, count }) => `${count} ${label}`);
    assert.deepEqual(summary(50), ['2 dog', '1 cat']);
    assert.deepEqual(summary(10), ['3 dog', '1 cat']);
    assert.deepEqual(summary(90), ['1 dog']);
    assert.deepEqual(summary(50, [['dog', 95]]), ['1 cat']);
    assert.deepEqual(summary(95, [['cat', 60]]), ['1 cat']);
  });

  test('takes something that was named without a box for the surest box of that label', () => {
    const named = { label: 'dog', confidence: 100 };
    assert.deepEqual(labelsOf([named]), [{ label: 'dog', confidences: [100] }]);
    assert.deepEqual(labelsOf([{ label: 'dog', confidence: 40, box: box(0) }, named]), [
      { label: 'dog', confidences: [100] },
    ]);
    assert.deepEqual(
      labelsOf([
        { label: 'dog', confidence: 30, box: box(0) },
        { label: 'dog', confidence: 40, box: box(0.5) },
        named,
      ]),
      [{ label: 'dog', confidences: [100, 30] }],
    );
  });

  test('keeps the better of two names for the very same box, and both of two things side by side', () => {
    const car = said('car', 80, box(0.2));
    const truck = said('truck', 60, box(0.2, 0.205));
    const other = said('truck', 50, box(0.3));
    assert.deepEqual(bestOfSameBox([car, truck, other]), [car, other]);
    const twin = said('bus', 80, box(0.2));
    assert.deepEqual(bestOfSameBox([car, twin]), [car], 'of two equally sure ones the first');
  });
});

describe("people's words", () => {
  test('stand over what an engine says of the same label at the same place', () => {
    const engine = [said('dog', 80, box(0.2)), said('dog', 70, box(0.6)), said('cat', 60, box(0.26))];
    assert.deepEqual(names(merge(engine, [word(false, 'dog', box(0.21))]).detections), ['dog', 'cat']);
    assert.deepEqual(names(merge(engine, [word(false, 'dog')]).detections), ['cat']);
    const confirmed = merge(engine, [word(true, 'dog', box(0.21))]).detections;
    assert.deepEqual(
      confirmed.map(({ label, confidence }) => `${label} ${confidence}`),
      ['dog 100', 'dog 70', 'cat 60'],
    );
  });

  test('let what was hidden by a better name come forward when that name is rejected', () => {
    const engine = [said('car', 80, box(0.2)), said('truck', 60, box(0.2))];
    assert.deepEqual(names(merge(engine, []).detections), ['car']);
    assert.deepEqual(names(merge(engine, [word(false, 'car', box(0.2))]).detections), ['truck']);
  });

  test('reject at an overlap of one half and not below', () => {
    const half = [word(false, 'dog', box(0.2, 0.2))];
    // Two boxes of width 0.2, shifted by s, share (0.2 - s) of 0.2 + s.
    assert.deepEqual(names(merge([said('dog', 80, box(0.266))], half).detections), []);
    assert.deepEqual(names(merge([said('dog', 80, box(0.268))], half).detections), ['dog']);
  });

  test('add nothing when they say what was said already', () => {
    const words = [word(true, 'dog', box(0.2))];
    assert.equal(amend({ kind: 'confirm', detection: 'pdogtrue' as DetectionId }, [], words), undefined);
    assert.equal(amend({ kind: 'add', label: 'dog', box: box(0.2) }, [], words), undefined);
    assert.equal(
      amend({ kind: 'rename', detection: 'pdogtrue' as DetectionId, label: 'dog' }, [], words),
      undefined,
    );
    assert.notEqual(amend({ kind: 'add', label: 'dog' }, [], words), undefined);
  });

  test('have boxes inside the photo, or are refused', () => {
    assert.deepEqual(checkedBox({ x: -0.5, y: 0.5, width: 1, height: 2 }), {
      x: 0,
      y: 0.5,
      width: 0.5,
      height: 0.5,
    });
    for (const wrong of [
      { x: 0, y: 0, width: 0, height: 0.5 },
      { x: 1.2, y: 0, width: 0.5, height: 0.5 },
      { x: Number.NaN, y: 0, width: 0.5, height: 0.5 },
      { x: 0.5, y: 0.5, width: -0.2, height: 0.2 },
      { x: Number.POSITIVE_INFINITY, y: 0, width: 0.5, height: 0.5 },
    ])
      assert.throws(() => checkedBox(wrong), refusal('bad-box'));
  });
});

describe('a label that somebody types', () => {
  for (const [typed, label] of [
    ['dog', 'dog'],
    [' Dogs ', 'dog'],
    ['개', 'dog'],
    ['people', 'person'],
    ['신호등', 'traffic light'],
    ['Bori', 'Bori'],
    ['보리\n', '보리'],
    ['  two   words ', 'two words'],
    ['__proto__', '__proto__'],
    ['<script>alert(1)</script>', '<script>alert(1)</script>'],
  ] as const)
    test(`is ${JSON.stringify(label)} for ${JSON.stringify(typed)}`, () =>
      assert.equal(labelFrom(typed), label));

  test('has 1 to 40 characters', () => {
    for (const wrong of ['', '   ', '\u202e', '\u200b', '\u3164', '\u2800', '\ud800', 'x'.repeat(41)])
      assert.throws(() => labelFrom(wrong), refusal('bad-label'));
    assert.equal(labelFrom('가'.repeat(40)).length, 40);
  });
});

describe('comparing before and after', () => {
  const asDetections = (...all: Said[]) => merge(all, []).detections;
  const kinds = (before: readonly Detection[], after: readonly Detection[], all = 50) =>
    compare(before, after, { all, labels: new Map() }).map(({ kind, label }) => `${kind} ${label}`);

  test('says what is found, lost and renamed, and nothing of what stays', () => {
    const before = asDetections(
      said('dog', 90, box(0)),
      said('cat', 80, box(0.4)),
      said('cup', 70, box(0.8)),
    );
    const after = asDetections(
      said('dog', 60, box(0.01)),
      said('bird', 80, box(0.41)),
      said('kite', 70, box(0.6)),
    );
    assert.deepEqual(kinds(before, after), ['found kite', 'lost cup', 'changed bird']);
    assert.deepEqual(kinds(before, before), []);
  });

  test('prefers the same label to a better overlap', () => {
    const before = asDetections(said('dog', 90, box(0.2)));
    const after = asDetections(said('dog', 80, box(0.25)), said('cat', 70, box(0.21)));
    assert.deepEqual(kinds(before, after), ['found cat']);
  });

  test('counts what crosses the threshold', () => {
    const before = asDetections(said('dog', 49, box(0.2)));
    const after = asDetections(said('dog', 51, box(0.2)));
    assert.deepEqual(kinds(before, after), ['found dog']);
    assert.deepEqual(kinds(before, after, 40), []);
  });
});

test('hours may go over midnight', () => {
  const at = (hour: number) => new Date(2026, 10, 20, hour, 30);
  const inside = (from: number, to: number) =>
    Array.from({ length: 24 }, (_, hour) => hour).filter((hour) => isWithin({ from, to }, at(hour)));
  assert.deepEqual(inside(22, 2), [0, 1, 22, 23]);
  assert.deepEqual(inside(9, 11), [9, 10]);
});
