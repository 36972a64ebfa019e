// A process with a darkroom of real children; it prints their pids and waits to be killed.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDarkroom } from '../../src/darkroom/darkroom.ts';
import { openLog } from '../../src/log.ts';
import { fixturesFolder } from './data.ts';

const darkroom = await openDarkroom({
  children: 1,
  detector: 'off',
  modelsFolder: '/nowhere',
  log: openLog('silent'),
});
await darkroom.probe(join(fixturesFolder, 'kite.jpg'), 'image/jpeg');
process.stdout.write(`${childrenOf(process.pid).join(' ')}\n`);

function childrenOf(pid: number): string[] {
  const isOurs = (name: string) => {
    try {
      return readFileSync(`/proc/${name}/status`, 'latin1').includes(`\nPPid:\t${pid}\n`);
    } catch {
      return false;
    }
  };
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isOurs(name));
}
