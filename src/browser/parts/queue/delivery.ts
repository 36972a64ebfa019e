// Brings one item as far as it gets in one go: known already? else its bytes, else only its title. Returns what became of it.
import type { HttpStack } from 'tus-js-client';
import { sendTitle } from './late-title.ts';
import { owesTitle } from './rules.ts';
import type { Changes, QueueItem } from './store.ts';
import { factsIn, forWhom, photoPath, TransferError, transfer } from './transfer.ts';

export interface Delivery {
  readonly item: QueueItem;
  readonly file: Blob | undefined;
  readonly chunkBytes: number;
  readonly signal: AbortSignal;
  readonly httpStack: HttpStack | undefined;
  digest(file: Blob): Promise<string | undefined>;
  /** The photo with these bytes, for that user; only one that nobody else sees, if it is to be private. */
  known(sha256: string, signal: AbortSignal, item: Asker): Promise<string | undefined>;
  /** Writes down how far it is; throws when the item is not ours any more. */
  note(changes: Changes): Promise<QueueItem>;
  /** The same as often as there are bytes, without waiting. */
  progress(sent: number): void;
}

/** @throws TransferError, UnreadableError, or `signal.reason` */
export async function deliver(delivery: Delivery): Promise<Changes> {
  const { item, file, signal } = delivery;
  if (owesTitle(item)) return deliverTitle(delivery);
  if (file === undefined || !(await isReadable(file))) throw new UnreadableError();
  if (item.uploadUrl !== undefined) return deliverBytes(delivery, item, file);

  await delivery.note({ state: 'checking', sent: 0 });
  const sha256 = item.sha256 ?? (await delivery.digest(file).catch(() => undefined));
  signal.throwIfAborted();
  // What was typed while it was being read still goes with the bytes.
  const latest = await delivery.note({ sha256 });
  const photo = sha256 === undefined ? undefined : await delivery.known(sha256, signal, latest);
  signal.throwIfAborted();
  return photo === undefined ? deliverBytes(delivery, latest, file) : arrived(latest, photo, true, '');
}

/** The file can't be read any more, as after it was moved on the disk it was chosen from. */
export class UnreadableError extends Error {
  constructor() {
    super('the file can no longer be read');
    this.name = 'UnreadableError';
  }
}

/** Who asks for a digest, and whether they want the photo for themselves alone. */
export type Asker = Pick<QueueItem, 'user' | 'isPrivate'>;

/** @throws TransferError when nobody answers, or when that is not for this user to know */
export async function askKnown(
  sha256: string,
  signal?: AbortSignal,
  { user, isPrivate }: Asker = {},
): Promise<string | undefined> {
  const answer = await fetch(`/digests/${sha256}${isPrivate === true ? '?private=1' : ''}`, {
    headers: { Accept: 'application/json', 'X-Requested-With': 'Sajin', ...forWhom(user) },
    cache: 'no-store',
    ...(signal === undefined ? {} : { signal }),
  }).catch(() => undefined);
  if (answer === undefined) throw new TransferError({ status: undefined, resuming: false });
  if (answer.status === 409) throw new TransferError(await factsIn(answer));
  // Whatever else is wrong there, sending the bytes is always right.
  if (!answer.ok) return undefined;
  const found: unknown = await answer.json().catch(() => undefined);
  return typeof found === 'object' && found !== null && 'photo' in found ? photoPath(found.photo) : undefined;
}

async function deliverTitle({ item, signal, note }: Delivery): Promise<Changes> {
  const { photo = '', title, sentTitle = '', toldTitle, user } = item;
  const telling = (has: string) => note({ sentTitle: has, toldTitle: title });
  const present = await sendTitle({ photo, title, sentTitle, toldTitle, user, signal, telling });
  // Typed further while it was on its way: then that one is owed next.
  return {
    sentTitle: present,
    toldTitle: undefined,
    ...(present === title ? {} : { title: present }),
    ...released,
  };
}

async function deliverBytes(delivery: Delivery, item: QueueItem, file: Blob): Promise<Changes> {
  const { signal, httpStack, chunkBytes } = delivery;
  const isNew = item.uploadUrl === undefined;
  const sentTitle = isNew ? item.title : (item.sentTitle ?? '');
  // From here on nobody changes their mind about who sees it.
  const { isPrivate = false } = await delivery.note({ state: 'sending' });
  const { photo, duplicate } = await transfer({
    file,
    metadata: {
      filename: item.name,
      ...(item.title === '' ? {} : { title: item.title }),
      ...(item.sha256 === undefined ? {} : { sha256: item.sha256 }),
      ...(isPrivate ? { private: '1' } : {}),
    },
    user: item.user,
    uploadUrl: item.uploadUrl,
    chunkBytes,
    httpStack,
    signal,
    // Losing the lease in this moment is noticed by the next note.
    begun: (uploadUrl) => void delivery.note({ uploadUrl, sentTitle }).catch(() => undefined),
    progress: delivery.progress,
  });
  const { sha256 } = item;
  const found = photo ?? (sha256 === undefined ? undefined : await delivery.known(sha256, signal, item));
  // An answer without the photo's address came from something between: nothing is believed of it.
  if (found === undefined) throw new TransferError({ status: 502, resuming: true });
  return arrived(item, found, duplicate, sentTitle);
}

const released: Changes = {
  leasedBy: undefined,
  leasedUntil: undefined,
  nextTryAt: undefined,
  reason: undefined,
  code: undefined,
  tries: 0,
};

const arrived = (item: QueueItem, photo: string, duplicate: boolean, sentTitle: string): Changes => ({
  ...released,
  state: 'sent',
  sent: item.size,
  photo,
  sentTitle,
  uploadUrl: undefined,
  ...(duplicate ? { duplicate } : {}),
});

const isReadable = (file: Blob) =>
  file
    .slice(0, 1)
    .arrayBuffer()
    .then(() => true)
    .catch(() => false);
