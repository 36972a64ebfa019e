// A real Chromium for the browser tests: the one CHROMIUM names, else the system's. Refuses to download one.
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type LaunchOptions } from 'playwright-core';

const candidates = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const found = candidates.find((path) => path !== undefined && existsSync(path));
/** The same engine without the windows around it, which is what most of the processor's time goes into otherwise. */
const shell = '/usr/bin/chromium-headless-shell';
const quick = process.env.CHROMIUM === undefined && existsSync(shell) ? shell : found;

/** For a test's options: false, or why there can be no browser. */
export const skipWithoutChromium: string | false =
  found === undefined ? 'no Chromium at CHROMIUM or /usr/bin/chromium' : false;

/** @param args beside those that every test wants */
export async function launchChromium(args: readonly string[] = []): Promise<Browser> {
  return chromium.launch(optionsWith(quick, args));
}

/** A browser that remembers, as on somebody's own phone: only there can anything be installed, and not without windows. */
export async function launchOwnChromium(folder: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, optionsWith(found, []));
}

function optionsWith(executable: string | undefined, args: readonly string[]): LaunchOptions {
  return {
    ...(executable === undefined ? {} : { executablePath: executable }),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...args,
    ],
  };
}
