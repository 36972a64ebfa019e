// Takes screenshots of every page for a pair of eyes, and says what the browser complains about. Not a test: it judges nothing.
// node --import tsx test/e2e/looks.ts <folder> [--photographs <folder with expected.json>] [--only <text>] [--sure all=50] [--full] [--no-scripts]
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../support/chromium.ts';
import { openLooksGallery } from './looks-gallery.ts';
import { openLooksServer } from './looks-server.ts';

interface Look {
  readonly name: string;
  readonly path: string;
  /** What is done in the page before it is looked at. */
  readonly act?: string;
  readonly width: 390 | 1440;
  readonly scheme: 'light' | 'dark';
  readonly language: 'en' | 'ko';
}

// What runs inside the page, as text: this program knows no types of a browser.
const inPage = {
  listen: `
    addEventListener('securitypolicyviolation', (event) =>
      console.error('CSP ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample));
    new PerformanceObserver((list) => {
      for (const shift of list.getEntries()) console.warn('layout shift ' + shift.value);
    }).observe({ type: 'layout-shift', buffered: true });`,
  loaded: `Promise.all([...document.images].filter((image) => image.loading !== 'lazy').map((image) => image.decode().catch(() => {})))`,
  violations: `axe.run().then(({ violations }) => violations.map(({ id, nodes }) =>
    id + ': ' + nodes.map(({ html, any }) => html.slice(0, 140) + ' ' + (any[0]?.message ?? '')).join(' | ')))`,
} as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  allowNegative: true,
  options: {
    photographs: { type: 'string' },
    only: { type: 'string', default: '' },
    scripts: { type: 'boolean', default: true },
    sure: { type: 'string', default: 'all=50' },
    full: { type: 'boolean', default: false },
  },
});
const folder = positionals[0] ?? '/tmp/looks';
const say = (text: string) => process.stdout.write(`${text}\n`);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const english = await openLooksGallery('en', values.photographs);
const korean = values.photographs === undefined ? await openLooksGallery('ko') : english;
const server = await openLooksServer({ en: english, ko: korean });
// A camera that the browser makes up, for the shooting mode.
const browser = await launchChromium([
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
]);
mkdirSync(folder, { recursive: true });
try {
  for (const look of looks()) if (look.name.includes(values.only)) await take(browser, look);
} finally {
  await browser.close();
  server.close();
}

function looks(): Look[] {
  const photo = (index: number) => `/photos/${english.photos[index]?.id}`;
  const pages = {
    list: '/',
    states: '/states',
    empty: '/empty',
    label: '/label',
    problem: '/problem',
    labels: '/labels',
    new: '/photos/new',
    offline: '/offline',
    shoot: '/shoot',
    shot: '/shot',
    results: '/results',
    photo0: photo(0),
    photo1: photo(1),
    photo2: photo(2),
    photo4: photo(4),
    waiting: '/waiting',
    failed: '/failed',
    conflict: '/conflict',
    refused: '/refused',
    'error-404': '/error/404',
    'error-500': '/error/500',
  };
  const click = (selector: string) => `document.querySelector(${JSON.stringify(selector)}).click()`;
  const acts: Record<string, { readonly path: string; readonly act: string }> = {
    'sure-list': { path: '/label', act: click('.sure-open') },
    'sure-labels': { path: '/labels', act: click('.sure-open') },
    'chip-menu': { path: photo(0), act: click('.chip-more') },
    correcting: { path: photo(0), act: click('#correct > summary') },
    'correcting-small': { path: photo(1), act: click('#correct > summary') },
    chosen: {
      path: photo(0),
      act: `${click('#correct > summary')}; ${click('.things li:nth-child(3) summary')}`,
    },
    adding: {
      path: photo(0),
      act: `${click('#correct > summary')}; ${click('.adding summary')}`,
    },
  };
  const sides = [
    { width: 390, scheme: 'light', language: 'ko' },
    { width: 390, scheme: 'dark', language: 'en' },
    { width: 1440, scheme: 'light', language: 'en' },
    { width: 1440, scheme: 'dark', language: 'ko' },
  ] as const;
  const all = [
    ...Object.entries(pages).map(([name, path]) => [name, { path }] as const),
    ...Object.entries(acts),
  ];
  return all.flatMap(([name, what]) =>
    sides.map((side) => ({
      ...side,
      ...what,
      name: `${name}-${side.width}-${side.scheme}-${side.language}`,
    })),
  );
}

async function take(browser: Browser, look: Look): Promise<void> {
  const context = await browser.newContext({
    viewport: { width: look.width, height: look.width === 390 ? 844 : 900 },
    deviceScaleFactor: look.width === 390 ? 2 : 1,
    hasTouch: look.width === 390,
    isMobile: look.width === 390,
    colorScheme: look.scheme,
    javaScriptEnabled: values.scripts,
    locale: look.language,
  });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) say(`${look.name}: console: ${message.text()}`);
  });
  page.on('pageerror', (error) => say(`${look.name}: error: ${error.message}`));
  await page.addInitScript({ content: inPage.listen });
  const query = `lang=${look.language}&sure=${encodeURIComponent(values.sure)}`;
  await page.goto(`${server.origin}${look.path}?${query}`, { waitUntil: 'load' });
  await page.evaluate(inPage.loaded);
  // As text, and not within the page's own policy.
  if (look.act !== undefined) await page.evaluate(look.act);
  await page.waitForTimeout(450);
  await page.screenshot({ path: join(folder, `${look.name}.png`), fullPage: values.full });
  // Evaluated from outside the page, so its policy stays as it is.
  await page.evaluate(axe);
  const violations = (await page.evaluate(inPage.violations)) as readonly string[];
  for (const violation of violations) say(`${look.name}: axe: ${violation}`);
  const width = Number(await page.evaluate('document.documentElement.scrollWidth'));
  if (width > look.width) say(`${look.name}: scrolls sideways (${width} px)`);
  await context.close();
}
