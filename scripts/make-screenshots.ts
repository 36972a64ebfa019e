// Takes the README's screenshot: the real program, the built-in engine, and pictures that this project drew itself.
// Usage, after `npm run build`: node --import tsx scripts/make-screenshots.ts
import { mkdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { scenes } from '../test/e2e/scenes.ts';
import { launchChromium } from '../test/support/chromium.ts';
import { createClient } from '../test/support/client.ts';
import { startProgram } from '../test/support/start-program.ts';

/** Drawings in which the built-in engine, made for photos, sees other things than people do. */
const puzzling = [
  'Pizza night',
  'Finally rain',
  'Tongyeong harbour',
  'Grandma’s persimmons',
  'Mimi on the sill',
];
const out = 'docs/screenshots';
const uploadsDir = join(tmpdir(), `sajin-screenshots-${process.pid}`);
await mkdir(out, { recursive: true });
const program = await startProgram({ uploadsDir, env: { DETECTOR: 'centernet' } });
const browser = await launchChromium();
try {
  const street = await fill(program.url);
  const desktop = await shoot({ width: 1280, height: 800, path: '/', scheme: 'light', language: 'en' });
  const phone = await shoot({
    width: 390,
    height: 800,
    path: `/photos/${street}`,
    scheme: 'dark',
    language: 'ko',
  });
  await sharp({ create: { width: 1280 + 24 + 390, height: 800, channels: 4, background: '#ffffff00' } })
    .composite([
      { input: desktop, left: 0, top: 0 },
      { input: phone, left: 1280 + 24, top: 0 },
    ])
    .flatten({ background: '#ffffff' })
    .png({ palette: true, effort: 10 })
    .toFile(join(out, 'overview.png'));
} finally {
  await browser.close();
  await program.stop();
  await rm(uploadsDir, { recursive: true, force: true });
}

/** The drawn scenes, and last, so first in the list, two that both engines know things in. Returns the street's id. */
async function fill(url: string): Promise<string> {
  const client = createClient(url);
  for (const { svg, title } of scenes.filter(({ title }) => !puzzling.includes(title.en))) {
    const jpeg = await sharp(Buffer.from(svg)).jpeg({ quality: 88 }).toBuffer();
    await client.developed((await client.keep(jpeg, { title: title.en })).id);
  }
  const ids: string[] = [];
  for (const [name, title] of [
    ['room.jpg', 'Ten past ten'],
    ['street.jpg', '멈춤 표지판'],
  ] as const) {
    const { id } = await client.keep(await readFile(join('test/fixtures', name)), { title });
    ids.push((await client.developed(id)).id);
  }
  return ids[1] ?? '';
}

async function shoot(view: {
  width: number;
  height: number;
  path: string;
  scheme: 'light' | 'dark';
  language: string;
}) {
  const { width, height, path, scheme, language } = view;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    locale: language,
  });
  const page = await context.newPage();
  await page.goto(new URL(path, program.url).href);
  await page.waitForTimeout(800);
  const picture = await page.screenshot();
  await context.close();
  return picture;
}
