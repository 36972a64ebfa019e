// What links show and take, promised by every LinkDatabase together with its PhotoDatabase.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { GalleryError } from '../../src/gallery/errors.ts';
import type { LinkId, LinkSubject, NewLink } from '../../src/gallery/link.ts';
import type { LinkDatabase } from '../../src/gallery/link-database.ts';
import type { Photo, PhotoId, Sha256 } from '../../src/gallery/photo.ts';
import type { NewPhoto, PhotoDatabase } from '../../src/gallery/photo-database.ts';
import type { JobQueue } from '../../src/gallery/ports.ts';
import type { Role, UserId } from '../../src/gallery/user.ts';
import { type Guest, machine, stranger, type Viewer } from '../../src/gallery/viewer.ts';
import type { PasswordHash } from '../../src/security/passwords.ts';
import { hashToken, newToken } from '../../src/security/tokens.ts';
import { development, newPhoto, sureness } from './photo-database.ts';

export interface OpenedForLinks {
  readonly photos: PhotoDatabase;
  readonly jobs: JobQueue;
  readonly links: LinkDatabase;
  close(): Promise<void>;
}

const user = (number: number, role: Role): Viewer & { kind: 'user' } => ({
  kind: 'user',
  id: `0199000${number}-0000-7000-8000-000000000000` as UserId,
  role,
});
const [head, mina, juno, looker] = [
  user(1, 'owner'),
  user(2, 'member'),
  user(3, 'member'),
  user(4, 'viewer'),
];
const visitor: Viewer = { kind: 'visitor' };
const unknown = '01990000-0000-7000-8000-000000000000';
const refusal = (code: string) => (error: unknown) => error instanceof GalleryError && error.code === code;

