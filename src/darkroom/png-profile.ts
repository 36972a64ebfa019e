// Puts a colour profile into a PNG that has none.
import { crc32, deflateSync } from 'node:zlib';

/** The chunk `iCCP` behind the header, which is always 25 bytes long and stands behind the signature (PNG 3rd ed., 11.3.2.3). */
export function withProfile(png: Buffer, icc: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from('iCCPicc\0\0', 'latin1'), deflateSync(icc, { level: 1 })]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(body.length - 4, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return Buffer.concat([png.subarray(0, headerEnd), chunk, png.subarray(headerEnd)]);
}

const headerEnd = 8 + 25;
