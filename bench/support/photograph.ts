// A JPEG that weighs what a phone's photograph weighs, and as many different files of it as wanted.
import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { remarkJpeg } from '../../test/support/pictures.ts';

/** 12 megapixels of soft noise over a gradient, with the quality chosen so that it has about this many bytes. */
export async function makePhotograph(bytes: number): Promise<Buffer> {
  const [width, height] = [4000, 3000];
  const noise = await sharp(randomBytes(500 * 375 * 3), { raw: { width: 500, height: 375, channels: 3 } })
    .resize(width, height, { kernel: 'cubic' })
    .raw()
    .toBuffer();
  const draw = (quality: number) =>
    sharp(noise, { raw: { width, height, channels: 3 } })
      .jpeg({ quality })
      .toBuffer();
  let best = await draw(50);
  for (const quality of [60, 70, 76, 82, 86, 90, 93, 96]) {
    const next = await draw(quality);
    if (Math.abs(next.length - bytes) < Math.abs(best.length - bytes)) best = next;
  }
  return best;
}

/** The same picture as another file, so that a gallery does not answer with the photo it has. */
export const anotherOf = (photograph: Buffer) => remarkJpeg(photograph, randomBytes(16).toString('hex'));
