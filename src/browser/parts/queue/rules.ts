// The rules of the upload queue that need neither a browser nor a server: what is due, who may send it, how long to wait.
import type { Owner } from './owner.ts';
import type { Changes, Draft, NewFile, QueueItem } from './store.ts';
import { withTitleOf } from './titles.ts';

/** How long a tab may send without a sign of life before another one takes over. */
export const leaseMs = 10_000;
export const renewMs = 3_000;

/** Whether there is anything left to do without a person. */
export const isOpen = (item: QueueItem): boolean => isUndone(item) && item.code !== 'other-user';

const isUndone = (item: QueueItem) =>
  ['waiting', 'sending', 'checking'].includes(item.state) || owesTitle(item);

/** The server said that somebody else has signed in: it waits until a page of its user is opened. */
export const awaitsUser = (item: QueueItem): boolean => isUndone(item) && item.code === 'other-user';

/** Somebody has said that it is theirs: what waited for that goes on, also what another app shared, since a person is seen now. */
export const calledFor = ({ state, code }: QueueItem): Changes =>
  code !== 'no-user' ? {} : { code: undefined, ...(state === 'paused' ? { state: 'waiting' } : {}) };

/** Whether a page of `owner` shows and sends it. */
export const isOf = (owner: Owner, { user }: QueueItem): boolean =>
  owner === '' || (owner !== null && user === owner);

export const owesTitle = ({ state, photo, title, sentTitle = '' }: QueueItem): boolean =>
  state === 'sent' && photo !== undefined && title !== sentTitle;

export const isLeased = ({ leasedUntil = 0 }: QueueItem, now: number): boolean => leasedUntil > now;

export const isDue = (item: QueueItem, now: number): boolean =>
  isOpen(item) && !isLeased(item, now) && (item.nextTryAt ?? 0) <= now;

/** The item under a new lease: nobody else may touch it meanwhile. */
export const leased = (item: QueueItem, by: string, forMs: number, now: number): QueueItem => ({
  ...item,
  leasedBy: by,
  leasedUntil: now + forMs,
});

/** Undefined when `by` does not hold the lease (any more), and for everything that would make a stored photo an unsent one. */
export function changed(item: QueueItem, changes: Changes, by?: string): QueueItem | undefined {
  if (by !== undefined && item.leasedBy !== by) return undefined;
  if (item.state === 'sent' && 'state' in changes && changes.state !== 'sent') return undefined;
  const entries = Object.entries({ ...item, ...changes }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as unknown as QueueItem;
}

/** Undefined when it stays as it is. */
export function changedBy(
  item: QueueItem,
  changesOf: (item: QueueItem) => Changes | undefined,
): QueueItem | undefined {
  const changes = changesOf(item);
  return changes === undefined ? undefined : changed(item, changes);
}

/** Its bytes are on the disk of the server: nowhere else may they be let go. What was refused may be the only copy. */
export const isSpent = ({ state }: QueueItem): boolean => state === 'sent';

/** Whether it is kept until a person decides, or signs in. What was refused when it was chosen is only listed. */
export const needsPerson = (item: QueueItem): boolean => {
  const { state, isOnlyListed = false } = item;
  return (
    state === 'failed' || state === 'paused' || (state === 'refused' && !isOnlyListed) || awaitsUser(item)
  );
};

/**
 * What becomes of an item whose file is chosen once more; undefined when it gives way to the new one, as what was sent does: it may have
 * been deleted from the gallery meanwhile. Whoever chooses again what had stopped wants it to be tried, with the bytes of now.
 */
export function chosenAgain(same: QueueItem, { item, file }: Draft): QueueItem | undefined {
  if (isSpent(same)) return undefined;
  if (same.state === 'refused' && same.isOnlyListed === true) return undefined;
  if (file === undefined) return same;
  if (isOpen(same)) return hasBegun(same) ? same : withPrivacyOf(same, item);
  return withTitleOf(same, { ...item, id: same.id, addedAt: same.addedAt });
}

/** The server has been told whom it is for. */
const hasBegun = ({ state, uploadUrl }: QueueItem) => state === 'sending' || uploadUrl !== undefined;

/** The last word counts; the same item when it says nothing new. */
function withPrivacyOf(same: QueueItem, { isPrivate = false }: QueueItem): QueueItem {
  const { isPrivate: was = false, ...rest } = same;
  if (was === isPrivate) return same;
  return isPrivate ? { ...rest, isPrivate } : rest;
}

const longestMs = 60_000;

/** Exponential back-off with jitter, so that many tabs do not come back in the same moment. @param random 0..1 */
export const pauseMs = (tries: number, random: number): number =>
  Math.min(longestMs, 1_000 * 2 ** Math.min(tries, 16)) * (0.5 + random / 2);

/** Ids sort by time, and within one choice by its order. @param owner whose they are */
export function draftsOf(files: Iterable<NewFile>, now: number, owner: Owner = ''): Draft[] {
  return [...files].map((one, index) => draftOf(one, now, index, owner));
}

function draftOf(one: NewFile, now: number, index: number, owner: Owner): Draft {
  const { file, name, title = '', isTitledWithAll = false, notBefore, refused } = one;
  const { isPaused = false, isPrivate = false } = one;
  const item: QueueItem = {
    id: `${now.toString(36).padStart(9, '0')}-${index.toString(36).padStart(4, '0')}-${randomId()}`,
    name,
    type: file.type,
    size: file.size,
    addedAt: now,
    title,
    ...(isTitledWithAll ? { isTitledWithAll } : {}),
    state: refused !== undefined ? 'refused' : isPaused ? 'paused' : 'waiting',
    sent: 0,
    tries: 0,
    choice: choiceOf(file, name, owner),
    ...(owner ? { user: owner } : {}),
    ...(owner === null ? { code: 'no-user' } : {}),
    ...(isPrivate ? { isPrivate } : {}),
    ...(notBefore === undefined ? {} : { nextTryAt: notBefore }),
    ...(refused === undefined ? {} : { ...refused, isOnlyListed: true }),
  };
  return { item, file: refused === undefined ? file : undefined };
}

/** The same file of the same folder and person, not the same bytes: those are compared later, and without reading anything twice. */
const choiceOf = (file: Partial<File> & Blob, name: string, owner: Owner) =>
  [file.webkitRelativePath || name, file.size, file.type, file.lastModified ?? randomId()]
    .concat(owner || [])
    .join('|');

/** 80 random bits. `crypto.randomUUID` is missing on plain http. */
export const randomId = (): string =>
  [...crypto.getRandomValues(new Uint8Array(10))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
