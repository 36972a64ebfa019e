// The plan of the house as data, and one function that says what is wrong with a file.
import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { codeOf, effectsOf, type ImportLine, importsOf, openingComment } from './source.ts';

export interface SourceFile {
  /** From the root of the project, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** Each package and the rooms that may load it; `build` stands for scripts/, which makes what runs. */
export const packageOwners: ReadonlyMap<string, readonly string[]> = new Map([
  ['express', ['http']],
  ['multer', ['http']],
  ['eta', ['http']],
  ['helmet', ['http']],
  ['cookie', ['http']],
  ['@tus/server', ['http']],
  ['@tus/file-store', ['storage']],
  ['@tus/utils', ['storage']],
  ['tar', ['storage']],
  ['better-sqlite3', ['database']],
  ['uuid', ['database']],
  ['sharp', ['darkroom']],
  ['exifr', ['darkroom']],
  ['libheif-js', ['darkroom']],
  ['onnxruntime-node', ['darkroom']],
  ['@tensorflow/tfjs-core', ['darkroom']],
  ['@tensorflow/tfjs-converter', ['darkroom']],
  ['@tensorflow/tfjs-backend-wasm', ['darkroom']],
  ['@tensorflow/tfjs-node', ['darkroom']],
  ['@tensorflow-models/coco-ssd', ['darkroom']],
  ['@vladmandic/human', ['darkroom']],
  ['pino', ['log']],
  ['prom-client', ['metrics']],
  ['zod', ['config', 'http', 'darkroom', 'storage']],
  ['tus-js-client', ['browser']],
  ['idb', ['browser']],
  ['@noble/hashes', ['browser']],
  ['@zxcvbn-ts/language-common', ['security']],
  ['uqr', ['security']],
  ['@simplewebauthn/server', ['security']],
  ['esbuild', ['build']],
  ['typescript', ['build']],
]);

/** Floors by room; rooms of one floor never meet. `browser` runs in the page, so it meets nobody but what is pure. */
const floors: Readonly<Record<string, number>> = {
  main: 3,
  cli: 3,
  assemble: 3,
  housekeeping: 3,
  figures: 3,
  config: 3,
  http: 2,
  database: 2,
  storage: 2,
  darkroom: 2,
  jobs: 2,
  events: 2,
  browser: 2,
  gallery: 1,
  security: 0,
  log: 0,
  metrics: 0,
};

/** What the domain may load from Node at run time: calculations, nothing that reaches a disk, a network or a process. */
const pureModules = ['node:crypto', 'node:util', 'node:buffer', 'node:events', 'node:assert', 'node:zlib'];

/** The entries: loading them is starting them. */
const entries = ['src/main.ts', 'src/darkroom/child.ts', 'src/database/check-child.ts'];

const maxLines = 300;

/** One sentence for every rule that the file breaks. */
export function violationsOf({ path, text }: SourceFile): string[] {
  return [
    ...importsOf(text).flatMap((line) => importFault(path, line) ?? []),
    ...textFaults(path, text),
    ...effectsOf(text).flatMap((line) => effectFault(path, line)),
  ].map((fault) => `${path} ${fault}`);
}

/** Packages that are installed for running and loaded by nobody. Those of the build are not looked for. */
export function purposeless(packages: readonly string[], sources: readonly SourceFile[]): string[] {
  const loaded = new Set(
    sources.flatMap(({ text }) => importsOf(text).map(({ specifier }) => packageOf(specifier))),
  );
  return packages.filter((name) => !loaded.has(name) && !packageOwners.get(name)?.includes('build'));
}

function importFault(path: string, line: ImportLine): string | undefined {
  const { specifier } = line;
  if (specifier.startsWith('.')) return pathFault(path, specifier);
  if (specifier.startsWith('node:')) return nodeFault(path, line);
  const name = packageOf(specifier);
  if (builtinModules.includes(name)) return `imports ${name} without "node:"`;
  const room = roomOf(path);
  return packageOwners.get(name)?.includes(room) ? undefined : `imports ${name}, which ${room} does not own`;
}

function pathFault(path: string, specifier: string): string | undefined {
  const target = posix.join(posix.dirname(path), specifier);
  if (!target.startsWith('src/')) return `imports ${target}, which is not part of what runs`;
  const [from, to] = [roomOf(path), roomOf(target)];
  if (from === to) return undefined;
  const [upper, lower] = [floors[from], floors[to]];
  if (upper === undefined || lower === undefined)
    return `imports ${target}: ${from} or ${to} is no room of the plan`;
  if (from === 'config') return `imports ${target}, but settings know nobody`;
  if (upper === 3 || upper > lower) return undefined;
  return `imports ${target}: ${to} is ${upper === lower ? 'a neighbour of' : 'above'} ${from}`;
}

function nodeFault(path: string, { specifier, typeOnly }: ImportLine): string | undefined {
  const room = roomOf(path);
  if (room === 'browser') return `imports ${specifier}, which no browser has`;
  if (room !== 'gallery' || typeOnly || pureModules.includes(specifier)) return undefined;
  return `imports ${specifier}: the domain reaches no disk, network or process`;
}

// main.ts hands `process.env` over whole, to the one who reads it.
function textFaults(path: string, text: string): string[] {
  const code = codeOf(text);
  const reads =
    roomOf(path) === 'main' || roomOf(path) === 'cli' ? /process\.env\b\s*[.[?]/ : /process\.env\b/;
  const lines = text.trimEnd().split('\n').length;
  return [
    ...(openingComment(text).trim() === '' ? ['does not open with a comment that says what it is for'] : []),
    ...(lines > maxLines ? [`has ${lines} lines; at ${maxLines} look for the second idea`] : []),
    ...(path !== 'src/config.ts' && reads.test(code)
      ? ['reads the environment, which only config.ts does']
      : []),
    ...(/^export default\b/m.test(code) ? ['has a default export: things are imported by their name'] : []),
  ];
}

function effectFault(path: string, line: string): string[] {
  const entry = entries.includes(path) || path.startsWith('src/browser/');
  return entry ? [] : [`does something when it is loaded: ${line.trim()}`];
}

// `src/http/routes/photos.ts` is in http, `src/jobs.ts` in jobs, which may become `src/jobs/` one day.
const roomOf = (path: string) => (path.split('/')[1] ?? '').replace(/\.ts$/, '');

const packageOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
