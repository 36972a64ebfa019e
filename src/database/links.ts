// LinkDatabase on SQLite. What a link shows is decided by the condition that shows a guest any photo (audience.ts), not here.
import { v7 as newUuid } from 'uuid';
import { stepOf } from '../gallery/detection.ts';
import { noSuchPhoto } from '../gallery/errors.ts';
import { type Link, type LinkId, linkFull, linkOver, type NewLink, noSuchLink } from '../gallery/link.ts';
import type { LinkDatabase } from '../gallery/link-database.ts';
import type { PhotoId } from '../gallery/photo.ts';
import { mayAdd, mayChange, mayOperate, notAllowed, userOf, type Viewer } from '../gallery/viewer.ts';
import { eyesOf, isTrash, onlyFor, waiting } from './audience.ts';
import type { Connection } from './connection.ts';
import type { LabelIndex } from './label-index.ts';
import { type Choice, type LinkRow, prepareLinkStatements, toLink } from './link-statements.ts';
import { toCard } from './rows.ts';

// Sorts after every hexadecimal digit, so it stands for "newer than all".
const newest = '~';

export function openLinks(
  { handle, read, write }: Connection,
  index: Pick<LabelIndex, 'list' | 'neighbours' | 'count'>,
  now: () => number,
): LinkDatabase {
  const sql = prepareLinkStatements(handle);

  /** With the number of its photos, which is counted when somebody asks. */
  const link = (row: LinkRow): Link => toLink(row, photosOf(row));
  const photosOf = (row: LinkRow): number => {
    if (row.kind === 'upload') return row.received;
    return row.kind === 'label'
      ? index.count(labelOf(row))
      : (sql.countPhotos.get({ link: row.id, owner: row.owner }) ?? 0);
  };
  const mine = (viewer: Viewer, id: LinkId): LinkRow => {
    const row = sql.byId.get(id);
    if (row === undefined || !(mayOperate(viewer) || (mayAdd(viewer) && row.owner === userOf(viewer))))
      throw noSuchLink();
    return row;
  };
  const expectMayGive = (viewer: Viewer, id: PhotoId) => {
    const row = sql.photo.get({ ...eyesOf(viewer), id });
    if (row === undefined || isTrash(row.audience) || row.audience === waiting) throw noSuchPhoto();
    const owner = row.owner === '' ? undefined : row.owner;
    const isHidden = onlyFor(row.audience) !== undefined;
    if (!mayChange(viewer, owner) || (isHidden && owner !== userOf(viewer))) throw notAllowed();
  };
  const create = (viewer: Viewer, { subject, title, tokenHash, passwordHash, expiresAt }: NewLink): Link => {
    const at = now();
    const id = newUuid({ msecs: at }) as LinkId;
    const { kind } = subject;
    if (!mayAdd(viewer)) throw notAllowed('member');
    if (kind === 'label' && !mayOperate(viewer)) throw notAllowed('owner');
    if (kind === 'photos') for (const photo of subject.photos) expectMayGive(viewer, photo);
    sql.insert.run({
      ...{ id, tokenHash, kind, title, at, owner: userOf(viewer) ?? '' },
      label: kind === 'label' ? subject.label : null,
      step: kind === 'label' ? stepOf(subject.from) : null,
      approval: kind === 'upload' && subject.needsApproval ? 1 : 0,
      most: kind === 'upload' ? subject.most : null,
      password: passwordHash ?? null,
      end: expiresAt?.getTime() ?? null,
    });
    if (kind === 'photos')
      for (const [place, photo] of subject.photos.entries()) sql.addPhoto.run(id, photo, place);
    return link(sql.byId.get(id) as LinkRow);
  };
  const good = (id: LinkId) => sql.good.get({ id, now: now() });
  const page = (row: LinkRow, before: PhotoId | undefined, limit: number): PhotoId[] => {
    if (row.kind === 'label') return index.list(labelOf(row), before ?? (newest as PhotoId), limit);
    if (row.kind === 'upload') return [];
    const { id, owner } = row;
    return sql.photos.all({ link: id, owner, after: before ?? '', limit });
  };

  return {
    createLink: (viewer, one) => write(() => create(viewer, one)),
    listGivable: (viewer, { before = newest as PhotoId, limit }) =>
      read(() => {
        const rows = sql.givable.all({ ...choiceOf(viewer), before, limit: limit + 1 });
        const shown = rows.slice(0, limit);
        const last = shown.at(-1);
        return { photos: shown.map(toCard), ...(rows.length > limit && last ? { next: last.id } : {}) };
      }),
    findGivable: (viewer, ids) =>
      read(() => ids.flatMap((id) => sql.givableById.get({ ...choiceOf(viewer), id }) ?? []).map(toCard)),
    findLink: (tokenHash) =>
      read(() => {
        const row = sql.byToken.get(tokenHash);
        if (row === undefined) return undefined;
        return { link: link(row), ...(row.password === null ? {} : { passwordHash: row.password }) };
      }),
    countVisit: (id) =>
      write(() => {
        sql.visit.run(now(), id);
      }),
    listLinks: (viewer, { before = newest as LinkId, limit }) =>
      read(() => {
        if (!mayAdd(viewer)) return { links: [] };
        const owner = userOf(viewer) ?? '';
        const rows = sql.list.all({ all: mayOperate(viewer) ? 1 : 0, owner, before, limit: limit + 1 });
        const shown = rows.slice(0, limit);
        const last = shown.at(-1);
        return { links: shown.map(link), ...(rows.length > limit && last ? { next: last.id } : {}) };
      }),
    revokeLink: (viewer, id) =>
      write(() => {
        mine(viewer, id);
        sql.revoke.run(now(), id);
        return link(sql.byId.get(id) as LinkRow);
      }),
    listGiven: ({ link: id }, { before, limit }) =>
      read(() => {
        const row = good(id);
        const ids = row === undefined ? [] : page(row, before, limit + 1);
        const shown = ids.slice(0, limit);
        const last = shown.at(-1);
        return {
          photos: shown.flatMap((one) => sql.card.get(one) ?? []).map(toCard),
          ...(ids.length > limit && last ? { next: last } : {}),
        };
      }),
    findGivenBeside: ({ link: id }, photo) =>
      read(() => {
        const row = good(id);
        if (row === undefined) return {};
        if (row.kind === 'label') return besideOf(index.neighbours(labelOf(row), photo));
        const at = { link: id, owner: row.owner, after: photo, limit: 1 };
        return besideOf({ newer: sql.previous.get(at), older: sql.photos.all(at)[0] });
      }),
    takePlace: ({ link: id }) =>
      write(() => {
        const row = good(id);
        if (row?.kind !== 'upload') throw linkOver();
        if (sql.take.run(id).changes === 0) throw linkFull();
      }),
    giveBackPlace: ({ link: id }) =>
      write(() => {
        sql.giveBack.run(id);
      }),
    listSenders: (viewer, ids) =>
      read(() => {
        const rows = sql.senders.all({ ...eyesOf(viewer), ids: JSON.stringify(ids) });
        return new Map(rows.map(({ photo_id, sender, title }) => [photo_id, { name: sender, link: title }]));
      }),
    forgetOver: (before) => write(() => sql.forget.run({ before: before.getTime() }).changes),
  };
}

const choiceOf = (viewer: Viewer): Choice => ({ mine: eyesOf(viewer).mine, any: mayOperate(viewer) ? 1 : 0 });

/** Only of what is for everybody. */
const labelOf = ({ label, step }: LinkRow) => ({
  label: label ?? '',
  threshold: { all: (step ?? 0) * 5, labels: new Map<string, number>() },
  shelves: [''],
});

const besideOf = ({ newer, older }: { newer?: PhotoId | undefined; older?: PhotoId | undefined }) => ({
  ...(newer === undefined ? {} : { previous: newer }),
  ...(older === undefined ? {} : { following: older }),
});
