// A darkroom whose answers a test writes down: for use cases, which must cope with whatever a darkroom may answer.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sha256 } from '../../src/gallery/photo.ts';
import type { Darkroom, DarkroomStatus, Developed, Probe, Sighting } from '../../src/gallery/ports.ts';

type Answer = Developed | Error | ((outputFolder: string) => Promise<Developed>);

export function openScriptedDarkroom(
  script: {
    probe?: Probe | Error;
    develop?: Answer[];
    look?: (Sighting | Error)[];
    status?: DarkroomStatus;
  } = {},
): Darkroom & { readonly developed: string[] } {
  const answers = [...(script.develop ?? [])];
  const looks = [...(script.look ?? [])];
  const developed: string[] = [];
  return {
    developed,
    capacity: 1,
    async probe() {
      if (script.probe instanceof Error) throw script.probe;
      return script.probe ?? { kind: 'picture', width: 400, height: 300, frames: 1 };
    },
    async develop(path, _type, outputFolder) {
      developed.push(path);
      const answer = answers.shift();
      if (answer === undefined) throw new Error('the script has no more answers');
      if (answer instanceof Error) throw answer;
      return typeof answer === 'function' ? answer(outputFolder) : answer;
    },
    async look() {
      const answer = looks.shift();
      if (answer === undefined) throw new Error('the script has no more looks');
      if (answer instanceof Error) throw answer;
      return answer;
    },
    status: () => script.status ?? {},
    close: async () => {},
  };
}

/** A good answer with one rendition, really written. */
export async function goodAnswer(outputFolder: string, label = 'dog'): Promise<Developed> {
  const path = join(outputFolder, '320.webp');
  await writeFile(path, 'webp');
  const model = 'f'.repeat(64);
  const box = { x: 0, y: 0, width: 0.5, height: 0.5 };
  return {
    kind: 'developed',
    width: 400,
    height: 300,
    files: [{ size: 320, width: 320, height: 240, bytes: 4, sha256: 'a'.repeat(64) as Sha256, path }],
    placeholder: 'UklGRg==',
    facts: { camera: 'Pixel' },
    sighting: {
      kind: 'seen',
      engine: 'yolox',
      model,
      tookMs: 10,
      detections: [{ label, score: 0.9, box, origin: { by: 'engine', engine: 'yolox', model } }],
    },
  };
}
