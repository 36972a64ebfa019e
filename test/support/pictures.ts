// Makes small pictures that differ from each other, the same ones for the same seed on every machine.
// Uses no image library, so a test that is not about pixels does not load one.
import { crc32, deflateSync } from 'node:zlib';

export interface PictureOptions {
  readonly seed: number;
  readonly width?: number;
  readonly height?: number;
  /** 0 stores the pixels as they are, so that the file is about 3 bytes a pixel. */
  readonly compression?: 0 | 1 | 6;
}

/** An RGB PNG of soft coloured noise. */
export function drawPng({
  seed,
  width = 64,
  height = 48,
  compression = 6,
}: PictureOptions): Buffer<ArrayBuffer> {
  const next = randomFrom(seed);
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let at = 0; at < rows.length; at += 1) rows[at] = at % (1 + width * 3) === 0 ? 0 : next() & 255;
  return pngOf(headerOf(width, height), deflateSync(rows, { level: compression }));
}

/** The same PNG picture in a file of about so many bytes: a chunk that no decoder looks at, before the last one, which has 12 bytes. */
export function fattenPng(png: Buffer, bytes: number): Buffer<ArrayBuffer> {
  const next = randomFrom(png.readUInt32BE(png.length - 20));
  const filler = new Uint32Array(Math.max(0, Math.floor((bytes - png.length) / 4)));
  for (let at = 0; at < filler.length; at += 1) filler[at] = next();
  return Buffer.concat([
    png.subarray(0, -12),
    pngChunk('juNk', Buffer.from(filler.buffer)),
    png.subarray(-12),
  ]);
}

/** A PNG whose header says what it likes about a picture that is not there. */
export function claimPng(width: number, height: number): Buffer<ArrayBuffer> {
  return pngOf(headerOf(width, height), deflateSync(Buffer.alloc(64)));
}

/** The same JPEG picture in another file: a comment that no decoder looks at is put behind its first marker. */
export function remarkJpeg(jpeg: Uint8Array, remark: string): Buffer<ArrayBuffer> {
  const text = Buffer.from(remark);
  const marker = Buffer.from([0xff, 0xfe, (text.length + 2) >> 8, (text.length + 2) & 255]);
  return Buffer.concat([jpeg.subarray(0, 2), marker, text, jpeg.subarray(2)]);
}

/** Numbers 0..2^32-1, the same ones for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

function headerOf(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return header;
}

function pngOf(header: Buffer, pixels: Buffer): Buffer<ArrayBuffer> {
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([
    signature,
    pngChunk('IHDR', header),
    pngChunk('IDAT', pixels),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** With its length and its checksum. */
export function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}
