// Draws static/icons/*.png from static/favicon.svg. Run by hand when the mark changes: node --import tsx scripts/make-icons.ts
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const root = fileURLToPath(new URL('../static/', import.meta.url));
const paper = '#fcf9f6';

// Systems cut a maskable icon to any shape; only what lies in the inner 80 % is sure to be seen (W3C, "safe zone").
const icons = [
  { name: 'icon-192', size: 192, mark: 1, ground: 'transparent' },
  { name: 'icon-512', size: 512, mark: 1, ground: 'transparent' },
  { name: 'maskable-192', size: 192, mark: 0.62, ground: paper },
  { name: 'maskable-512', size: 512, mark: 0.62, ground: paper },
  { name: 'apple-touch-icon', size: 180, mark: 0.76, ground: paper },
] as const;

mkdirSync(join(root, 'icons'), { recursive: true });
for (const { name, size, mark, ground } of icons) {
  const edge = Math.round(size * mark);
  const drawn = await sharp(join(root, 'favicon.svg'), { density: (72 * edge) / 24 })
    .resize(edge, edge)
    .png()
    .toBuffer();
  const background = ground === 'transparent' ? { r: 0, g: 0, b: 0, alpha: 0 } : ground;
  await sharp({ create: { width: size, height: size, channels: 4, background } })
    .composite([{ input: drawn, gravity: 'centre' }])
    .png({ compressionLevel: 9, palette: true })
    .toFile(join(root, 'icons', `${name}.png`));
}
