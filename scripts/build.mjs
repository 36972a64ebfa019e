// Builds what runs: src/ -> dist/ (TypeScript), src/browser/*.ts -> static/built/ (bundles for the page).
// `--pages` builds the page's scripts only, for `npm run dev`.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../', import.meta.url));
const browser = join(root, 'src/browser');

/**
 * Entries are the files directly in src/browser/; what they share lives in src/browser/parts/. Pages share chunks, and load some of them
 * only when needed. A worker stands alone: its address carries the digest of all there is in it.
 */
async function buildPages(outdir) {
  const names = existsSync(browser) ? readdirSync(browser).filter((name) => name.endsWith('.ts')) : [];
  const isWorker = (name) => name.endsWith('-worker.ts');
  const bundle = (entries, more) =>
    build({
      entryPoints: entries.map((name) => join(browser, name)),
      outdir,
      bundle: true,
      minify: true,
      format: 'esm',
      target: ['es2022', 'safari16.4'],
      legalComments: 'none',
      logLevel: 'warning',
      ...more,
    });
  await bundle(
    names.filter((name) => !isWorker(name)),
    { splitting: true, chunkNames: 'chunk-[hash]' },
  );
  // Classic scripts without imports: the server writes in front of the service worker what it may keep.
  await bundle(names.filter(isWorker), { format: 'iife' });
}

function buildServer(outdir) {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  const { status } = spawnSync(
    process.execPath,
    [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', outdir],
    { stdio: 'inherit' },
  );
  if (status !== 0) process.exit(status ?? 1);
}

/** Builds beside the old one and changes places at the end: a gallery that runs from here goes on, also when a build fails. */
async function replace(folder, make) {
  const [next, old] = [`${folder}.next-${process.pid}`, `${folder}.old-${process.pid}`];
  rmSync(next, { recursive: true, force: true });
  process.on('exit', () => rmSync(next, { recursive: true, force: true }));
  await make(next);
  if (existsSync(folder)) renameSync(folder, old);
  renameSync(next, folder);
  rmSync(old, { recursive: true, force: true });
}

await replace(join(root, 'static/built'), buildPages);
if (!process.argv.includes('--pages')) await replace(join(root, 'dist'), buildServer);
