// LinkDatabase in plain maps, and what the photos beside it ask of links.
import { v7 as newUuid } from 'uuid';
import { shownLabels } from '../../src/gallery/detection.ts';
import { noSuchPhoto } from '../../src/gallery/errors.ts';
import {
  isOver,
  type Link,
  type LinkId,
  type LinkSubject,
  linkFull,
  linkOver,
  type NewLink,
  noSuchLink,
} from '../../src/gallery/link.ts';
import type { LinkDatabase } from '../../src/gallery/link-database.ts';
import type { Photo, PhotoCard, PhotoId } from '../../src/gallery/photo.ts';
import type { UserId } from '../../src/gallery/user.ts';
import {
  type Guest,
  mayAdd,
  mayChange,
  mayOperate,
  notAllowed,
  userOf,
  type Viewer,
} from '../../src/gallery/viewer.ts';

interface KeptLink extends Omit<NewLink, 'subject' | 'expiresAt'> {
  readonly link: Omit<Link, 'photos'>;
  readonly subject: LinkSubject;
  readonly received: number;
}

export interface MemoryLinksParts {
  readonly now: () => number;
  readonly newestFirst: () => readonly Photo[];
  readonly sees: (viewer: Viewer, id: PhotoId) => boolean;
  readonly toCard: (photo: Photo) => PhotoCard;
}

export interface MemoryLinks {
  readonly database: LinkDatabase;
  given(guest: Guest, photo: Photo): boolean;
  /** @throws GalleryError `link-over` */
  expect(guest: Guest): { readonly owner?: UserId; readonly isWaiting: boolean };
  note(guest: Guest, id: PhotoId, wasHere: boolean): void;
  /** Out of every selection. */
  leave(id: PhotoId): void;
  cameBy(guest: Guest, id: PhotoId): boolean;
}

