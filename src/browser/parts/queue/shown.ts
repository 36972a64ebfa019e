// What the page says of an item and of all of them. Knows no document: facts in, names of sentences out.
import { isOpen, needsPerson } from './rules.ts';
import type { QueueItem } from './store.ts';

/** A photo's own state, once it is one. */
export type PhotoState = 'waiting' | 'developing' | 'done' | 'failed';

export type Shown =
  | 'waiting'
  | 'sending'
  | 'checking'
  | 'paused'
  | 'again'
  | 'busy'
  | 'full'
  | 'signedOut'
  | 'unowned'
  | 'otherUser'
  | 'failed'
  | 'gone'
  | 'refused'
  | 'duplicate'
  | 'developing'
  | 'undeveloped'
  | 'done';

export function shownOf(item: QueueItem, photo: PhotoState | undefined): Shown {
  switch (item.state) {
    case 'sending':
    case 'checking':
    case 'paused':
    case 'refused':
      return item.state;
    case 'waiting':
      if (item.code === 'no-connection') return 'again';
      if (item.code === 'disk-full') return 'full';
      if (item.code === 'signed-out') return 'signedOut';
      if (item.code === 'no-user') return 'unowned';
      if (item.code === 'other-user') return 'otherUser';
      return item.code === undefined ? 'waiting' : 'busy';
    case 'failed':
      return item.code === 'file-gone' ? 'gone' : 'failed';
    case 'sent':
      if (item.duplicate === true) return 'duplicate';
      if (photo === 'failed') return 'undeveloped';
      return photo === 'done' ? 'done' : 'developing';
    default:
      return item.state satisfies never;
  }
}

/** The name of its sentence, where nobody gave a reason. */
export function saidOf(item: QueueItem, shown: Shown): string {
  return shown === 'failed' && item.code === 'narrow' ? 'narrow' : shown;
}

/** Whether the sentence that came with it says more than one of ours. */
export const saysWhy = ({ state, code }: QueueItem): boolean =>
  // The photo is there, and only its title was refused: `sent`.
  ['refused', 'sent'].includes(state) ||
  (state === 'failed' && code !== 'file-gone') ||
  (state === 'waiting' && code === 'too-many-uploads');

export type Act = 'pause' | 'resume' | 'retry' | 'save' | 'cancel' | 'open';

export function actsFor({ state, photo, isOnlyListed }: QueueItem): readonly Act[] {
  if (state === 'sent') return photo === undefined ? [] : ['open'];
  if (state === 'refused') return isOnlyListed === true ? ['cancel'] : ['save', 'cancel'];
  if (state === 'failed') return ['retry', 'cancel'];
  return [state === 'paused' ? 'resume' : 'pause', 'cancel'];
}

export interface Totals {
  readonly all: number;
  readonly stored: number;
  /** What a person has to look at. */
  readonly failed: number;
  readonly refused: number;
  readonly paused: number;
  /** All that is kept until a person decides. */
  readonly needsPerson: number;
  /** Still to be sent, without a person. */
  readonly open: number;
  readonly active: number;
  /** All of the open ones wait for a connection. */
  readonly isCut: boolean;
  readonly sentBytes: number;
  readonly leftBytes: number;
}

export function totalsOf(items: Iterable<QueueItem>): Totals {
  const all = [...items];
  const count = (of: (item: QueueItem) => boolean) => all.filter(of).length;
  const unsent = all.filter((item) => item.state !== 'sent' && isOpen(item));
  const isActive = ({ state }: QueueItem) => state === 'sending' || state === 'checking';
  const sentBytes = all
    .filter(({ state, duplicate }) => state !== 'refused' && duplicate !== true)
    .reduce((sum, { sent }) => sum + sent, 0);
  return {
    all: count(({ state }) => state !== 'refused'),
    stored: count(({ state }) => state === 'sent'),
    failed: count(({ state }) => state === 'failed'),
    refused: count(({ state }) => state === 'refused'),
    paused: count(({ state }) => state === 'paused'),
    needsPerson: count(needsPerson),
    open: unsent.length,
    active: count(isActive),
    isCut: unsent.some(({ code }) => code === 'no-connection') && !unsent.some(isActive),
    sentBytes,
    leftBytes: unsent.reduce((sum, { size, sent }) => sum + size - sent, 0),
  };
}

/** 0..1, by bytes and not by files: one film of a hundred pictures is not one of a hundred. */
export const shareSent = ({ sentBytes, leftBytes }: Totals): number =>
  sentBytes + leftBytes === 0 ? 1 : sentBytes / (sentBytes + leftBytes);
