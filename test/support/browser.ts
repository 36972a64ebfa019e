// A real gallery and a real browser for one test file, and everything the browser complained about.
// What runs inside a page is written as text: these programs know no types of a browser.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before } from 'node:test';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import type { Role } from '../../src/gallery/user.ts';
import { launchChromium } from './chromium.ts';
import { type Client, createClient } from './client.ts';
import { fixturesFolder } from './data.ts';
import { makeFolder } from './folder.ts';
import { signInPeople } from './people.ts';
import { type Program, startProgram } from './start-program.ts';
import { until } from './until.ts';

export const phone: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
  locale: 'en-US',
};
export const desktop: BrowserContextOptions = { viewport: { width: 1440, height: 900 }, locale: 'en-US' };

/** How a page may be looked at. As axe needs it: its own script may run, and nothing is still on its way in. */
export interface Look {
  readonly name: string;
  readonly width: number;
  readonly options: BrowserContextOptions;
}

const look = (width: 390 | 1440, colorScheme: 'light' | 'dark', locale: 'en-US' | 'ko-KR'): Look => ({
  name: `${width} px, ${colorScheme}, ${locale}`,
  width,
  options: {
    ...(width === 390 ? phone : desktop),
    colorScheme,
    locale,
    bypassCSP: true,
    reducedMotion: 'reduce',
    // No page looks different with one, and it fetches everything that it keeps anew for each look.
    serviceWorkers: 'block',
  },
});

/** Any two of width, scheme and language meet in one of them. */
export const fewLooks: readonly Look[] = [
  look(390, 'light', 'ko-KR'),
  look(390, 'dark', 'en-US'),
  look(1440, 'light', 'en-US'),
  look(1440, 'dark', 'ko-KR'),
];
export interface OpenPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Script errors, console errors and violations of the content security policy, so far. */
  readonly complaints: readonly string[];
  /** Closes the page; fails when there was a complaint that is not among the expected ones. */
  close(expected?: RegExp): Promise<void>;
}

export interface Stage {
  readonly program: Program;
  readonly client: Client;
  isInTrash(id: string): Promise<boolean>;
  /** A client of one of the people. */
  clientOf(name: string): Client;
  /** A page of the gallery that has loaded. @param name of whoever has signed in there */
  open(path: string, options?: BrowserContextOptions, name?: string): Promise<OpenPage>;
}

/**
 * Call at the top of a test file. The built-in engine looks at the pictures. With people, everybody else may look.
 * @param args for the browser
 */
export function openStage(args: readonly string[] = [], people: Readonly<Record<string, Role>> = {}): Stage {
  let program: Program;
  let client: Client;
  let cookies: Readonly<Record<string, string>> = {};
  let browser: Browser;
  before(async () => {
    const uploadsDir = await makeFolder();
    const isForPeople = Object.keys(people).length > 0;
    if (isForPeople) cookies = await signInPeople(uploadsDir, people);
    const access = isForPeople ? { ACCESS: 'public' } : undefined;
    program = await startProgram({ uploadsDir, env: { DETECTOR: 'centernet', ...access } });
    client = createClient(program.url);
    browser = await launchChromium(args);
  });
  after(async () => {
    await browser?.close();
    await program?.stop();
  });
  return {
    get program() {
      return program;
    },
    get client() {
      return client;
    },
    async isInTrash(id) {
      const { status, text } = await client.ask('/trash');
      return status === 200 && text.includes(id);
    },
    clientOf: (name) => createClient(program.url, cookies[name]),
    async open(path, options = phone, person = '') {
      const opened = await openPage(browser, options);
      const [name = '', value = ''] = cookies[person]?.split('=') ?? [];
      if (name !== '') await opened.context.addCookies([{ name, value, url: program.url }]);
      await opened.page.goto(new URL(path, program.url).href);
      return opened;
    },
  };
}

export const fixture = (name: string) => join(fixturesFolder, name);
export const readFixture = (name: string) => readFileSync(fixture(name));

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * Opens one page after the other in one tab, and returns a line for everything that axe finds wrong, or that is wider than the screen.
 * @param paths by what each page is called in those lines
 * @param expected complaints of the browser that are none
 */
export async function faultsOfPages(
  stage: Pick<Stage, 'open'>,
  paths: ReadonlyMap<string, string>,
  { name: lookName, width, options }: Look,
  expected?: RegExp,
): Promise<string[]> {
  const [first = '/'] = paths.values();
  const { page, close } = await stage.open(first, options);
  const faults: string[] = [];
  for (const [name, path] of paths) {
    await page.goto(new URL(path, page.url()).href);
    faults.push(...(await accessibilityFaults(page)).map((fault) => `${name}: ${fault}`));
    const isWide = await page.evaluate<number>('document.documentElement.scrollWidth');
    if (isWide > width) faults.push(`${name}: it is ${isWide} px wide`);
    // For looking at them: a folder that is there already.
    const folder = process.env['LOOKS'];
    if (folder !== undefined)
      await page.screenshot({
        path: `${folder}/${name}-${lookName}.png`.replaceAll(', ', '-').replaceAll(' ', '_'),
      });
  }
  await close(expected);
  return faults;
}

/** What axe finds wrong with the page as it is now, a line a rule. The page's context must bypass its policy. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  // Of what is in order, axe would otherwise work out where it stands, too.
  return page.evaluate<
    string[]
  >(`axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, nodes }) =>
    id + ': ' + nodes.map(({ target, any }) => target.join(' ') + ' ' + (any[0]?.message ?? '')).join(' | ')))`);
}

/** Waits until an expression, or what it promises, is true in the page. Asked from outside: Playwright's own waiting is code that the policy forbids. */
export async function becomes(page: Page, expression: string): Promise<void> {
  await until(
    expression, // A page that is just being exchanged for the next one cannot answer.
    () => page.evaluate<boolean>(`Promise.resolve(${expression}).then(Boolean)`).catch(() => false),
    { deadlineMs: 30_000 },
  );
}

/** A page of its own context, where nothing is loaded yet. */
export async function openPage(browser: Browser, options: BrowserContextOptions): Promise<OpenPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => {
    // Chromium's own word about a view transition that somebody was quicker than; no script of the page has a hand in it.
    if (!/^Transition was (aborted|skipped)/.test(message)) complaints.push(`script: ${message}`);
  });
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  await page.addInitScript(
    `addEventListener('securitypolicyviolation', (event) =>
      console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample))`,
  );
  return {
    page,
    context,
    complaints,
    async close(expected) {
      await context.close();
      const unexpected = complaints.filter(
        (complaint) => expected === undefined || !expected.test(complaint),
      );
      assert.deepEqual(unexpected, []);
    },
  };
}