export function openMemoryLinks({ now, newestFirst, sees, toCard }: MemoryLinksParts): MemoryLinks {
  const kept = new Map<LinkId, KeptLink>();
  const sent = new Set<string>();
  const senders = new Map<PhotoId, { readonly link: LinkId; readonly name: string }>();

  const photo = (id: PhotoId) => newestFirst().find((one) => one.id === id);
  const shows = ({ link, subject }: KeptLink, one: Photo): boolean => {
    if (one.trashedAt !== undefined || one.isWaiting === true) return false;
    if (one.isPrivate === true && (subject.kind !== 'photos' || one.owner !== link.owner)) return false;
    if (subject.kind === 'photos') return subject.photos.includes(one.id);
    if (subject.kind === 'upload') return false;
    const threshold = { all: subject.from, labels: new Map<string, number>() };
    return shownLabels(one.labels, threshold).some(({ label }) => label === subject.label);
  };
  const good = (id: LinkId): KeptLink | undefined => {
    const found = kept.get(id);
    return found === undefined || isOver({ ...found.link, photos: 0 }, now()) ? undefined : found;
  };
  const shown = (found: KeptLink | undefined): Photo[] => {
    if (found === undefined) return [];
    const { subject } = found;
    const all = subject.kind === 'photos' ? subject.photos.flatMap((id) => photo(id) ?? []) : newestFirst();
    return all.filter((one) => shows(found, one));
  };
  const whole = (found: KeptLink): Link => ({
    ...found.link,
    photos: found.subject.kind === 'upload' ? found.received : shown(found).length,
  });
  const get = (id: LinkId): KeptLink => {
    const found = kept.get(id);
    if (found === undefined) throw noSuchLink();
    return found;
  };
  const isMine = (viewer: Viewer, { owner }: Pick<Link, 'owner'>) =>
    mayOperate(viewer) || (mayAdd(viewer) && owner === userOf(viewer));
  const isThere = (viewer: Viewer, one: Photo | undefined): one is Photo =>
    one !== undefined && sees(viewer, one.id) && one.trashedAt === undefined && one.isWaiting !== true;
  const isTheirs = (viewer: Viewer, { owner, isPrivate }: Photo) =>
    mayChange(viewer, owner) && (isPrivate !== true || owner === userOf(viewer));
  const isGivable = (viewer: Viewer, one: Photo | undefined): one is Photo =>
    isThere(viewer, one) && isTheirs(viewer, one);
  const expectMayGive = (viewer: Viewer, id: PhotoId) => {
    const one = photo(id);
    if (!isThere(viewer, one)) throw noSuchPhoto();
    if (!isTheirs(viewer, one)) throw notAllowed();
  };
  const change = (id: LinkId, changes: Partial<Link>) => {
    const found = get(id);
    kept.set(id, { ...found, link: { ...found.link, ...changes } });
  };
  const count = (id: LinkId, received: number) => kept.set(id, { ...get(id), received });

  const database: LinkDatabase = {
    async createLink(viewer, { subject, expiresAt, ...rest }) {
      const { kind } = subject;
      if (!(kind === 'label' ? mayOperate(viewer) : mayAdd(viewer))) throw notAllowed();
      if (kind === 'photos') for (const id of subject.photos) expectMayGive(viewer, id);
      const at = now();
      const id = newUuid({ msecs: at }) as LinkId;
      const owner = userOf(viewer);
      const link = {
        ...{ id, kind, title: rest.title, views: 0, createdAt: new Date(at) },
        ...(owner === undefined ? {} : { owner }),
        ...(subject.kind === 'label' ? { label: subject.label, from: subject.from } : {}),
        ...(subject.kind === 'upload' ? { most: subject.most, needsApproval: subject.needsApproval } : {}),
        hasPassword: rest.passwordHash !== undefined,
        ...(expiresAt === undefined ? {} : { expiresAt }),
      };
      kept.set(id, { ...rest, link, subject, received: 0 });
      return whole(get(id));
    },
    async listGivable(viewer, { before, limit }) {
      const all = newestFirst().filter(
        (one) => isGivable(viewer, one) && (before === undefined || one.id < before),
      );
      const page = all.slice(0, limit);
      const last = page.at(-1);
      return { photos: page.map(toCard), ...(all.length > limit && last ? { next: last.id } : {}) };
    },
    async findGivable(viewer, ids) {
      return ids
        .map(photo)
        .filter((one) => isGivable(viewer, one))
        .map(toCard);
    },
    async findLink(tokenHash) {
      const found = [...kept.values()].find((one) => one.tokenHash === tokenHash);
      if (found === undefined) return undefined;
      const { passwordHash } = found;
      return { link: whole(found), ...(passwordHash === undefined ? {} : { passwordHash }) };
    },
    async countVisit(id) {
      const { views } = get(id).link;
      change(id, { views: views + 1, lastSeenAt: new Date(now()) });
    },
    async listLinks(viewer, { before, limit }) {
      const all = [...kept.values()]
        .filter(({ link }) => isMine(viewer, link) && (before === undefined || link.id < before))
        .sort((a, b) => (a.link.id < b.link.id ? 1 : -1));
      const page = all.slice(0, limit);
      const last = page.at(-1);
      return { links: page.map(whole), ...(all.length > limit && last ? { next: last.link.id } : {}) };
    },
    async revokeLink(viewer, id) {
      const { link } = get(id);
      if (!isMine(viewer, link)) throw noSuchLink();
      if (link.revokedAt === undefined) change(id, { revokedAt: new Date(now()) });
      return whole(get(id));
    },
    async listGiven({ link }, { before, limit }) {
      const all = shown(good(link));
      const from = before === undefined ? 0 : all.findIndex(({ id }) => id === before) + 1;
      const page = all.slice(from, from + limit);
      const last = page.at(-1);
      return { photos: page.map(toCard), ...(all.length > from + limit && last ? { next: last.id } : {}) };
    },
    async findGivenBeside({ link }, id) {
      const ids = shown(good(link)).map((one) => one.id);
      const at = ids.indexOf(id);
      const [previous, following] = at < 0 ? [] : [ids[at - 1], ids[at + 1]];
      return { ...(previous ? { previous } : {}), ...(following ? { following } : {}) };
    },
    async takePlace({ link }) {
      const found = good(link);
      if (found?.subject.kind !== 'upload') throw linkOver();
      if (found.received >= found.subject.most) throw linkFull();
      count(link, found.received + 1);
    },
    async giveBackPlace({ link }) {
      count(link, Math.max(0, get(link).received - 1));
    },
    async listSenders(viewer, ids) {
      const known = ids.flatMap((id) => {
        const sender = senders.get(id);
        const link = sender === undefined ? undefined : kept.get(sender.link);
        if (sender === undefined || link === undefined || !sees(viewer, id)) return [];
        return [[id, { name: sender.name, link: link.link.title }] as const];
      });
      return new Map(known);
    },
    async forgetOver(before) {
      const gone = [...kept.values()].filter(
        ({ link: { revokedAt, expiresAt } }) =>
          (revokedAt ?? before) < before || (expiresAt ?? before) < before,
      );
      for (const { link } of gone) kept.delete(link.id);
      return gone.length;
    },
  };
  return {
    database,
    given(guest, one) {
      const found = good(guest.link);
      return found !== undefined && shows(found, one);
    },
    expect({ link }) {
      const found = kept.get(link);
      if (found?.subject.kind !== 'upload') throw linkOver();
      const { owner } = found.link;
      return { ...(owner === undefined ? {} : { owner }), isWaiting: found.subject.needsApproval };
    },
    cameBy: ({ link }, id) => sent.has(`${link} ${id}`),
    leave(id) {
      for (const [key, one] of kept) {
        const { subject } = one;
        if (subject.kind !== 'photos') continue;
        kept.set(key, {
          ...one,
          subject: { ...subject, photos: subject.photos.filter((photo) => photo !== id) },
        });
      }
    },
    note({ link, name = '' }, id, wasHere) {
      sent.add(`${link} ${id}`);
      if (!wasHere) senders.set(id, { link, name });
    },
  };
}
