// What it costs to decode a HEIC with nothing around it: libheif by hand, a module for each picture. `path` -> `seconds`, over its channel.
import { readFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import openLibHeif from 'libheif-js/libheif-wasm/libheif-bundle.mjs';

// As nice as the children of the darkroom.
setPriority(10);
process.on('message', (path: string) => void decode(path));
process.on('disconnect', () => process.exit());
process.send?.('ready');

async function decode(path: string): Promise<void> {
  const startedAt = performance.now();
  const heif = await openLibHeif();
  const context = heif.heif_context_alloc();
  heif.heif_context_read_from_memory(context, await readFile(path));
  const handle = heif.heif_js_context_get_primary_image_handle(context);
  if ('code' in handle) throw new Error(handle.message);
  const { heif_colorspace_RGB: space } = heif.heif_colorspace;
  const decoded = heif.heif_js_decode_image2(handle, space, heif.heif_chroma.heif_chroma_interleaved_RGB);
  if ('code' in decoded) throw new Error(decoded.message);
  process.send?.((performance.now() - startedAt) / 1000);
}
