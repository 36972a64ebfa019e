// The models as a table for people: one line each, columns as wide as they need to be, and below it what is wrong, whole.
import type { ModelEntry } from '../gallery/ports.ts';
import { columnsOf } from './columns.ts';
import { megabytes } from './progress.ts';

export function tableOf(models: readonly ModelEntry[]): string {
  const lines = columnsOf([head, ...models.map(rowOf)]);
  const problems = models.flatMap(({ name, state }) =>
    state.kind === 'failed' ? [`${name}: ${state.problem}`] : [],
  );
  return `${[...lines, ...problems].join('\n')}\n`;
}

const head = ['NAME', 'ENGINE', 'MB', 'INPUT', 'mAP', 'LICENCE', 'STATE'];

function rowOf({ name, engine, bytes, inputSize, publishedMap, licence, ...rest }: ModelEntry): string[] {
  const { chosen, inUse } = rest;
  return [
    name,
    engine,
    bytes === undefined ? '-' : megabytes(bytes),
    inputSize === undefined ? '-' : String(inputSize),
    publishedMap === undefined ? '-' : (publishedMap * 100).toFixed(1),
    licence ?? '-',
    [stateOf(rest), ...(chosen ? ['chosen'] : []), ...(inUse ? ['in use'] : [])].join(', '),
  ];
}

function stateOf({ state, origin }: Pick<ModelEntry, 'state' | 'origin'>): string {
  switch (state.kind) {
    case 'present':
      return origin === 'catalogue' ? 'here' : origin;
    case 'absent':
      return 'not here';
    case 'fetching':
      return state.of === undefined
        ? `fetching, ${megabytes(state.bytes)} MB`
        : `fetching, ${Math.floor((state.bytes / state.of) * 100)} %`;
    case 'failed':
      return state.present ? 'here, but see below' : 'not usable, see below';
    default:
      return state satisfies never;
  }
}
