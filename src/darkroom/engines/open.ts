// From a choice to a running engine. Only the chosen engine's libraries are ever loaded.
import type { EngineChoice } from '../models/plan.ts';
import type { Detector, DetectorOptions } from './detector.ts';

/** @throws Error when the model can't be read or is not what the engine needs */
export async function openDetector(choice: EngineChoice, options: DetectorOptions = {}): Promise<Detector> {
  switch (choice.engine) {
    case 'yolox':
      return await (await import('./yolox.ts')).openYolox(choice.file, options);
    case 'coco-ssd':
      return await (await import('./coco-ssd.ts')).openCocoSsd(choice.file, options);
    case 'centernet':
      return await (await import('./centernet.ts')).openCenternet(choice.file, options);
    default:
      return choice.engine satisfies never;
  }
}
