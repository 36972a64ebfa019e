// The model catalogue: which weights there are to fetch, from where, and how to know that they are the right ones. Data only.
import type { EngineName } from '../engines/detector.ts';

export interface CatalogueEntry {
  readonly name: string;
  readonly engine: EngineName;
  /** Where its makers publish it: the first file. A `model.json` names the others, which lie beside it. */
  readonly url: string;
  /** Below models/; absent when its only file lies in models/ itself. */
  readonly folder?: string;
  /** Of the only file. Absent for what is published without a digest: then what came first is recorded, and checked ever after. */
  readonly pinned?: { readonly bytes: number; readonly sha256: string };
  readonly licence: string;
  /** Edge of the square input in pixels. */
  readonly inputSize: number;
  /** mAP50:95 on COCO as its makers publish it, 0..1. */
  readonly publishedMap: number;
}

const yolox = 'https://github.com/Megvii-BaseDetection/YOLOX/releases/download/0.1.1rc0';

/** Figures of YOLOX: its README, val2017. Of coco-ssd: TensorFlow's detection model zoo, ssdlite_mobilenet_v2_coco. */
export const catalogue: readonly CatalogueEntry[] = [
  {
    name: 'yolox-nano',
    engine: 'yolox',
    url: `${yolox}/yolox_nano.onnx`,
    pinned: {
      bytes: 3_659_407,
      sha256: 'c789161ed43c8269fcd4e67c67eeeb4e80c622da2eb296a20bc6007bd18a0b7d',
    },
    licence: 'Apache-2.0',
    inputSize: 416,
    publishedMap: 0.258,
  },
  {
    name: 'yolox-tiny',
    engine: 'yolox',
    url: `${yolox}/yolox_tiny.onnx`,
    pinned: {
      bytes: 20_219_662,
      sha256: '427cc366d34e27ff7a03e2899b5e3671425c262ea2291f88bb942bc1cc70b0f7',
    },
    licence: 'Apache-2.0',
    inputSize: 416,
    publishedMap: 0.328,
  },
  {
    name: 'yolox-s',
    engine: 'yolox',
    url: `${yolox}/yolox_s.onnx`,
    pinned: {
      bytes: 35_858_002,
      sha256: 'c5c2d13e59ae883e6af3b45daea64af4833a4951c92d116ec270d9ddbe998063',
    },
    licence: 'Apache-2.0',
    inputSize: 640,
    publishedMap: 0.405,
  },
  {
    name: 'coco-ssd',
    engine: 'coco-ssd',
    url: 'https://storage.googleapis.com/tfjs-models/savedmodel/ssdlite_mobilenet_v2/model.json',
    folder: 'coco-ssd',
    licence: 'Apache-2.0',
    inputSize: 300,
    publishedMap: 0.22,
  },
];

/** What comes with the packages, so that it is there without any download. */
export const builtIn = { name: 'centernet', engine: 'centernet', licence: 'MIT', inputSize: 512 } as const;

/** The name of the first file, at both ends. */
export const fileNameOf = ({ url }: CatalogueEntry): string => url.slice(url.lastIndexOf('/') + 1);

/**
 * Where a file of this entry is fetched from. A mirror stands for everything before the file's own name, so that all models lie
 * in one folder there; those with a folder of their own here have it there, too: `MIRROR/yolox_nano.onnx`, `MIRROR/coco-ssd/model.json`.
 */
export function addressOf(entry: CatalogueEntry, fileName: string, mirror?: string): string {
  if (mirror === undefined) return new URL(fileName, entry.url).href;
  const folder = entry.folder === undefined ? '' : `${entry.folder}/`;
  return `${mirror.replace(/\/+$/, '')}/${folder}${fileName}`;
}
