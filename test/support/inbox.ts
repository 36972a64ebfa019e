// The real inbox on a temporary folder: a file is a file, and a twin of it would be another disk.
import { Readable } from 'node:stream';
import type { Inbox, ReceivedFile } from '../../src/gallery/ports.ts';
import { openInbox } from '../../src/storage/inbox.ts';
import { type Cleaner, makeFolder } from './folder.ts';

export async function openTestInbox(
  test: Cleaner,
): Promise<{ inbox: Inbox; folder: string; give(bytes: Uint8Array): Promise<ReceivedFile> }> {
  const folder = await makeFolder(test);
  const inbox = await openInbox(folder);
  return { inbox, folder, give: (bytes) => inbox.receive(Readable.from([Buffer.from(bytes)]), 1_000_000) };
}
