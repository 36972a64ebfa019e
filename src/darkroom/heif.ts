// Decodes what iPhones write: HEVC in a HEIF container, which the libheif inside sharp reads the header of and no more. Its
// WebAssembly build does the rest, in memory that no mistake of its decoder leaves. Loaded with the first such picture.
import { readFile } from 'node:fs/promises';
import type { DecodedImage, HeifError, LibHeif } from 'libheif-js/libheif-wasm/libheif-bundle.mjs';

/** 8 bits a channel in the colours of the file, upright as the container says: EXIF has no word in that (ISO 23008-12). */
export interface HeifPixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly premultiplied: boolean;
}

/**
 * The main picture, put together from its tiles, turned and mirrored. Blocks this process: 12 megapixels take 1.5 s, 48
 * take 6 s (one core of a small machine; bench/develop.ts measures the former). With what else a child does it holds 290
 * and 750 MB at most; the module never more than 2 GB.
 *
 * Each picture gets a module of its own: WebAssembly memory grows and never shrinks, and one that ended in the middle of a hostile
 * file can't be trusted with the next. That costs 50 ms and gives the memory back.
 * @throws Error for what is damaged, or has more pixels than `maxPixels`
 */
export async function decodeHeif(input: string | Buffer, maxPixels: number): Promise<HeifPixels> {
  const { default: openLibHeif } = await import('libheif-js/libheif-wasm/libheif-bundle.mjs');
  const heif = await openLibHeif();
  const file = typeof input === 'string' ? await readFile(input) : input;
  const context = heif.heif_context_alloc();
  const read = heif.heif_context_read_from_memory(context, file);
  if (read.code.value !== 0) throw failed(read);
  const handle = heif.heif_js_context_get_primary_image_handle(context);
  if (isError(handle)) throw failed(handle);
  const pixels = heif.heif_image_handle_get_width(handle) * heif.heif_image_handle_get_height(handle);
  if (pixels > maxPixels) throw new Error(`the picture has more than ${maxPixels} pixels`);
  const hasAlpha = heif.heif_image_handle_has_alpha_channel(handle) !== 0;
  const decoded = heif.heif_js_decode_image2(
    handle,
    heif.heif_colorspace.heif_colorspace_RGB,
    chromaOf(heif, hasAlpha),
  );
  if (isError(decoded)) throw failed(decoded);
  const premultiplied = hasAlpha && heif.heif_image_handle_is_premultiplied_alpha(handle) !== 0;
  return { ...packed(decoded, hasAlpha ? 4 : 3), premultiplied };
}

const chromaOf = ({ heif_chroma: chroma }: LibHeif, hasAlpha: boolean) =>
  hasAlpha ? chroma.heif_chroma_interleaved_RGBA : chroma.heif_chroma_interleaved_RGB;

/** A copy outside of the module, without the bytes that fill up its rows. */
function packed({ channels: [plane] }: DecodedImage, channels: 3 | 4) {
  if (plane === undefined) throw new Error('a decode gave no picture');
  const { width, height, stride, data } = plane;
  const row = width * channels;
  const copy = Buffer.allocUnsafe(row * height);
  for (let y = 0; y < height; y += 1) copy.set(data.subarray(y * stride, y * stride + row), y * row);
  return { data: copy, width, height, channels };
}

const isError = (answer: object): answer is HeifError => 'code' in answer;

const failed = ({ message }: HeifError) => new Error(message);
