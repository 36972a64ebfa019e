// Looking at a picture without developing it: the same eyes, whatever file they are given, and a child that is believed as little.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openDarkroom } from '../../src/darkroom/darkroom.ts';
import { iou } from '../../src/gallery/detection.ts';
import type { DarkroomError } from '../../src/gallery/errors.ts';
import type { Sighting } from '../../src/gallery/ports.ts';
import { collectingLog } from '../support/collecting-log.ts';
import { fixturesFolder } from '../support/data.ts';
import { assertDeveloped, type Developing, fileOf, openDeveloping } from '../support/developing.ts';
import { typeOf } from '../support/rgb.ts';

const fixture = (name: string) => join(fixturesFolder, name);

describe('looking', () => {
  const cleaning: (() => unknown)[] = [];
  let developing: Developing;
  before(async () => {
    developing = await openDeveloping(
      { after: (clean) => cleaning.unshift(clean) },
      { detector: 'centernet', children: 1 },
    );
  });
  after(async () => {
    for (const clean of cleaning) await clean();
  });
  const look = async (path: string) => await developing.darkroom.look(path, typeOf(path));

  test('sees in an original and in its rendition what was seen when it was developed', async () => {
    const developed = await developing.develop(fixture('street.jpg'));
    assertDeveloped(developed);
    const then = bestOf(developed.sighting);
    for (const path of [fixture('street.jpg'), fileOf(developed, 800).path]) {
      const now = bestOf(await look(path));
      assert.equal(now.label, 'stop sign');
      assert.deepEqual([now.label, now.origin], [then.label, then.origin]);
      assert.ok(iou(now.box, then.box) > 0.9, `overlap ${iou(now.box, then.box)}`);
    }
  });

  test('sees a turned photo upright', async () => {
    const upright = bestOf(await look(fixture('orientation-1.jpg')));
    const turned = bestOf(await look(fixture('orientation-6.jpg')));
    assert.equal(turned.label, upright.label);
    assert.ok(iou(turned.box, upright.box) > 0.9);
  });

  test('sees what is left of a damaged file', async () => {
    const seen = await look(fixture('truncated.jpg'));
    assert.equal(seen.kind, 'seen');
  });

  test('calls what is no picture unavailable, in words that name no folder, and costs no child', async () => {
    for (const name of ['corrupt.jpg', 'empty.jpg', 'text.jpg', 'vector.jpg', 'broken.heic', 'absent.jpg']) {
      const answer = await developing.darkroom.look(fixture(name), 'image/jpeg');
      assert.equal(answer.kind, 'unavailable', name);
      assert.ok(answer.detail !== '' && !answer.detail.includes('/'), answer.detail);
    }
    assert.equal(
      (await developing.darkroom.look(fixture('pixel-bomb.png'), 'image/png')).kind,
      'unavailable',
    );
    assert.deepEqual(developing.lines, []);
  });
});

test('nothing is looked for where detection is off', async (t) => {
  const { darkroom } = await openDeveloping(t, { detector: 'off' });
  assert.deepEqual(await darkroom.look(fixture('kite.jpg'), 'image/jpeg'), { kind: 'off' });
});

const unruly = fileURLToPath(new URL('../support/unruly-child.ts', import.meta.url));

async function openUnruly(t: TestContext, options: { timeoutMs?: number; photosPerChild?: number } = {}) {
  const log = collectingLog();
  const darkroom = await openDarkroom({
    children: 1,
    detector: 'off',
    modelsFolder: '/nowhere',
    log,
    childModule: unruly,
    backoffMs: 5,
    ...options,
  });
  t.after(() => darkroom.close());
  const look = (name: string, signal?: AbortSignal) =>
    darkroom.look(`/pictures/${name}.webp`, 'image/webp', signal).then(
      () => 'answered',
      (error: unknown) => {
        assert.equal((error as Error).name, 'DarkroomError');
        return (error as DarkroomError).code;
      },
    );
  return { darkroom, log, look };
}

describe('a child that misbehaves while it looks costs one try and nothing else', () => {
  const faults = [
    ['exits with 1', 'exit-1', 'crashed'],
    ['hangs', 'hang', 'timed-out'],
    ['says what is no message', 'noise', 'crashed'],
    ['answers as if it had probed', 'wrong-kind', 'crashed'],
    ['answers as if it had developed', 'other-kind', 'crashed'],
    ['refuses to write what it should not write', 'refused', 'crashed'],
    ['names what no engine knows', 'foreign-label', 'crashed'],
    ['gives a score beyond 1', 'score-beyond', 'crashed'],
    ['draws a box outside of the picture', 'box-outside', 'crashed'],
  ] as const;

  for (const [what, name, code] of faults)
    test(`${what}: ${code}`, async (t) => {
      const { look } = await openUnruly(t, { timeoutMs: 1500 });
      assert.equal(await look(name), code);
      assert.equal(await look('good'), 'answered');
    });

  test('a sighting is no answer to a photo that was to be developed', async (t) => {
    const { darkroom, look } = await openUnruly(t);
    await assert.rejects(darkroom.develop('/pictures/other-kind.jpg', 'image/jpeg', '/out'), {
      code: 'crashed',
    });
    assert.equal(await look('good'), 'answered');
  });

  test('an abort rejects, whether the look waits or is under way', async (t) => {
    const { look } = await openUnruly(t);
    await look('good');
    const stop = new AbortController();
    const asked = [look('hang', stop.signal), look('good', stop.signal)];
    stop.abort();
    assert.deepEqual(await Promise.all(asked), ['closed', 'closed']);
    assert.equal(await look('good'), 'answered');
  });

  test('looking wears a child out as developing does', async (t) => {
    const { darkroom, look } = await openUnruly(t, { photosPerChild: 3 });
    const pid = async () => {
      const developed = await darkroom.develop('/pictures/pid.jpg', 'image/jpeg', '/out');
      return developed.facts.camera;
    };
    const first = await pid();
    await look('good');
    assert.equal(await pid(), first);
    for (let count = 0; count < 3; count += 1) await look('good');
    const second = await pid();
    assert.notEqual(second, first);
    await look('good');
    await look('good');
    assert.notEqual(await pid(), second);
  });
});

function bestOf(sighting: Sighting) {
  assert.equal(sighting.kind, 'seen', 'detail' in sighting ? sighting.detail : '');
  const [best] = sighting.detections;
  assert.ok(best, 'it saw nothing');
  return best;
}
