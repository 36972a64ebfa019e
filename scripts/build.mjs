// Builds what runs: src/ -> dist/ (TypeScript), src/browser/*.ts -> static/built/ (bundles for the page).
// `--pages` builds the page's scripts only, for `npm run dev`.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../', import.meta.url));
const browser = join(root, 'src/browser');

/** Entries are the files directly in src/browser/; what they share lives in src/browser/parts/. */
async function buildPages() {
  const entries = existsSync(browser) ? readdirSync(browser).filter((name) => name.endsWith('.ts')) : [];
  rmSync(join(root, 'static/built'), { recursive: true, force: true });
  await build({
    entryPoints: entries.map((name) => join(browser, name)),
    outdir: join(root, 'static/built'),
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['es2022', 'safari16.4'],
    legalComments: 'none',
    logLevel: 'warning',
  });
}

function buildServer() {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}

await buildPages();
if (!process.argv.includes('--pages')) buildServer();
