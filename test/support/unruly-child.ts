// A darkroom child that misbehaves when the name of the picture tells it to: what the pool must live with. Never part of what runs.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { getPriority } from 'node:os';
import { basename, join } from 'node:path';
import { pipeDescriptor, type Request, readLines } from '../../src/darkroom/messages.ts';
import type { EngineChoice } from '../../src/darkroom/models/plan.ts';

const pipe = new Socket({ fd: pipeDescriptor, readable: true, writable: true });
const say = (message: unknown) => pipe.write(`${JSON.stringify(message)}\n`);
const swollen: Buffer[] = [];
let choices: readonly EngineChoice[] = [];
let asked = 0;

pipe.on('end', () => process.exit());
readLines(
  pipe,
  (line) => hear(JSON.parse(line) as Request),
  () => process.exit(1),
);
say({ kind: 'ready' });

function hear(request: Request): void {
  if (request.kind === 'setup') {
    choices = request.plan.choices;
    return;
  }
  asked += 1;
  const name = basename(request.path).replace(/\..*$/, '');
  const good = () => say(goodAnswer(request));
  const fault = faults[name];
  if (fault === undefined) good();
  else fault(request, good);
}

type Question = Exclude<Request, { kind: 'setup' }>;
type Fault = (request: Question, good: () => void) => void;

function goodAnswer(request: Question): object {
  if (request.kind === 'probe') return probed(request.id);
  if (request.kind === 'look') return looked(request.id, {});
  return developed(request.id, request.outputFolder, {});
}

const faults: Readonly<Record<string, Fault>> = {
  'exit-1': () => process.exit(1),
  segfault: () => process.kill(process.pid, 'SIGSEGV'),
  hang: () => process.kill(process.pid, 'SIGSTOP'),
  swell: () => {
    for (;;) swollen.push(Buffer.alloc(8 * 1024 * 1024, 1));
  },
  noise: () => pipe.write('this is {no message\n'),
  flood: () => pipe.write('x'.repeat(3_000_000)),
  'unknown-kind': () => say({ kind: 'own-idea', id: 1 }),
  'wrong-kind': ({ id, kind }) => say(kind === 'probe' ? developed(id, '/', {}) : probed(id)),
  'other-kind': ({ id, kind }) => say(kind === 'develop' ? looked(id, {}) : developed(id, '/', {})),
  refused: ({ id }) => say({ kind: 'refused', id, code: 'disk-full' }),
  'no-number': (request) => sayDeveloped(request, { width: Number.NaN }),
  'foreign-label': (request) => saySeen(request, [odd({ label: 'ghost' })]),
  'score-beyond': (request) => saySeen(request, [odd({ score: 7 })]),
  'box-outside': (request) => saySeen(request, [odd({ box: { x: -1, y: 0, width: 1, height: 1 } })]),
  'foreign-file': (request) => sayDeveloped(request, { files: filesIn('/etc') }),
  // An answer that nobody asked for, then the right one twice.
  late: ({ id }, good) => {
    say(probed(id + 1000));
    good();
    good();
  },
  // Answers only when it is asked again, so that the first child dies with it in its hands.
  'once-lost': ({ path }, good) => {
    if (existsSync(`${path}.asked`)) good();
    else writeFileSync(`${path}.asked`, '');
  },
  // The facts of a picture are free text, so the tests read them.
  pid: (request) => sayDeveloped(request, { facts: { camera: `pid ${process.pid}` } }),
  asked: (request) => sayDeveloped(request, { facts: { camera: `asked ${asked}` } }),
  environment: (request) =>
    sayDeveloped(request, { facts: { camera: Object.keys(process.env).sort().join(' ') } }),
  restraint: (request) => sayDeveloped(request, { facts: { camera: restraint() } }),
  'bad-model': (request) => {
    const first = choices[0];
    if (first?.engine === 'yolox') dieOpening(first);
    else sayDeveloped(request, { facts: { camera: `with ${first?.engine}` } });
  },
};

function dieOpening({ engine, model }: EngineChoice): void {
  say({ kind: 'opening', engine: { name: engine, model } });
  // Not before the line has left: a real child takes its time between the two.
  pipe.end(() => process.kill(process.pid, 'SIGSEGV'));
}

const digest = '0'.repeat(64);
const seen = { kind: 'seen', engine: 'yolox', model: digest, tookMs: 1 };
const odd = (difference: object) => ({
  label: 'dog',
  score: 0.5,
  box: { x: 0, y: 0, width: 1, height: 1 },
  origin: { by: 'engine', engine: 'yolox', model: digest },
  ...difference,
});

function saySeen(request: Question, detections: readonly object[]): void {
  const sighting = { ...seen, detections };
  if (request.kind === 'look') say(looked(request.id, sighting));
  else sayDeveloped(request, { sighting });
}

function sayDeveloped(request: Request, difference: object): void {
  if (request.kind === 'develop') say(developed(request.id, request.outputFolder, difference));
}

function probed(id: number) {
  return { kind: 'probed', id, probe: { kind: 'picture', width: 40, height: 30, frames: 1 } };
}

function looked(id: number, difference: object) {
  return { kind: 'looked', id, sighting: { ...seen, detections: [], ...difference } };
}

function developed(id: number, folder: string, difference: object) {
  const answer = {
    kind: 'developed',
    width: 40,
    height: 30,
    files: filesIn(folder),
    placeholder: 'UklGRg==',
    facts: {},
    sighting: { kind: 'off' },
    ...difference,
  };
  return { kind: 'developed', id, developed: answer };
}

function filesIn(folder: string) {
  const of = (size: number) => ({ size, width: 40, height: 30, bytes: 1, sha256: digest });
  return [320, 800, 1600].map((size) => ({ ...of(size), path: join(folder, `${size}.webp`) }));
}

function restraint(): string {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const data = /^Max data size\s+(\S+)/m.exec(limits)?.[1];
  const core = /^Max core file size\s+(\S+)/m.exec(limits)?.[1];
  const oom = readFileSync('/proc/self/oom_score_adj', 'utf8').trim();
  return `nice ${getPriority()} oom ${oom} data ${data} core ${core}`;
}
