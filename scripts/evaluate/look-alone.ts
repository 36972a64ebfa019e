// The process that look.ts starts: opens one engine, looks at every picture once, answers, and ends.
import { openDetector } from '../../src/darkroom/engines/open.ts';
import { decode, flatten, prepareSharp, shrink } from '../../src/darkroom/pixels.ts';
import type { Order, Report } from './look.ts';

process.once('message', (order) => void answer(order as Order));
process.once('disconnect', () => process.exit());

async function answer(order: Order): Promise<void> {
  const report = await look(order);
  process.send?.(report, () => process.exit());
}

async function look({ choice, paths, minScore }: Order): Promise<Report> {
  prepareSharp();
  const detector = await openDetector(choice, { minScore });
  const looks: Report['looks'][number][] = [];
  let residentBytes = 0;
  for (const path of paths) {
    // The pixels that a photo's detector gets when it is developed: at most 800 px of what was decoded at 1600.
    const image = flatten(await shrink(await decode(path, 'image/jpeg', 1600, 'tolerant'), 800));
    const before = process.cpuUsage();
    const found = await detector.detect(image);
    const { user, system } = process.cpuUsage(before);
    looks.push({ found, cpuMs: (user + system) / 1000 });
    residentBytes = Math.max(residentBytes, process.memoryUsage.rss());
  }
  await detector.close();
  return { model: detector.model, looks, residentBytes };
}
