// A GIF without comments and what programs write about themselves; it goes on moving as it did.
import { ascii, CutOff, keep, type Piece, type Source } from './pieces.ts';

const [extension, image, trailer] = [0x21, 0x2c, 0x3b];
const [graphicControl, application] = [0xf9, 0xff];

/** How often it moves; of all that programs may write, only this. */
const loops = ['NETSCAPE2.0', 'ANIMEXTS1.0'];

/** Behind the trailer nothing is kept. @throws CutOff, also for a text that is drawn over pictures: nobody knows what it says */
export async function bareGif(source: Source): Promise<Piece[]> {
  const head = await source.ahead(0, 13);
  if (!/^GIF8[79]a$/.test(ascii(head, 0, 6))) throw new CutOff('no GIF');
  const pieces: Piece[] = [];
  let at = 13 + tableBytes(head[10] ?? 0);
  keep(pieces, 0, at);
  for (;;) {
    await source.step();
    const [kind, label] = await source
      .ahead(at, 1)
      .then(async ([first]) => (first === extension ? await source.ahead(at, 2) : [first]));
    if (kind === trailer) {
      keep(pieces, at, at + 1);
      return pieces;
    }
    const end = kind === image ? await endOfImage(source, at) : await endOfBlocks(source, at + 2);
    if (kind === image || label === graphicControl) keep(pieces, at, end);
    else if (kind !== extension || label === 0x01) throw new CutOff('an unknown part');
    else if (label === application && (await isLoop(source, at, end))) keep(pieces, at, end);
    at = end;
  }
}

/** Of the colours that the flags announce. */
const tableBytes = (flags: number) => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));

async function endOfImage(source: Source, at: number): Promise<number> {
  const head = await source.ahead(at, 10);
  return await endOfBlocks(source, at + 10 + tableBytes(head[9] ?? 0) + 1);
}

/** Blocks of at most 255 bytes, each behind its length, until one is empty. */
async function endOfBlocks(source: Source, start: number): Promise<number> {
  for (let at = start; ; ) {
    const window = await source.ahead(at, 1);
    let from = 0;
    while (from < window.length) {
      const length = window[from] ?? 0;
      from += length + 1;
      if (length === 0) return at + from;
    }
    at += from;
  }
}

/** Eleven letters, and one block of three bytes. */
async function isLoop(source: Source, at: number, end: number): Promise<boolean> {
  if (end - at !== 19) return false;
  const content = await source.ahead(at, 19);
  return loops.includes(ascii(content, 3, 14)) && content[14] === 3;
}
