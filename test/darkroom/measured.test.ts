// A darkroom that counts: every end of every photo, and the answer untouched.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measured } from '../../src/darkroom/measured.ts';
import { DarkroomError, GalleryError } from '../../src/gallery/errors.ts';
import type { Developed } from '../../src/gallery/ports.ts';
import { openMetrics } from '../../src/metrics.ts';
import { openScriptedDarkroom } from '../support/scripted-darkroom.ts';

const status = { engine: { name: 'yolox', model: 'secret-digest' } };
const damaged: Developed = { kind: 'damaged', detail: 'cut', facts: {} };

test('every end of developing is counted, and told as it was', async () => {
  const metrics = openMetrics();
  const ends = [
    damaged,
    new DarkroomError('crashed', 'gone'),
    new GalleryError('disk-full', 'full'),
    new Error(),
  ];
  const darkroom = measured(openScriptedDarkroom({ develop: ends, status }), metrics);
  for (const end of ends) {
    const developing = darkroom.develop('/original', 'image/jpeg', '/folder');
    if (end instanceof Error) await assert.rejects(developing, end);
    else assert.equal(await developing, end);
  }
  const { text } = await metrics.read();
  for (const outcome of ['damaged', 'crashed', 'disk-full', 'failed'])
    assert.match(text, new RegExp(`sajin_development_seconds_count{engine="yolox",outcome="${outcome}"} 1`));
  assert.doesNotMatch(text, /secret-digest/);
});

test('every look is counted by its engine, with its time if it saw', async () => {
  const metrics = openMetrics();
  const seen = { kind: 'seen', engine: 'centernet', model: 'x', tookMs: 1500, detections: [] } as const;
  const look = [
    seen,
    { kind: 'unavailable', detail: 'no model' },
    new DarkroomError('timed-out', 'late'),
  ] as const;
  const darkroom = measured(openScriptedDarkroom({ look: [...look], status }), metrics);
  for (const _ of look) await darkroom.look('/rendition', 'image/webp').catch(() => undefined);
  const { text } = await metrics.read();
  for (const [engine, outcome] of [
    ['centernet', 'seen'],
    ['yolox', 'unavailable'],
    ['yolox', 'timed-out'],
  ])
    assert.match(text, new RegExp(`sajin_detections_total{engine="${engine}",outcome="${outcome}"} 1`));
  assert.match(text, /sajin_detection_seconds_sum{engine="centernet"} 1\.5/);
});
