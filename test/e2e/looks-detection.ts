// Takes screenshots of the pages around detection for a pair of eyes, with made-up models and photos. Not a test: it judges nothing.
// node --import tsx test/e2e/looks-detection.ts <folder> [--photographs <folder with expected.json>] [--only <text>]

import { createReadStream, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { defaultThreshold } from '../../src/gallery/detection.ts';
import type { Photo, PhotoCard } from '../../src/gallery/photo.ts';
import type { RerunScope } from '../../src/gallery/rerun.ts';
import { machine } from '../../src/gallery/viewer.ts';
import { rightsOf } from '../../src/http/access.ts';
import { openAssets } from '../../src/http/assets.ts';
import type { DetectionModel } from '../../src/http/pages/detection.ts';
import { openViews, type PageContext, type Views } from '../../src/http/views.ts';
import { launchChromium } from '../support/chromium.ts';
import * as data from './looks-detection-data.ts';

type Language = 'en' | 'ko';
type Pages = Record<string, (views: Views, context: PageContext) => string>;

const root = fileURLToPath(new URL('../../', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { photographs: { type: 'string' }, only: { type: 'string', default: '' } },
});
const folder = positionals[0] ?? '/tmp/looks-detection';
const say = (text: string) => process.stdout.write(`${text}\n`);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const policy = [
  "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'none'; img-src 'self' blob: data:",
  "connect-src 'self'; form-action 'self'; require-trusted-types-for 'script'; trusted-types 'none'",
].join('; ');

const media: data.Media = new Map();
const pages: Record<Language, Pages> = { en: await pagesIn('en'), ko: await pagesIn('ko') };
const server = await serve();
const browser = await launchChromium();
mkdirSync(folder, { recursive: true });
try {
  for (const name of Object.keys(pages.en))
    for (const side of sides()) {
      const look = `${name.slice(1).replaceAll('/', '-')}-${side.width}-${side.scheme}-${side.language}`;
      if (look.includes(values.only)) await take(browser, name, look, side);
    }
} finally {
  await browser.close();
  server.close();
}

async function pagesIn(language: Language): Promise<Pages> {
  const sources = await data.openSources(language, values.photographs);
  const photos: PhotoCard[] = [];
  for (const [index, source] of sources.entries()) photos.push(await data.developed(source, index, media));
  const seen = data.seenPhotos(photos, sources);
  const [first, second, third] = photos as [PhotoCard, PhotoCard, PhotoCard];
  const settings = { detector: 'auto', offline: false, children: 2, nice: 10 } as const;
  const detection: DetectionModel = {
    models: data.models,
    status: { engine: { name: 'yolox', model: data.nano } },
    settings,
    totals: data.totals,
    labels: [
      { label: 'person', photos: 412 },
      { label: 'dog', photos: 31 },
    ],
    reruns: [
      data.rerun({ state: 'looking', seen: 96 }),
      data.rerun({ state: 'ready', scope: { kind: 'label', label: 'dog', threshold: defaultThreshold } }),
      data.rerun({
        state: 'done',
        automatic: true,
        approved: true,
        scope: { kind: 'model', model: 'a'.repeat(64) },
      }),
      data.rerun({ state: 'cancelled', scope: { kind: 'model', model: '' }, differing: 0 }),
    ],
    failed: 2,
  };
  const rerun =
    (changes: Parameters<typeof data.rerun>[0], more: { shown?: typeof seen; all?: boolean } = {}) =>
    (views: Views, context: PageContext) =>
      views.rerun(context, {
        rerun: data.rerun(changes),
        models: data.models,
        page: { photos: more.shown ?? seen, ...(more.shown ? {} : { next: first.id }) },
        all: more.all ?? false,
        first: true,
        photo: first,
        waitsFor: changes?.state === 'looking' && changes.seen === 12 ? { from: 1, to: 7 } : undefined,
      });
  const single: RerunScope = { kind: 'photo', photo: first.id };
  const none = { differing: 0, found: 0, lost: 0, changed: 0, failed: 0 };
  const broken = [
    { ...first, state: 'failed', failure: { code: 'damaged', detail: 'the file ends too early' } },
    { ...second, state: 'failed', failure: { code: 'crashed' }, renditions: [], placeholder: undefined },
    { ...third, state: 'failed', failure: { code: 'out-of-memory' }, title: '' },
  ] as unknown as Photo[];
  return {
    '/detection': (views, context) => views.detection(context, detection),
    '/offline': (views, context) =>
      views.detection(context, {
        ...detection,
        models: data.models.map((one) =>
          one.state.kind === 'fetching' ? { ...one, state: { kind: 'absent' } } : one,
        ),
        settings: { ...settings, offline: true, detector: 'centernet', rerunHours: { from: 1, to: 7 } },
        status: { problem: 'The built-in model is missing: run npm ci again.' },
        refusal:
          'This model can’t be used: it has no output of a YOLOX. Choose a YOLOX export in ONNX format.',
        verified: 'yolox-nano',
      }),
    '/fresh': (views, context) =>
      views.detection(context, { ...detection, totals: [], reruns: [], failed: 0, labels: [] }),
    '/rerun/ready': rerun({}),
    '/rerun/looking': rerun({ state: 'looking', seen: 96, failed: 0 }, { shown: seen.slice(0, 4) }),
    '/rerun/started': rerun({ state: 'looking', seen: 12, ...none }, { shown: [] }),
    '/rerun/paused': rerun({ state: 'paused', seen: 96 }),
    '/rerun/done': rerun({ state: 'done' }, { shown: seen.map((one) => ({ ...one, applied: true })) }),
    '/rerun/nothing': rerun(none, { shown: [] }),
    '/rerun/cancelled': rerun({ state: 'cancelled', applied: 2, automatic: true }),
    '/rerun/one': rerun(
      { scope: single, total: 1, seen: 1, failed: 0, differing: 1 },
      { shown: seen.slice(0, 1) },
    ),
    '/rerun/one-looking': rerun(
      { scope: single, state: 'looking', total: 1, seen: 0, ...none },
      { shown: [] },
    ),
    '/rerun/one-same': rerun(
      { scope: single, total: 1, seen: 1, ...none },
      { shown: [{ photo: first, differences: [], applied: false }] },
    ),
    '/failed': (views, context) =>
      views.failed(
        { ...context, failed: 3 },
        { page: { photos: broken }, mayRetry: () => true, count: 3, first: true },
      ),
    '/failed/empty': (views, context) =>
      views.failed(context, { page: { photos: [] }, mayRetry: () => true, count: 0, first: true }),
  };
}

function sides() {
  return [
    { width: 390, scheme: 'light', language: 'ko' },
    { width: 390, scheme: 'dark', language: 'en' },
    { width: 1440, scheme: 'light', language: 'en' },
    { width: 1440, scheme: 'dark', language: 'ko' },
  ] as const;
}

async function serve() {
  const views = openViews({ viewsFolder: join(root, 'views'), assets: openAssets(join(root, 'static')) });
  const types: Record<string, string> = { css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml' };
  const http = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://looks');
    const language: Language = url.searchParams.get('lang') === 'ko' ? 'ko' : 'en';
    const file = join(root, normalize(url.pathname));
    const picture = media.get(url.pathname);
    response.setHeader('Content-Security-Policy', policy);
    if (url.pathname.startsWith('/static/') && existsSync(file)) {
      response.setHeader('Content-Type', types[/\.(\w+)$/.exec(file)?.[1] ?? ''] ?? 'text/plain');
      createReadStream(file).pipe(response);
    } else if (picture !== undefined) {
      response.setHeader('Content-Type', picture.type).end(picture.bytes);
    } else if (url.pathname === '/events') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(': hello\n\n');
    } else {
      const context: PageContext = {
        language,
        threshold: defaultThreshold,
        path: url.pathname + url.search,
        today: new Date(Date.UTC(2026, 10, 20, 4)),
        maxUploadMb: 100,
        rights: rightsOf(machine),
        failed: 2,
      };
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      response.end(pages[language][url.pathname]?.(views, context) ?? 'nothing here');
    }
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    close() {
      http.closeAllConnections();
      http.close();
    },
  };
}

