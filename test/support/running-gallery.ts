// The whole program inside the test's own process: port 0, a folder of its own, quiet, without detection unless asked for.
import { type AssembleOptions, assemble, type RunningGallery } from '../../src/assemble.ts';
import { type Config, readConfig } from '../../src/config.ts';
import { openLog } from '../../src/log.ts';
import { type Cleaner, makeFolder } from './folder.ts';

/** Closed and its folder removed after the test. */
export async function openRunningGallery(
  test: Cleaner,
  changes: Partial<Config> = {},
  options: Partial<AssembleOptions> = {},
): Promise<RunningGallery & { folder: string }> {
  const folder = changes.uploadsDir ?? (await makeFolder(test));
  const config: Config = {
    ...readConfig({ UPLOADS_DIR: folder, DETECTOR: 'off', DARKROOM_CHILDREN: '1', OFFLINE: '1' }),
    port: 0,
    ...changes,
  };
  const gallery = await assemble(config, { log: openLog('silent'), ...options });
  test.after(() => gallery.close());
  return { ...gallery, folder };
}
