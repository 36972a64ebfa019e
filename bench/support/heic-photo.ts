// A photo as iPhones store it: twelve megapixels of HEVC in tiles of 512 pixels, of which the container makes one picture.
import sharp from 'sharp';
import { encodeTile, layOut, type Tile } from '../../scripts/fixtures/heic.ts';

const [width, height, edge] = [4032, 3024, 512];
const [columns, rows] = [Math.ceil(width / edge), Math.ceil(height / edge)];

/** @param count how many tiles are encoded, spread over the photo; the others repeat them, since encoding takes long and decoding knows no repeats */
export async function makeHeicPhoto(photo: string, count: number): Promise<Buffer> {
  const whole = await sharp(photo)
    .resize(columns * edge, rows * edge, { fit: 'fill' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const tiles: Tile[] = [];
  for (let nth = 0; nth < count; nth += 1) {
    const place = Math.floor((nth * columns * rows) / count);
    const part = sharp(whole.data, { raw: whole.info }).extract({
      left: (place % columns) * edge,
      top: Math.floor(place / columns) * edge,
      width: edge,
      height: edge,
    });
    tiles.push(await encodeTile(await part.png({ compressionLevel: 1 }).toBuffer(), edge, edge));
  }
  const all = Array.from({ length: columns * rows }, (_, at) => tiles[at % count] as Tile);
  return layOut({ tiles: all, columns, width, height });
}
