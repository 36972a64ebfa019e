// What the service worker may keep on a device, and the version under which it does. Holds no data of the gallery.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultThreshold } from '../gallery/detection.ts';
import type { Assets } from './assets.ts';
import { type Language, languages } from './languages.ts';
import { offlinePath } from './links.ts';
import type { Views } from './views.ts';

/** Written in front of the service worker as `const sajin = {…}`; src/browser/service-worker.ts declares the same. */
interface Kept {
  /** Another one whenever a page or a static file is another one. */
  readonly version: string;
  readonly languages: readonly Language[];
  /** Addresses of what the offline page needs beside itself. */
  readonly files: readonly string[];
}

export interface Offline {
  readonly version: string;
  /** The whole script. */
  readonly serviceWorker: string;
  page(language: Language): string;
}

interface Needs {
  readonly views: Views;
  readonly assets: Assets;
  readonly staticFolder: string;
  readonly maxUploadBytes: number;
}

const worker = 'built/service-worker.js';

/** Renders and reads when it is first asked, and only then. */
export function createOffline(parts: Needs): () => Offline {
  let opened: Offline | undefined;
  return () => (opened ??= openOffline(parts));
}

function openOffline({ views, assets, staticFolder, maxUploadBytes }: Needs): Offline {
  const pages = languages.map((language) =>
    views.offline({
      language,
      threshold: defaultThreshold,
      path: offlinePath,
      today: new Date(0),
      // Who holds the device is not known here, and whatever needs more than a device needs a connection.
      rights: { look: true, add: true, operate: false, signIn: false },
      maxUploadMb: Math.floor(maxUploadBytes / 1024 / 1024),
    }),
  );
  const addresses = assets.names.map((name) => assets.address(name));
  const version = createHash('sha256')
    .update([...pages, ...addresses].join('\n'))
    .digest('hex')
    .slice(0, 12);
  const kept: Kept = { version, languages, files: filesFor(pages, assets.names) };
  const script = readFileSync(join(staticFolder, worker), 'utf8');
  return {
    version,
    serviceWorker: `const sajin = ${JSON.stringify(kept)};\n${script}`,
    page: (language) => pages[languages.indexOf(language)] ?? '',
  };
}

// What the pages name themselves, and the pieces that their scripts share, which esbuild names by their content.
function filesFor(pages: readonly string[], names: readonly string[]): string[] {
  const named = pages.flatMap((html) => [...html.matchAll(/"(\/static\/[^"#]+)/g)].map(([, at = '']) => at));
  const shared = names
    .filter((name) => /^built\/.*-[A-Z0-9]{8}\.js$/.test(name))
    .map((name) => `/static/${name}`);
  return [...new Set([...named, ...shared])];
}
