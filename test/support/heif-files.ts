// HEIF files of any shape, put together from the coded bytes of the drawings: what phones write around a picture, and what nobody should.
import { box, full, u16, u32 } from '../../scripts/fixtures/heic.ts';
import { fixtureOf } from './bare-copies.ts';

export interface PlannedItem {
  readonly id: number;
  readonly type: string;
  /** None for an item without bytes. */
  readonly data?: Buffer;
  /** Stands in the entry behind the type; begins with the item's name. */
  readonly name?: string;
  readonly inIdat?: boolean;
  /** Counted from 1; with 0x80 it is essential. */
  readonly properties?: readonly number[];
  /** Bytes of the file that are nobody's, before its own. */
  readonly gap?: Buffer;
}

export interface Plan {
  readonly brands?: string;
  readonly items: readonly PlannedItem[];
  readonly properties: readonly Buffer[];
  readonly references?: readonly (readonly [type: string, from: number, ...to: number[]])[];
  readonly primary?: number;
  /** Between the meta data and the media data. */
  readonly between?: readonly Buffer[];
  readonly behind?: Buffer;
  readonly inMeta?: readonly Buffer[];
  readonly handlerName?: string;
  readonly ilocVersion?: 0 | 1 | 2;
  /** Numbers of items take four bytes wherever they may. */
  readonly isWide?: boolean;
  readonly isMetaLast?: boolean;
}

export function heifOf(plan: Plan): Buffer {
  const ftyp = box('ftyp', Buffer.from(plan.brands ?? 'heic\0\0\0\0mif1heic', 'latin1'));
  const between = Buffer.concat(plan.between ?? []);
  const media = plan.items.filter(({ inIdat, data }) => inIdat !== true && data !== undefined);
  const mdat = box('mdat', ...media.flatMap(({ gap, data }) => [gap ?? empty, data ?? empty]));
  const metaBytes = plan.isMetaLast === true ? 0 : metaOf(plan, 0).length;
  const start = ftyp.length + metaBytes + between.length + 8;
  const meta = metaOf(plan, start);
  const [first, last] = plan.isMetaLast === true ? [empty, meta] : [meta, empty];
  return Buffer.concat([ftyp, first, between, mdat, last, plan.behind ?? empty]);
}

const empty = Buffer.alloc(0);
const letters = (text: string) => Buffer.from(text, 'latin1');

function metaOf(plan: Plan, start: number): Buffer {
  const { items, properties, references = [], isWide = false } = plan;
  const id = isWide ? u32 : u16;
  // All but the main one are hidden (flag 1): parts of a picture, and none of their own.
  const entries = items.map((item) =>
    box(
      'infe',
      u32(((isWide ? 3 : 2) << 24) | Number(item.id !== (plan.primary ?? 1))),
      ...[id(item.id), u16(0), letters(item.type), letters(`${item.name ?? ''}\0`)],
    ),
  );
  const lines = items.map(({ id: number, properties: own = [] }) =>
    Buffer.concat([id(number), Buffer.from([own.length, ...own])]),
  );
  const links = references.map(([type, from, ...to]) =>
    box(type, id(from), u16(to.length), ...to.map((one) => id(one))),
  );
  const idat = items.flatMap(({ inIdat, data }) => (inIdat === true && data !== undefined ? [data] : []));
  return full(
    'meta',
    0,
    full('hdlr', 0, u32(0), letters('pict'), Buffer.alloc(12), letters(`${plan.handlerName ?? ''}\0`)),
    full('pitm', Number(isWide), id(plan.primary ?? 1)),
    full('iinf', Number(isWide), id(items.length), ...entries),
    ...(links.length === 0 ? [] : [full('iref', Number(isWide), ...links)]),
    box('iprp', box('ipco', ...properties), full('ipma', Number(isWide), u32(lines.length), ...lines)),
    locationsOf(plan, start),
    ...(idat.length === 0 ? [] : [box('idat', ...idat)]),
    ...(plan.inMeta ?? []),
  );
}

function locationsOf({ items, ilocVersion: version = 1 }: Plan, start: number): Buffer {
  const number = version === 2 ? u32 : u16;
  let [inside, outside] = [0, start];
  const lines = items.map(({ id, data, inIdat = false, gap = empty }) => {
    const head = [number(id), ...(version === 0 ? [] : [u16(Number(inIdat))]), u16(0)];
    if (data === undefined) return Buffer.concat([...head, u16(0)]);
    const at = inIdat ? inside : outside + gap.length;
    if (inIdat) inside += data.length;
    else outside = at + data.length;
    return Buffer.concat([...head, u16(1), u32(at), u32(data.length)]);
  });
  return full('iloc', version, u16(0x4400), number(items.length), ...lines);
}

/** A coded picture: the box that sets up its decoder, and its bytes. */
export interface Coded {
  readonly setUp: Buffer;
  readonly data: Buffer;
}

/** Of 180 x 240 pixels, as it is stored. */
export const hevc = (): Coded => codedIn(fixtureOf('mirrored.heic'), 'hvcC');
/** Of 240 x 180 pixels. */
export const av1 = (): Coded => codedIn(fixtureOf('picture.avif'), 'av1C');

function codedIn(file: Buffer, name: string): Coded {
  const [setUpAt, dataAt] = [file.indexOf(name) - 4, file.lastIndexOf('mdat') - 4];
  return {
    setUp: file.subarray(setUpAt, setUpAt + file.readUInt32BE(setUpAt)),
    data: file.subarray(dataAt + 8, dataAt + file.readUInt32BE(dataAt)),
  };
}

export const sizeOf = (width: number, height: number) => full('ispe', 0, u32(width), u32(height));
export const gridOf = (rows: number, columns: number, width: number, height: number) =>
  Buffer.concat([Buffer.from([0, 0, rows - 1, columns - 1]), u16(width), u16(height)]);
export const auxiliary = (name: string, ...behind: readonly Buffer[]) =>
  full('auxC', 0, letters(`${name}\0`), ...behind);

/** A NAL unit with its length before it, as it stands among those of a picture. */
export function nal(type: number, content: Buffer, lengthBytes: 2 | 4 = 4): Buffer {
  const length = content.length + 2;
  const before = lengthBytes === 2 ? u16(length) : u32(length);
  return Buffer.concat([before, Buffer.from([type << 1, 1]), content]);
}

/** With its size, which has to be below 128. */
export const obu = (type: number, content: Buffer) =>
  Buffer.concat([Buffer.from([(type << 3) | 2, content.length]), content]);