async function take(
  browser: Browser,
  path: string,
  look: string,
  { width, scheme, language }: ReturnType<typeof sides>[number],
): Promise<void> {
  const context = await browser.newContext({
    viewport: { width, height: width === 390 ? 844 : 900 },
    deviceScaleFactor: width === 390 ? 2 : 1,
    hasTouch: width === 390,
    isMobile: width === 390,
    colorScheme: scheme,
    locale: language,
  });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) say(`${look}: console: ${message.text()}`);
  });
  page.on('pageerror', (error) => say(`${look}: error: ${error.message}`));
  await page.goto(`${server.origin}${path}?lang=${language}`, { waitUntil: 'load' });
  await page.waitForTimeout(450);
  await page.screenshot({ path: join(folder, `${look}.png`) });
  if (/^(detection|offline|rerun-ready|failed)-/.test(look))
    await page.screenshot({ path: join(folder, `${look}-full.png`), fullPage: true });
  // Evaluated from outside the page, so its policy stays as it is.
  await page.evaluate(axe);
  const violations = await page.evaluate<
    string[]
  >(`axe.run().then(({ violations }) => violations.map(({ id, nodes }) =>
    id + ': ' + nodes.map(({ html, any }) => html.slice(0, 140) + ' ' + (any[0]?.message ?? '')).join(' | ')))`);
  for (const violation of violations) say(`${look}: axe: ${violation}`);
  const shown = Number(await page.evaluate('document.documentElement.scrollWidth'));
  if (shown > width) say(`${look}: scrolls sideways (${shown} px)`);
  await context.close();
}
