// `sajin models`: what is there to look at photos with, fetched, checked, brought and chosen from the command line. Works beside a running
// server, which notices by itself.
import { basename, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Config, ConfigError, readConfig } from '../config.ts';
import { planEngines } from '../darkroom/models/plan.ts';
import { proveWith } from '../darkroom/models/prove.ts';
import { type OpenShelf, openShelf } from '../darkroom/models/shelf.ts';
import { GalleryError } from '../gallery/errors.ts';
import type { DarkroomStatus, ModelEntry } from '../gallery/ports.ts';
import { openLog } from '../log.ts';
import { type Command, configFault, UsageError } from './command.ts';
import { tableOf } from './model-table.ts';
import { megabytes, openProgress } from './progress.ts';

export const models: Command = {
  usage: `models list [--json]     what there is, what is here, what looks at photos
models fetch NAME        download and verify; goes on where it was cut off
models verify [NAME]     read every byte again and compare
models import FILE       take over an .onnx file, or a model.json with its weights beside it
models use NAME|auto     from now on this one looks at photos; auto: the best that is here`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false } },
    });
    const [verb = 'list', name, ...rest] = positionals;
    const work = verbs.get(verb);
    if (work === undefined) throw new UsageError(`models ${verb} is no command.`);
    if (rest.length > 0 || (name !== undefined && verb === 'list')) throw new UsageError('That is too much.');
    if (name === undefined && needsName.includes(verb))
      throw new UsageError(`models ${verb} needs to know which one.`);
    return await withSettings((desk) => work(desk, name ?? '', values.json));
  },
};

interface Desk {
  readonly config: Config;
  readonly shelf: OpenShelf;
  /** What a server with these settings looks at photos with. */
  look(): Promise<DarkroomStatus>;
}

type Verb = (desk: Desk, name: string, json: boolean) => Promise<number>;

const verbs = new Map<string, Verb>([
  ['list', list],
  ['fetch', fetchModel],
  ['verify', verify],
  ['import', importFile],
  ['use', use],
]);

const needsName = ['fetch', 'import', 'use'];

async function withSettings(work: (desk: Desk) => Promise<number>): Promise<number> {
  try {
    const config = readConfig();
    const { detector, modelFile, modelMirror, offline } = config;
    const place = {
      modelsFolder: join(config.uploadsDir, 'models'),
      ...(modelFile === undefined ? {} : { modelFile }),
    };
    // What goes wrong is said on the terminal, once.
    const log = openLog('silent');
    let engine: DarkroomStatus['engine'];
    const mirror = modelMirror === undefined ? {} : { mirror: modelMirror };
    const prove = proveWith(log);
    const shelf = await openShelf({ ...place, ...mirror, offline, log, prove, inUse: () => engine });
    const look = async (): Promise<DarkroomStatus> => {
      const { choices, problem } = await planEngines({ ...place, detector });
      engine = choices[0] && { name: choices[0].engine, model: choices[0].model };
      return { ...(engine && { engine }), ...(problem !== undefined && { problem }) };
    };
    await look();
    return await work({ config, shelf, look });
  } catch (error) {
    if (error instanceof ConfigError) {
      complain(`Some settings can't be used:\n${error.message}`);
      return configFault;
    }
    if (!(error instanceof GalleryError)) throw error;
    complain(error.message);
    return 1;
  }
}

async function list({ shelf }: Desk, _name: string, json: boolean): Promise<number> {
  const entries = await shelf.list();
  say(json ? `${JSON.stringify(entries, undefined, 2)}\n` : tableOf(entries));
  return 0;
}

/** Also watches what another process fetches. Ctrl-C keeps what has come so far. */
async function fetchModel({ shelf }: Desk, name: string): Promise<number> {
  const stop = () => void shelf.close();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  const progress = openProgress(name, process.stderr);
  await shelf.fetch(name);
  let entry = await getEntry(shelf, name);
  while (entry.state.kind === 'fetching') {
    progress.show(entry.state.bytes, entry.state.of);
    await pause(watchEveryMs);
    entry = await getEntry(shelf, name);
  }
  progress.end();
  return sayOutcome(entry);
}

const watchEveryMs = 100;

function sayOutcome({ name, state, path, bytes = 0 }: ModelEntry): number {
  switch (state.kind) {
    case 'present':
      say(`${name} is here and verified: ${path} (${megabytes(bytes)} MB)\n`);
      return 0;
    case 'failed':
      complain(state.problem);
      return 1;
    default:
      complain('Stopped. What has come so far is kept: the same command goes on from there.');
      return 1;
  }
}

/** One model, or everything that is here. */
async function verify({ shelf }: Desk, name: string): Promise<number> {
  const entries = await shelf.list();
  const isHere = ({ state }: ModelEntry) => state.kind === 'present' || state.kind === 'failed';
  const names = name === '' ? entries.filter(isHere).map((entry) => entry.name) : [name];
  let wrong = 0;
  for (const one of names) {
    const isRight = await shelf.verify(one);
    const { state } = await getEntry(shelf, one);
    if (isRight) say(`${one}: every byte is as it should be\n`);
    else complain(`${one}: ${state.kind === 'failed' ? state.problem : 'it is not as it should be.'}`);
    wrong += isRight ? 0 : 1;
  }
  return wrong === 0 ? 0 : 1;
}

async function importFile(desk: Desk, file: string): Promise<number> {
  const { name, path } = await desk.shelf.importFile(resolve(file), basename(file));
  say(`${name} is here: ${path}\n`);
  return await sayWhatLooks(desk);
}

async function use(desk: Desk, name: string): Promise<number> {
  await desk.shelf.use(name === 'auto' ? undefined : name);
  const { detector, modelFile } = desk.config;
  if (modelFile !== undefined) complain(`MODEL_FILE is set and comes first: ${modelFile}`);
  if (detector !== 'auto') complain(`DETECTOR=${detector} is set and comes first.`);
  return await sayWhatLooks(desk);
}

async function sayWhatLooks({ shelf, look }: Desk): Promise<number> {
  const { engine, problem } = await look();
  const used = (await shelf.list()).find(({ inUse }) => inUse)?.name ?? engine?.name ?? 'nothing';
  if (problem !== undefined) complain(problem);
  say(`${used} looks at photos. A server that runs notices within some seconds.\n`);
  return 0;
}

async function getEntry(shelf: OpenShelf, name: string): Promise<ModelEntry> {
  const entry = (await shelf.list()).find((one) => one.name === name);
  if (entry === undefined) throw new GalleryError('not-found', `${name} is gone; somebody removed it.`);
  return entry;
}

const say = (text: string) => process.stdout.write(text);
const complain = (text: string) => process.stderr.write(`${text}\n`);
