// Tells a file that the server would refuse before it is sent. The sentences stand on the page, in the reader's language.
import { sniffBytes, sniffType } from '../../gallery/file-type.ts';

export interface Refusal {
  readonly reason: string;
  readonly code: 'empty-file' | 'too-large' | 'unsupported-type';
}

/** Undefined when the server may well take it. Decides by the first bytes, as the server does: names and declared types may be wrong. */
export async function refusalOf(file: Blob): Promise<Refusal | undefined> {
  const { maxBytes, tooLarge = '', unsupported = '', empty = '' } = document.body.dataset;
  if (file.size === 0) return { reason: empty, code: 'empty-file' };
  if (file.size > Number(maxBytes)) return { reason: tooLarge, code: 'too-large' };
  const head = await file
    .slice(0, sniffBytes)
    .arrayBuffer()
    .catch(() => undefined);
  // What can't be read now is told later, when it is its turn.
  if (head === undefined) return undefined;
  const isTaken = sniffType(new Uint8Array(head)) !== undefined;
  return isTaken ? undefined : { reason: unsupported, code: 'unsupported-type' };
}
