// Loaded into the program before it starts (NODE_OPTIONS=--import): writes how long its event loop kept things waiting into the file
// named by LOOP_DELAY_FILE whenever SIGUSR2 comes, and begins anew.
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const file = process.env.LOOP_DELAY_FILE;
if (file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  process.on('SIGUSR2', () => {
    // The histogram holds the whole time between two looks, in nanoseconds; 20 ms of it were asked for.
    const ms = (value) => Math.max(0, value / 1e6 - 20);
    writeFileSync(file, JSON.stringify({ p99: ms(delay.percentile(99)), max: ms(delay.max) }));
    delay.reset();
  });
}
