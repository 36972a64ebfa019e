// What hands do to a page in the browser tests: a finger that draws, a mouse that drags. Knows no page.
import type { Page } from 'playwright-core';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Fractions of the picture as pixels of the screen. */
export async function onPicture(page: Page, ...points: readonly Point[]): Promise<Point[]> {
  const box = await page.locator('#frame').boundingBox();
  if (box === null) throw new Error('there is no picture');
  return points.map(({ x, y }) => ({ x: box.x + x * box.width, y: box.y + y * box.height }));
}

/** One finger from here to there, as the touch screen tells it. */
export async function swipe(page: Page, from: Point, to: Point): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const tell = (type: 'touchStart' | 'touchMove' | 'touchEnd', touchPoints: Point[]) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints });
  await tell('touchStart', [from]);
  for (const part of [0.2, 0.4, 0.6, 0.8, 1])
    await tell('touchMove', [{ x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }]);
  await tell('touchEnd', []);
  await session.detach();
}

export async function drag(page: Page, from: Point, to: Point): Promise<void> {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2);
  await page.mouse.move(to.x, to.y);
  await page.mouse.up();
}
