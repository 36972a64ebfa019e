// A darkroom that counts what it is asked for: how long it took, how it ended, which engine looked.
import { DarkroomError, GalleryError } from '../gallery/errors.ts';
import type { Darkroom, Sighting } from '../gallery/ports.ts';
import type { Metrics } from '../metrics.ts';

export function measured<T extends Darkroom>(darkroom: T, metrics: Metrics): T {
  const engine = () => darkroom.status().engine?.name ?? 'off';
  return {
    ...darkroom,
    develop(path, type, outputFolder, signal) {
      const started = performance.now();
      const work = darkroom.develop(path, type, outputFolder, signal);
      const end = (outcome: string) =>
        metrics.developed({ engine: engine(), outcome, seconds: (performance.now() - started) / 1000 });
      work.then(
        (developed) => {
          end(developed.kind);
          if (developed.kind === 'developed') countLook(metrics, developed.sighting, engine());
        },
        (error: unknown) => end(outcomeOf(error)),
      );
      return work;
    },
    look(path, type, signal) {
      const work = darkroom.look(path, type, signal);
      work.then(
        (sighting) => countLook(metrics, sighting, engine()),
        (error: unknown) => metrics.looked({ engine: engine(), outcome: outcomeOf(error) }),
      );
      return work;
    },
  };
}

function countLook(metrics: Metrics, sighting: Sighting, engine: string): void {
  if (sighting.kind === 'seen') {
    metrics.looked({ engine: sighting.engine, outcome: 'seen', seconds: sighting.tookMs / 1000 });
  } else if (sighting.kind === 'unavailable') metrics.looked({ engine, outcome: 'unavailable' });
}

const outcomeOf = (error: unknown) =>
  error instanceof DarkroomError || error instanceof GalleryError ? error.code : 'failed';
