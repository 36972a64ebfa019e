// Introduces what looks at photos: the darkroom and the shelf of models that it looks with.
import { join } from 'node:path';
import type { AssembleOptions } from '../assemble.ts';
import type { Config } from '../config.ts';
import { openDarkroom } from '../darkroom/darkroom.ts';
import { measured } from '../darkroom/measured.ts';
import { defaultModel } from '../darkroom/models/default.ts';
import { proveWith } from '../darkroom/models/prove.ts';
import { openShelf } from '../darkroom/models/shelf.ts';
import { defaultThreshold } from '../gallery/detection.ts';
import type { Gallery } from '../gallery/gallery.ts';
import type { EventHub, ModelShelf } from '../gallery/ports.ts';
import { machine } from '../gallery/viewer.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';

/**
 * What looks at photos and the shelf of models that it looks with, which tell each other and every open page when something
 * changes. `onEngineChanged` calls back at once, too: what was changed while nothing ran is news as well.
 */
export async function openSeeing(
  config: Config,
  { log, darkroom: limits, catalogue }: AssembleOptions,
  { events, metrics }: { readonly events: EventHub; readonly metrics: Metrics },
  closers: (() => Promise<void> | void)[],
) {
  const place = {
    modelsFolder: join(config.uploadsDir, 'models'),
    ...(config.modelFile === undefined ? {} : { modelFile: config.modelFile }),
    ...(catalogue === undefined ? {} : { catalogue }),
  };
  const tell = () => events.publish({ kind: 'models-changed' });
  let listener = () => {};
  const opened = await openDarkroom({
    ...place,
    children: config.darkroomChildren,
    nice: config.darkroomNice,
    detector: config.detector,
    log,
    onModelsChanged: tell,
    onEngineChanged(engine) {
      log.info({ engine: engine?.name ?? 'off', model: engine?.model }, 'looking for objects in another way');
      tell();
      listener();
    },
    ...limits,
  });
  const darkroom = measured(opened, metrics);
  closers.push(() => darkroom.close());
  const models = await openShelf({
    ...place,
    ...(config.modelMirror === undefined ? {} : { mirror: config.modelMirror }),
    offline: config.offline,
    log,
    prove: proveWith(log),
    inUse: () => darkroom.status().engine,
    onChange(what) {
      tell();
      const failed = (error: unknown) => log.error({ err: error }, 'models could not be read');
      if (what === 'models') void darkroom.refresh().then(tell, failed);
    },
  });
  closers.push(() => models.close());
  return {
    darkroom,
    models,
    onEngineChanged(callBack: () => void) {
      listener = callBack;
      callBack();
    },
  };
}

/**
 * What the built-in saw is looked at again once the model has come that comes by itself. Whoever brought or chose another one is asked
 * first, on the page.
 */
export async function lookAgainByItself(
  { detector }: Config,
  gallery: Gallery,
  models: ModelShelf,
  log: Log,
): Promise<void> {
  const inUse = (await models.list()).find((model) => model.inUse);
  if (detector !== 'auto' || inUse?.name !== defaultModel || inUse.chosen) return;
  try {
    const rerun = await gallery.lookAgain.startAutomatic(machine, 'centernet', defaultThreshold);
    if (rerun !== undefined) log.info({ photos: rerun.total }, 'looking again at what the built-in saw');
  } catch (error) {
    log.error({ err: error }, 'photos of the built-in could not be looked at again');
  }
}
