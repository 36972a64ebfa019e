// How boxes follow fingers and keys, without a browser: everything in fractions of the picture.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Box,
  boxAt,
  boxBetween,
  gripAt,
  isLargeEnough,
  leastSide,
  nudged,
  pulled,
} from '../../src/browser/parts/box-math.ts';

const size = { width: 1000, height: 500 };
const box: Box = { x: 0.2, y: 0.2, width: 0.4, height: 0.4 };
const press = (key: string, changes: { shiftKey?: boolean; altKey?: boolean } = {}) => ({
  key,
  shiftKey: false,
  altKey: false,
  ...changes,
});

function assertBox(actual: Box | undefined, expected: Box): void {
  for (const side of ['x', 'y', 'width', 'height'] as const)
    assert.ok(
      Math.abs((actual?.[side] ?? Number.NaN) - expected[side]) < 1e-9,
      `${side} is ${actual?.[side]}`,
    );
}

describe('a grip', () => {
  it('is a corner, an edge or the inside, with a fingertip of room around the box', () => {
    const at = (x: number, y: number) => gripAt({ x, y }, box, size);
    assert.deepEqual(
      [at(0.2, 0.2), at(0.6, 0.6), at(0.4, 0.2), at(0.2, 0.4), at(0.61, 0.4), at(0.4, 0.64), at(0.4, 0.4)],
      ['nw', 'se', 'n', 'w', 'e', 's', 'body'],
    );
    assert.equal(at(0.17, 0.4), undefined, '30 pixels away');
    assert.equal(at(0.4, 0.66), undefined);
  });

  it('leaves room for moving in a box that is smaller than a fingertip', () => {
    const small = { x: 0.5, y: 0.5, width: 0.012, height: 0.024 };
    assert.equal(gripAt({ x: 0.506, y: 0.512 }, small, size), 'body');
    assert.equal(gripAt({ x: 0.495, y: 0.49 }, small, size), 'nw');
  });
});

describe('a box that is pulled', () => {
  it('moves as a whole and stops at the rim of the picture', () => {
    assertBox(pulled(box, 'body', { x: 0.1, y: -0.1 }), { ...box, x: 0.3, y: 0.1 });
    assertBox(pulled(box, 'body', { x: 5, y: -5 }), { ...box, x: 0.6, y: 0 });
  });

  it('changes only the sides that are held', () => {
    assertBox(pulled(box, 'se', { x: 0.1, y: 0.2 }), { x: 0.2, y: 0.2, width: 0.5, height: 0.6 });
    assertBox(pulled(box, 'nw', { x: 0.1, y: 0.2 }), { x: 0.3, y: 0.4, width: 0.3, height: 0.2 });
    assertBox(pulled(box, 'n', { x: 0.3, y: -0.1 }), { x: 0.2, y: 0.1, width: 0.4, height: 0.5 });
    assertBox(pulled(box, 'e', { x: 5, y: 5 }), { ...box, width: 0.8 });
  });

  it('never turns over, nor becomes too small', () => {
    assertBox(pulled(box, 'e', { x: -5, y: 0 }), { ...box, width: leastSide });
    assertBox(pulled(box, 'w', { x: 5, y: 0 }), { ...box, x: 0.6 - leastSide, width: leastSide });
    const tiny = { x: 0.5, y: 0.5, width: 0.006, height: 0.006 };
    assertBox(pulled(tiny, 'se', { x: -1, y: -1 }), tiny);
  });
});

describe('drawing', () => {
  it('makes a box between two points in any direction, clipped to the picture', () => {
    assertBox(boxBetween({ x: 0.6, y: 0.7 }, { x: 0.2, y: 0.3 }), {
      x: 0.2,
      y: 0.3,
      width: 0.4,
      height: 0.4,
    });
    assertBox(boxBetween({ x: 0.5, y: 0.5 }, { x: 1.4, y: -0.2 }), { x: 0.5, y: 0, width: 0.5, height: 0.5 });
  });

  it('tells a slip of the finger from a box', () => {
    assert.equal(isLargeEnough({ ...box, width: 0.009 }), false);
    assert.equal(isLargeEnough({ ...box, width: 0.01 }), true);
  });
});

describe('keys', () => {
  it('move by one percent, size with Shift, and take small steps with Alt', () => {
    assertBox(nudged(box, press('ArrowRight')), { ...box, x: 0.21 });
    assertBox(nudged(box, press('ArrowUp')), { ...box, y: 0.19 });
    assertBox(nudged(box, press('ArrowDown', { shiftKey: true })), { ...box, height: 0.41 });
    assertBox(nudged(box, press('ArrowLeft', { shiftKey: true, altKey: true })), { ...box, width: 0.398 });
    assertBox(nudged(box, press('ArrowLeft', { altKey: true })), { ...box, x: 0.198 });
  });

  it('that mean nothing here are left to others', () => assert.equal(nudged(box, press('x')), undefined));
});

describe('a tap', () => {
  const room = { name: 'room', box: { x: 0, y: 0, width: 1, height: 1 } };
  const cup = { name: 'cup', box: { x: 0.5, y: 0.5, width: 0.01, height: 0.01 } };
  const name = (x: number, y: number) => boxAt({ x, y }, [room, cup], size)?.name;

  it('means the smallest box under it', () => {
    assert.equal(name(0.505, 0.505), 'cup');
    assert.equal(name(0.1, 0.1), 'room');
  });

  it('hits a box that is smaller than a fingertip from close by', () => {
    assert.equal(name(0.52, 0.5), 'cup');
    assert.equal(name(0.55, 0.5), 'room');
  });

  it('beside every box means none', () => {
    assert.equal(boxAt({ x: 0.9, y: 0.9 }, [cup], size), undefined);
  });
});