export function linksContract(name: string, open: (now: () => number) => Promise<OpenedForLinks>): void {
  describe(`links: ${name}`, () => {
    let opened: OpenedForLinks;
    let photos: PhotoDatabase;
    let links: LinkDatabase;
    let time = Date.UTC(2026, 10, 20);
    beforeEach(async () => {
      opened = await open(() => (time += 1000));
      ({ photos, links } = opened);
    });
    afterEach(() => opened.close());

    const add = async (viewer: Viewer, labels: readonly string[] = [], changes: Partial<NewPhoto> = {}) => {
      const { photo } = await photos.recordPhoto(viewer, newPhoto(changes));
      const job = await opened.jobs.claim(60_000);
      assert.equal(job?.photoId, photo.id);
      await photos.saveDevelopment(job, development(labels));
      return photo;
    };
    const linkWith = (subject: LinkSubject, more: Partial<NewLink> = {}): NewLink => ({
      subject,
      title: 'For you',
      tokenHash: hashToken(newToken()),
      ...more,
    });
    const make = (viewer: Viewer, subject: LinkSubject, more: Partial<NewLink> = {}) =>
      links.createLink(viewer, linkWith(subject, more));
    const of = (...list: readonly Photo[]): LinkSubject => ({
      kind: 'photos',
      photos: list.map(({ id }) => id),
    });
    const guestOf = ({ id }: { readonly id: LinkId }, guest?: string): Guest => ({
      kind: 'guest',
      link: id,
      ...(guest === undefined ? {} : { name: guest }),
    });
    const shownBy = async (guest: Guest, limit = 50, before?: PhotoId) =>
      (await links.listGiven(guest, { limit, ...(before === undefined ? {} : { before }) })).photos.map(
        ({ id }) => id,
      );

    test('is found by its token, with everything that was said of it', async () => {
      const photo = await add(mina);
      const expiresAt = new Date(time + 86_400_000);
      const passwordHash = '$scrypt$x' as PasswordHash;
      const wish = linkWith(of(photo), { title: 'Picnic', expiresAt, passwordHash });
      const { id } = await links.createLink(mina, wish);
      const found = await links.findLink(wish.tokenHash);
      assert.equal(found?.passwordHash, passwordHash);
      assert.deepEqual(found.link, {
        ...{ id, kind: 'photos', title: 'Picnic', owner: mina.id, photos: 1, hasPassword: true },
        ...{ createdAt: found.link.createdAt, expiresAt, views: 0 },
      });
      assert.equal(await links.findLink(hashToken(newToken())), undefined);
    });

    test('offers to whoever chooses photos for a link all that they may give and nothing else, page by page', async () => {
      const [ofMina, hidden] = [await add(mina), await add(mina, [], { isPrivate: true })];
      const [ofJuno, hiddenOfJuno] = [await add(juno), await add(juno, [], { isPrivate: true })];
      const ofNobody = await add(machine);
      const hiddenOfHead = await add(head, [], { isPrivate: true });
      await photos.trashPhoto(mina, (await add(mina)).id);
      const last = await add(mina);
      const upload = await make(mina, { kind: 'upload', needsApproval: true, most: 1 });
      await links.takePlace(guestOf(upload));
      const { photo: waiting } = await photos.recordPhoto(guestOf(upload), newPhoto());
      const all = [ofMina, hidden, ofJuno, hiddenOfJuno, ofNobody, hiddenOfHead, last, waiting];

      const idsFor = async (viewer: Viewer) => {
        const ids: PhotoId[] = [];
        let before: PhotoId | undefined;
        do {
          const query = { limit: 2, ...(before === undefined ? {} : { before }) };
          const page = await links.listGivable(viewer, query);
          assert.ok(page.next === undefined || page.photos.length === 2);
          ids.push(...page.photos.map(({ id }) => id));
          before = page.next;
        } while (before !== undefined);
        return ids;
      };
      const idsOf = (list: readonly { readonly id: PhotoId }[]) => list.map(({ id }) => id);
      assert.deepEqual(await idsFor(mina), idsOf([last, hidden, ofMina]));
      assert.deepEqual(await idsFor(juno), idsOf([hiddenOfJuno, ofJuno]));
      assert.deepEqual(await idsFor(head), idsOf([last, hiddenOfHead, ofNobody, ofJuno, ofMina]));
      assert.deepEqual(await idsFor(machine), idsOf([last, ofNobody, ofJuno, ofMina]));
      for (const viewer of [looker, visitor, stranger, guestOf(upload)])
        assert.deepEqual(await idsFor(viewer), []);

      for (const viewer of [mina, juno, head, machine, looker, visitor, stranger]) {
        const offered = await idsFor(viewer);
        const found = await links.findGivable(viewer, [...idsOf(all), unknown as PhotoId]);
        assert.deepEqual(idsOf(found).toReversed(), offered, 'the same by their ids, in the order of these');
        for (const photo of all) {
          const isTaken = await make(viewer, of(photo)).then(
            () => true,
            () => false,
          );
          assert.equal(isTaken, offered.includes(photo.id), 'what is offered is taken, and nothing else');
        }
      }
    });

    test('shows a selection in its order, page by page, and the way from one photo to the next', async () => {
      const [one, two, three] = [await add(mina), await add(mina), await add(mina)];
      await add(mina);
      const guest = guestOf(await make(mina, of(two, three, one)));
      assert.deepEqual(await shownBy(guest), [two.id, three.id, one.id]);
      const first = await links.listGiven(guest, { limit: 2 });
      assert.equal(first.next, three.id);
      assert.deepEqual(await shownBy(guest, 2, first.next), [one.id]);
      assert.deepEqual(await links.findGivenBeside(guest, three.id), { previous: two.id, following: one.id });
      assert.deepEqual(await links.findGivenBeside(guest, two.id), { following: three.id });
    });

    test('shows a label at its threshold, newest first, also what comes later, and only what is for everybody', async () => {
      const old = await add(mina, ['dog']);
      await add(mina, ['cat']);
      const sure = Math.floor(sureness() / 5) * 5;
      const guest = guestOf(await make(head, { kind: 'label', label: 'dog', from: sure }));
      const unsure = guestOf(await make(head, { kind: 'label', label: 'dog', from: 95 }));
      const hidden = await add(mina, ['dog'], { isPrivate: true });
      const fresh = await add(mina, ['dog', 'cat']);
      assert.deepEqual(await shownBy(guest), [fresh.id, old.id]);
      assert.deepEqual(await shownBy(guest, 1, fresh.id), [old.id]);
      assert.deepEqual(await links.findGivenBeside(guest, fresh.id), { following: old.id });
      assert.equal(await photos.findPhoto(guest, hidden.id), undefined);
      assert.equal((await photos.findPhoto(guest, fresh.id))?.id, fresh.id);
      if (sureness() < 95) assert.deepEqual(await shownBy(unsure), []);
      assert.equal((await links.listLinks(head, { limit: 9 })).links.at(-1)?.photos, 2);
    });

    test('is made by who may change the photos; a label by who runs the gallery; an upload link by who adds photos', async () => {
      const [public_, private_] = [await add(mina), await add(mina, [], { isPrivate: true })];
      const label: LinkSubject = { kind: 'label', label: 'dog', from: 50 };
      const upload: LinkSubject = { kind: 'upload', needsApproval: true, most: 3 };
      for (const maker of [head, mina, machine]) await make(maker, of(public_));
      await make(mina, of(public_, private_));
      for (const maker of [juno, looker, visitor, guestOf({ id: unknown as LinkId })])
        await assert.rejects(make(maker, of(public_)), refusal('not-allowed'));
      await assert.rejects(make(head, of(private_)), refusal('not-found'));
      await assert.rejects(make(machine, of(private_)), refusal('not-allowed'), 'its owner alone gives it');
      await assert.rejects(make(mina, label), refusal('not-allowed'));
      for (const maker of [head, machine]) await make(maker, label);
      for (const maker of [mina, machine]) await make(maker, upload);
      await assert.rejects(make(looker, upload), refusal('not-allowed'));
      await photos.trashPhoto(mina, public_.id);
      await assert.rejects(make(mina, of(public_)), refusal('not-found'), 'nothing out of the trash');
    });

    test('shows nothing any more once it is over, and says since when', async () => {
      const photo = await add(mina);
      const [revoked, expired] = [
        await make(mina, of(photo)),
        await make(mina, of(photo), { expiresAt: new Date(time + 5_000) }),
      ];
      const ended = await links.revokeLink(mina, revoked.id);
      assert.ok(ended.revokedAt instanceof Date);
      assert.deepEqual(
        (await links.revokeLink(mina, revoked.id)).revokedAt,
        ended.revokedAt,
        'twice is fine',
      );
      time += 10_000;
      for (const guest of [guestOf(revoked), guestOf(expired)]) {
        assert.deepEqual(await shownBy(guest), []);
        assert.equal(await photos.findPhoto(guest, photo.id), undefined);
        assert.deepEqual(await links.findGivenBeside(guest, photo.id), {});
      }
    });

    test('is listed and taken back by who made it and by who runs the gallery', async () => {
      const photo = await add(mina);
      const [own, other] = [await make(mina, of(photo)), await make(machine, of(photo))];
      const ids = async (viewer: Viewer, limit = 10, before?: LinkId) => {
        const page = await links.listLinks(viewer, { limit, ...(before === undefined ? {} : { before }) });
        return page.links.map(({ id }) => id);
      };
      for (const viewer of [head, machine]) assert.deepEqual(await ids(viewer), [other.id, own.id]);
      assert.deepEqual(await ids(mina), [own.id]);
      for (const viewer of [juno, looker, visitor]) assert.deepEqual(await ids(viewer), []);
      assert.equal((await links.listLinks(head, { limit: 1 })).next, other.id);
      assert.deepEqual(await ids(head, 1, other.id), [own.id]);
      for (const viewer of [juno, looker, visitor])
        await assert.rejects(links.revokeLink(viewer, own.id), refusal('no-link'));
      await assert.rejects(links.revokeLink(head, unknown as LinkId), refusal('no-link'));
      assert.ok((await links.revokeLink(head, own.id)).revokedAt);
    });

    test('counts visits and notes the last one', async () => {
      const { id } = await make(machine, of(await add(mina)));
      await links.countVisit(id);
      await links.countVisit(id);
      const [link] = (await links.listLinks(machine, { limit: 1 })).links;
      assert.equal(link?.views, 2);
      assert.ok(link.lastSeenAt instanceof Date);
    });

    test('has so many places for photos, also when many come at once', async () => {
      const guest = guestOf(await make(mina, { kind: 'upload', needsApproval: true, most: 3 }));
      const tries = await Promise.allSettled(Array.from({ length: 5 }, () => links.takePlace(guest)));
      assert.equal(tries.filter(({ status }) => status === 'fulfilled').length, 3);
      await assert.rejects(links.takePlace(guest), refusal('link-full'));
      await links.giveBackPlace(guest);
      await links.takePlace(guest);
      await links.revokeLink(mina, guest.link);
      await assert.rejects(links.takePlace(guest), refusal('link-over'));
      const showing = guestOf(await make(mina, of(await add(mina))));
      await assert.rejects(links.takePlace(showing), refusal('link-over'));
      await assert.rejects(photos.recordPhoto(showing, newPhoto()), refusal('link-over'));
    });

    test('what a guest sends waits, seen by whose it becomes and who runs the gallery, and nobody else', async () => {
      const guest = guestOf(await make(mina, { kind: 'upload', needsApproval: true, most: 9 }), '할머니');
      const photo = await add(guest, ['dog']);
      assert.deepEqual([photo.owner, photo.isWaiting], [mina.id, true]);
      const waitingFor = async (viewer: Viewer) =>
        (await photos.listPhotos(viewer, { limit: 9, waiting: true })).photos.map(({ id }) => id);
      for (const viewer of [machine, head, mina, juno, looker, visitor, guest]) {
        const lets = viewer === machine || viewer === head || viewer === mina;
        assert.equal((await photos.findPhoto(viewer, photo.id))?.id, lets ? photo.id : undefined);
        assert.deepEqual(await waitingFor(viewer), lets ? [photo.id] : []);
        assert.equal(await photos.countWaiting(viewer), lets ? 1 : 0);
        assert.deepEqual((await photos.listPhotos(viewer, { limit: 9 })).photos, []);
        assert.deepEqual(await photos.listLabels(viewer, { all: 10, labels: new Map() }), []);
        const senders = await links.listSenders(viewer, [photo.id]);
        assert.deepEqual(senders.get(photo.id), lets ? { name: '할머니', link: 'For you' } : undefined);
      }
      for (const viewer of [juno, looker, visitor, guest])
        await assert.rejects(photos.approvePhoto(viewer, photo.id), refusal('not-found'));
      assert.equal((await photos.approvePhoto(mina, photo.id)).isWaiting, undefined);
      assert.equal((await photos.approvePhoto(head, photo.id)).isWaiting, undefined, 'twice is fine');
      assert.equal((await photos.findPhoto(visitor, photo.id))?.id, photo.id);
      assert.deepEqual(await photos.listLabels(visitor, { all: 10, labels: new Map() }), [
        { label: 'dog', photos: 1 },
      ]);
      await assert.rejects(photos.approvePhoto(juno, photo.id), refusal('not-allowed'));
    });

    test('what is thrown away leaves the waiting for the trash, and waits again when it comes back', async () => {
      const guest = guestOf(await make(mina, { kind: 'upload', needsApproval: true, most: 9 }));
      const photo = await add(guest, ['dog']);
      const trashed = await photos.trashPhoto(head, photo.id);
      assert.deepEqual([trashed.isWaiting, trashed.trashedAt === undefined], [true, false]);
      assert.deepEqual(await photos.trashPhoto(mina, photo.id), trashed, 'twice is fine');
      const trashOf = async (viewer: Viewer) =>
        (await photos.listPhotos(viewer, { limit: 9, trash: true })).photos.map(({ id }) => id);
      for (const viewer of [machine, head, mina, juno, looker, visitor, guest]) {
        const takes = viewer === machine || viewer === head || viewer === mina;
        assert.deepEqual(await trashOf(viewer), takes ? [photo.id] : []);
        assert.equal((await photos.findPhoto(viewer, photo.id))?.id, takes ? photo.id : undefined);
        assert.equal(await photos.countWaiting(viewer), 0);
        assert.deepEqual((await photos.listPhotos(viewer, { limit: 9, waiting: true })).photos, []);
        assert.deepEqual((await photos.listPhotos(viewer, { limit: 9 })).photos, []);
      }
      await assert.rejects(photos.restorePhoto(juno, photo.id), refusal('not-found'));
      const back = await photos.restorePhoto(mina, photo.id);
      assert.deepEqual([back.isWaiting, back.trashedAt], [true, undefined]);
      assert.equal((await photos.restorePhoto(mina, photo.id)).isWaiting, true, 'only approving lets it in');
      assert.equal(await photos.countWaiting(head), 1);
      for (const viewer of [juno, looker, visitor])
        assert.equal(await photos.findPhoto(viewer, photo.id), undefined);
      await photos.approvePhoto(mina, photo.id);
      assert.equal((await photos.findPhoto(visitor, photo.id))?.id, photo.id);
      await photos.trashPhoto(mina, photo.id);
      assert.equal((await photos.restorePhoto(mina, photo.id)).isWaiting, undefined, 'it was let in');
    });

    test('approving what lies in the trash does not take it out', async () => {
      const guest = guestOf(await make(mina, { kind: 'upload', needsApproval: true, most: 9 }));
      const photo = await add(guest);
      await photos.trashPhoto(mina, photo.id);
      const approved = await photos.approvePhoto(mina, photo.id);
      assert.deepEqual([approved.isWaiting, approved.trashedAt === undefined], [true, false]);
    });

    test('what a guest sends once more by the same link is told apart from what its maker has', async () => {
      const guest = guestOf(await make(mina, { kind: 'upload', needsApproval: true, most: 9 }));
      const other = guestOf(await make(mina, { kind: 'upload', needsApproval: true, most: 9 }));
      const photo = await add(guest);
      const resent = async (by: Guest) => {
        const { duplicate, isResent } = await photos.recordPhoto(by, newPhoto({ sha256: photo.sha256 }));
        return [duplicate, isResent];
      };
      assert.deepEqual(await resent(guest), [true, true]);
      assert.deepEqual(await resent(other), [true, undefined]);
      assert.deepEqual(
        await resent(other),
        [true, true],
        'and so is what was here before, as if it had not been',
      );
      await photos.trashPhoto(mina, photo.id);
      assert.deepEqual(await resent(guest), [true, true]);
      const own = await add(mina);
      for (const isResent of [undefined, true, true]) {
        const known = await photos.recordPhoto(guest, newPhoto({ sha256: own.sha256 }));
        assert.deepEqual([known.duplicate, known.isResent], [true, isResent]);
      }
      assert.deepEqual([...(await links.listSenders(mina, [own.id]))], [], 'nobody is named as its sender');
    });

    test('what needs no approval is everybody’s at once', async () => {
      const guest = guestOf(await make(mina, { kind: 'upload', needsApproval: false, most: 9 }));
      const photo = await add(guest);
      assert.equal(photo.isWaiting, undefined);
      assert.equal((await photos.findPhoto(visitor, photo.id))?.owner, mina.id);
      assert.equal(await photos.findPhoto(guest, photo.id), undefined, 'a guest who sends is shown nothing');
    });

    test('bytes that its maker has change nothing when a guest sends them', async () => {
      const sha256 = randomBytes(32).toString('hex') as Sha256;
      const mine = await add(mina, [], { sha256, isPrivate: true, title: '' });
      await photos.trashPhoto(mina, mine.id);
      const guest = guestOf(await make(mina, { kind: 'upload', needsApproval: true, most: 9 }));
      const sent = await photos.recordPhoto(guest, newPhoto({ sha256, title: 'by a guest' }));
      assert.equal(sent.duplicate, true);
      const kept = await photos.findPhoto(mina, mine.id);
      assert.deepEqual([kept?.title, kept?.trashedAt === undefined, kept?.isPrivate], ['', false, true]);
      const others = await photos.recordPhoto(juno, newPhoto({ sha256 }));
      assert.equal(others.duplicate, false);
    });

    test('what waits is let in when whose it is sends the same bytes', async () => {
      const sha256 = randomBytes(32).toString('hex') as Sha256;
      const guest = guestOf(await make(mina, { kind: 'upload', needsApproval: true, most: 9 }));
      const sent = await add(guest, [], { sha256 });
      const again = await photos.recordPhoto(mina, newPhoto({ sha256 }));
      assert.deepEqual([again.photo.id, again.duplicate, again.photo.isWaiting], [sent.id, true, undefined]);
      assert.equal(again.before?.isWaiting, true);
    });

    test('is forgotten long after it was over, and what came in by it stays', async () => {
      const link = linkWith({ kind: 'upload', needsApproval: false, most: 9 });
      const { id } = await links.createLink(mina, link);
      const photo = await add(guestOf({ id }));
      const good = await make(mina, of(photo));
      await links.revokeLink(mina, id);
      assert.equal(await links.forgetOver(new Date(time - 60_000)), 0);
      assert.equal(await links.forgetOver(new Date(time + 60_000)), 1);
      assert.equal(await links.findLink(link.tokenHash), undefined);
      assert.ok(await photos.findPhoto(mina, photo.id));
      assert.deepEqual(await shownBy(guestOf(good)), [photo.id]);
    });
  });
}
