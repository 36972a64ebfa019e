// A real Chromium for the browser tests: the one CHROMIUM names, else the system's. Refuses to download one.
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const candidates = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const found = candidates.find((path) => path !== undefined && existsSync(path));

/** For a test's options: false, or why there can be no browser. */
export const skipWithoutChromium: string | false =
  found === undefined ? 'no Chromium at CHROMIUM or /usr/bin/chromium' : false;

export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    ...(found === undefined ? {} : { executablePath: found }),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
