// Makes multipart/form-data bodies, well-formed or not: names and headers go out byte for byte as given.
import { randomBytes } from 'node:crypto';

export interface Part {
  readonly name: string;
  /** Present for a file. Written as it is, so a test decides what is escaped. */
  readonly filename?: string;
  readonly type?: string;
  readonly body: string | Uint8Array;
}

export interface FormBody {
  readonly body: Buffer<ArrayBuffer>;
  /** For the Content-Type header. */
  readonly contentType: string;
}

export function formBody(parts: readonly Part[], boundary = randomBytes(12).toString('hex')): FormBody {
  const pieces = parts.flatMap((part) => [`--${boundary}\r\n${headersOf(part)}\r\n`, part.body, '\r\n']);
  const body = Buffer.concat([...pieces, `--${boundary}--\r\n`].map((piece) => Buffer.from(piece as string)));
  return { body, contentType: `multipart/form-data; boundary=${boundary}` };
}

export const filePart = (filename: string, body: Uint8Array, type = 'application/octet-stream'): Part => ({
  name: 'photo',
  filename,
  type,
  body,
});

function headersOf({ name, filename, type }: Part): string {
  const file = filename === undefined ? '' : `; filename="${filename}"`;
  const kind = type === undefined ? '' : `Content-Type: ${type}\r\n`;
  return `Content-Disposition: form-data; name="${name}"${file}\r\n${kind}`;
}
