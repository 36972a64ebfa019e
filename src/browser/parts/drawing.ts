// A small picture of a file that is on this device only: drawn once, so that nothing holds on to the whole one.

/** Rejects what this browser can't decode. @param height in pixels */
export async function drawingOf(file: Blob, height: number): Promise<HTMLElement> {
  const bitmap = await createImageBitmap(file, { resizeHeight: height, resizeQuality: 'medium' });
  const canvas = document.createElement('canvas');
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas;
}
