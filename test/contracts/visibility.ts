// Who sees what, promised by every PhotoDatabase and RerunDatabase: what is not for somebody is as absent as what never was.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { defaultThreshold as threshold } from '../../src/gallery/detection.ts';
import { GalleryError } from '../../src/gallery/errors.ts';
import type { LinkDatabase } from '../../src/gallery/link-database.ts';
import type { ChangeId, Photo, PhotoId, Sha256 } from '../../src/gallery/photo.ts';
import type { NewPhoto, PhotoDatabase } from '../../src/gallery/photo-database.ts';
import type { JobQueue } from '../../src/gallery/ports.ts';
import type { RerunDatabase } from '../../src/gallery/rerun-database.ts';
import type { Role, UserId } from '../../src/gallery/user.ts';
import { type Guest, machine, type Viewer } from '../../src/gallery/viewer.ts';
import { hashToken, newToken } from '../../src/security/tokens.ts';
import { development, newPhoto, removeWhole } from './photo-database.ts';

export interface OpenedForVisibility {
  readonly photos: PhotoDatabase;
  readonly reruns: RerunDatabase;
  readonly jobs: JobQueue;
  readonly links: LinkDatabase;
  close(): Promise<void>;
}

const user = (number: number, role: Role): Viewer & { kind: 'user' } => ({
  kind: 'user',
  id: `0199000${number}-0000-7000-8000-000000000000` as UserId,
  role,
});
const [head, mina, juno, guest] = [user(1, 'owner'), user(2, 'member'), user(3, 'member'), user(4, 'viewer')];
const visitor: Viewer = { kind: 'visitor' };
const stranger: Viewer = { kind: 'stranger' };
const everybody: readonly Viewer[] = [machine, head, mina, juno, guest, visitor];
const unknown = '01990000-0000-7000-8000-000000000000' as PhotoId;

const refusal = (code: string) => (error: unknown) => error instanceof GalleryError && error.code === code;

export function visibilityContract(
  name: string,
  open: (now: () => number) => Promise<OpenedForVisibility>,
): void {
  describe(`who sees what: ${name}`, () => {
    let opened: OpenedForVisibility;
    let photos: PhotoDatabase;
    let time = Date.UTC(2026, 10, 20);
    beforeEach(async () => {
      opened = await open(() => (time += 1000));
      photos = opened.photos;
    });
    afterEach(() => opened.close());

    const add = async (viewer: Viewer, changes: Partial<NewPhoto> = {}): Promise<Photo> => {
      const { photo } = await photos.recordPhoto(viewer, newPhoto(changes));
      const job = await opened.jobs.claim(60_000);
      assert.equal(job?.photoId, photo.id);
      const place = { latitude: 37.5, longitude: 127 };
      await photos.saveDevelopment(job, development(['dog'], { place }));
      return photo;
    };
    const idsFor = async (viewer: Viewer) =>
      (await photos.listPhotos(viewer, { limit: 10 })).photos.map(({ id }) => id);
    const trashOf = async (viewer: Viewer) =>
      (await photos.listPhotos(viewer, { limit: 10, trash: true })).photos.map(({ id }) => id);
    /** Every way to come upon it; false only where all of them agree. */
    const sees = async (viewer: Viewer, { id }: Photo): Promise<boolean> => {
      const ways = [
        (await photos.findPhoto(viewer, id)) !== undefined,
        (await idsFor(viewer)).includes(id),
        (await photos.listWholePhotos(viewer, { limit: 10 })).photos.some((one) => one.id === id),
        (await photos.listPhotos(viewer, { limit: 10, label: 'dog', threshold })).photos.some(
          (one) => one.id === id,
        ),
      ];
      assert.equal(new Set(ways).size, 1, `the ways agree: ${ways.join(', ')}`);
      const hasPlace = (await photos.findPlace(viewer, id)) !== undefined;
      assert.equal(
        hasPlace,
        ways.includes(true) && viewer.kind !== 'visitor',
        'places are for who has an account',
      );
      return ways.includes(true);
    };

    test('what somebody adds is seen by everybody, and is theirs', async () => {
      const photo = await add(mina);
      for (const viewer of everybody) assert.equal(await sees(viewer, photo), true);
      assert.equal(await sees(stranger, photo), false);
      assert.deepEqual(await photos.listLabels(stranger, threshold), []);
      assert.equal((await photos.listCovers(stranger, threshold)).size, 0);
      await assert.rejects(photos.retitle(stranger, photo.id, 'x'), refusal('not-found'));
      assert.equal((await photos.findPhoto(visitor, photo.id))?.owner, mina.id);
      assert.equal((await add(machine)).owner, undefined);
    });

    test('what is private is seen by whose it is, and in no count of others', async () => {
      const photo = await add(mina, { isPrivate: true });
      const shared = await add(juno);
      for (const viewer of [head, juno, guest, visitor]) {
        assert.equal(await sees(viewer, photo), false);
        assert.deepEqual(await photos.listLabels(viewer, threshold), [{ label: 'dog', photos: 1 }]);
        assert.equal((await photos.listCovers(viewer, threshold)).get('dog')?.id, shared.id);
        assert.deepEqual(await photos.findNeighbours(viewer, shared.id), {});
        assert.deepEqual(await photos.findNeighbours(viewer, shared.id, { label: 'dog', threshold }), {});
      }
      for (const viewer of [mina, machine]) {
        assert.equal(await sees(viewer, photo), true);
        assert.deepEqual(await photos.listLabels(viewer, threshold), [{ label: 'dog', photos: 2 }]);
        assert.deepEqual(await idsFor(viewer), [shared.id, photo.id], 'in one list with the others');
        assert.deepEqual(await photos.findNeighbours(viewer, shared.id), { older: photo.id });
        assert.deepEqual(await photos.findNeighbours(viewer, photo.id, { label: 'dog', threshold }), {
          newer: shared.id,
        });
      }
      assert.equal((await photos.findPhoto(mina, photo.id))?.isPrivate, true);
    });

    test('pages go through private and shared photos in one order', async () => {
      const all: PhotoId[] = [];
      for (let at = 0; at < 7; at += 1) all.push((await add(mina, { isPrivate: at % 2 === 0 })).id);
      const found: PhotoId[] = [];
      let before: PhotoId | undefined;
      do {
        const page = await photos.listPhotos(mina, { limit: 2, ...(before === undefined ? {} : { before }) });
        found.push(...page.photos.map(({ id }) => id));
        before = page.next;
      } while (before !== undefined);
      assert.deepEqual(found, all.toReversed());
    });

    test('may be made private and shared again by whose it is, and by nobody else', async () => {
      const photo = await add(mina);
      for (const viewer of [head, juno, guest, visitor, machine])
        await assert.rejects(photos.setPrivate(viewer, photo.id, true), refusal('not-allowed'));
      assert.equal((await photos.setPrivate(mina, photo.id, true)).isPrivate, true);
      assert.equal(await sees(juno, photo), false);
      await assert.rejects(photos.setPrivate(juno, photo.id, false), refusal('not-found'));
      assert.equal((await photos.setPrivate(mina, photo.id, false)).isPrivate, undefined);
      assert.equal(await sees(juno, photo), true);
    });

    test('what is nobody’s becomes theirs who runs the gallery when they hide it', async () => {
      const photo = await add(machine);
      await assert.rejects(photos.setPrivate(mina, photo.id, true), refusal('not-allowed'));
      assert.equal((await photos.setPrivate(head, photo.id, true)).owner, head.id);
      assert.equal(await sees(mina, photo), false);
    });

    test('is changed by whose it is and by who runs the gallery; for others it is there, but not theirs', async () => {
      const photo = await add(mina);
      const changes: readonly ((viewer: Viewer, id: PhotoId) => Promise<unknown>)[] = [
        (viewer, id) => photos.retitle(viewer, id, 'new'),
        (viewer, id) => photos.correct(viewer, id, { kind: 'add', label: 'cup' }),
        (viewer, id) => photos.undo(viewer, id, 1 as ChangeId),
        (viewer, id) => photos.retryPhoto(viewer, id),
        (viewer, id) => photos.trashPhoto(viewer, id),
        (viewer, id) => photos.restorePhoto(viewer, id),
        (viewer, id) => photos.removePhoto(viewer, id),
      ];
      for (const change of changes) {
        for (const viewer of [juno, guest, visitor])
          await assert.rejects(change(viewer, photo.id), refusal('not-allowed'));
        await assert.rejects(change(mina, unknown), refusal('not-found'));
      }
      assert.equal((await photos.retitle(mina, photo.id, 'mine')).title, 'mine');
      assert.equal((await photos.retitle(head, photo.id, 'kept in order')).title, 'kept in order');
      await photos.setPrivate(mina, photo.id, true);
      for (const change of changes)
        for (const viewer of [head, juno, guest, visitor])
          await assert.rejects(change(viewer, photo.id), refusal('not-found'));
    });

    test('in the trash is in no list but that of who may take it out, and comes back as it was', async () => {
      for (const isPrivate of [false, true]) {
        const photo = await add(mina, { isPrivate });
        const before = time;
        const trashed = await photos.trashPhoto(mina, photo.id);
        assert.ok((trashed.trashedAt?.getTime() ?? 0) > before);
        assert.deepEqual(
          (await photos.trashPhoto(mina, photo.id)).trashedAt,
          trashed.trashedAt,
          'twice is fine',
        );
        for (const viewer of everybody) {
          const takes = viewer === machine || viewer === mina || (viewer === head && !isPrivate);
          assert.equal((await photos.findPhoto(viewer, photo.id)) !== undefined, takes);
          assert.deepEqual(await trashOf(viewer), takes ? [photo.id] : []);
          assert.deepEqual(await idsFor(viewer), []);
          assert.deepEqual(await photos.listLabels(viewer, threshold), []);
          assert.equal(await photos.findByDigest(viewer, photo.sha256), undefined);
        }
        await assert.rejects(photos.restorePhoto(juno, photo.id), refusal('not-found'));
        const back = await photos.restorePhoto(mina, photo.id);
        assert.deepEqual([back.trashedAt, back.isPrivate], [undefined, isPrivate ? true : undefined]);
        assert.equal(await sees(mina, photo), true);
        assert.equal(await sees(visitor, photo), !isPrivate);
        await removeWhole(photos, mina, photo.id);
      }
    });

    test('leaves the trash by its age, the longest first', async () => {
      const [one, two, three] = [await add(mina), await add(juno), await add(machine)];
      await photos.trashPhoto(head, two.id);
      await photos.trashPhoto(mina, one.id);
      const until = new Date(time);
      await photos.trashPhoto(head, three.id);
      assert.deepEqual(await photos.listTrashed(new Date(until.getTime() + 1), 10), [two.id, one.id]);
      assert.deepEqual(await photos.listTrashed(new Date(until.getTime() + 1), 1), [two.id]);
    });

    test('stays in the trash for days that were seen to pass, whatever a clock says', async () => {
      const day = 24 * 60 * 60 * 1000;
      const kept = 30 * day;
      const photo = await add(mina);
      await photos.trashPhoto(mina, photo.id);
      const since = async () => (await photos.findPhoto(mina, photo.id))?.trashedAt?.getTime() ?? 0;
      const isOver = async (now: number) => (await photos.listTrashed(new Date(now - kept), 9)).length > 0;
      const begun = await since();
      assert.equal(await photos.passTime(new Date(begun)), false, 'the first look only remembers');
      assert.equal(await photos.passTime(new Date(begun + day)), false);
      const ahead = begun + 400 * day;
      assert.equal(await photos.passTime(new Date(ahead)), true, 'what did not pass was put off');
      assert.equal(await isOver(ahead), false);
      assert.ok(Math.abs(ahead - 3 * day - (await since())) <= 1000);
      assert.equal(await photos.passTime(new Date(begun + day)), true, 'it was set right again');
      assert.ok((await since()) <= begun + day, 'and lies there for no time to come');
      for (let days = 2; days <= 40; days += 1)
        assert.equal(await photos.passTime(new Date(begun + days * day)), false);
      assert.equal(await isOver(begun + 40 * day), true);
    });

    test('the same bytes are a duplicate only of what is the sender’s, and their files stay for the other', async () => {
      const sha256 = randomBytes(32).toString('hex') as Sha256;
      const hidden = await add(mina, { sha256, isPrivate: true });
      const mine = await photos.recordPhoto(juno, newPhoto({ sha256 }));
      assert.equal(mine.duplicate, false, 'nothing is told of the hidden one');
      const again = await photos.recordPhoto(juno, newPhoto({ sha256 }));
      assert.deepEqual([again.duplicate, again.photo.id], [true, mine.photo.id]);
      assert.equal(
        (await photos.recordPhoto(mina, newPhoto({ sha256 }))).photo.id,
        hidden.id,
        'their own first',
      );
      assert.equal(await removeWhole(photos, juno, mine.photo.id), undefined);
      assert.deepEqual(await photos.listRemoved(), []);
      assert.equal(await photos.hasOriginal(sha256), true);
      assert.deepEqual(await removeWhole(photos, mina, hidden.id), { sha256, type: 'image/jpeg' });
    });

    test('what was acknowledged stays, whatever becomes of another’s photo with the same bytes', async () => {
      const theirs = await add(mina);
      for (const viewer of [juno, head]) {
        assert.equal(await photos.findByDigest(viewer, theirs.sha256), undefined, 'these bytes are wanted');
        const sent = await photos.recordPhoto(viewer, newPhoto({ sha256: theirs.sha256 }));
        assert.deepEqual([sent.duplicate, sent.photo.owner], [false, viewer.id]);
        assert.equal((await photos.findByDigest(viewer, theirs.sha256))?.id, sent.photo.id);
      }
      await photos.setPrivate(mina, theirs.id, true);
      assert.equal((await photos.findByDigest(mina, theirs.sha256))?.id, theirs.id);
      await removeWhole(photos, mina, theirs.id);
      for (const viewer of [juno, head]) assert.ok(await photos.findByDigest(viewer, theirs.sha256));
    });

    test('what is nobody’s is everybody’s duplicate, so that a gallery without people may get some', async () => {
      const old = await add(machine);
      for (const viewer of [mina, head]) {
        assert.equal((await photos.findByDigest(viewer, old.sha256))?.id, old.id);
        const again = await photos.recordPhoto(viewer, newPhoto({ sha256: old.sha256 }));
        assert.deepEqual([again.duplicate, again.photo.id], [true, old.id]);
      }
    });

    test('who runs the gallery takes nothing out of another’s trash by sending the same bytes', async () => {
      const photo = await add(mina);
      await photos.trashPhoto(mina, photo.id);
      const sent = await photos.recordPhoto(head, newPhoto({ sha256: photo.sha256 }));
      assert.equal(sent.duplicate, false);
      assert.ok((await photos.findPhoto(mina, photo.id))?.trashedAt);
    });

    test('what was to be theirs only is that, also when its row did not come to be', async () => {
      const adopt = async (sha256: Sha256) =>
        (await photos.recordPhoto(machine, newPhoto({ sha256, title: '', isAdopted: true }))).photo;
      const { sha256 } = newPhoto();
      await photos.expectPrivate(mina, sha256);
      const cutOff = await adopt(sha256);
      assert.deepEqual([cutOff.owner, cutOff.isPrivate, cutOff.isWaiting], [mina.id, true, undefined]);
      assert.equal((await photos.findByDigest(mina, sha256))?.id, cutOff.id);
      for (const viewer of [head, juno, visitor])
        assert.equal(await photos.findPhoto(viewer, cutOff.id), undefined);

      const recorded = newPhoto();
      await photos.expectPrivate(mina, recorded.sha256);
      const sent = await photos.recordPhoto(juno, recorded);
      assert.deepEqual([sent.photo.owner, sent.photo.isPrivate], [juno.id, undefined]);
      await removeWhole(photos, juno, sent.photo.id);
      assert.equal((await adopt(recorded.sha256)).owner, undefined, 'that was over');
    });

    test('what is sent again comes back from the sender’s trash', async () => {
      const photo = await add(mina);
      await photos.trashPhoto(mina, photo.id);
      const other = await photos.recordPhoto(juno, newPhoto({ sha256: photo.sha256 }));
      assert.equal(other.duplicate, false, 'another’s trash is not theirs');
      await removeWhole(photos, juno, other.photo.id);
      const again = await photos.recordPhoto(mina, newPhoto({ sha256: photo.sha256 }));
      assert.deepEqual([again.duplicate, again.photo.id, again.photo.trashedAt], [true, photo.id, undefined]);
      assert.ok(again.before?.trashedAt);
      const { before } = await photos.recordPhoto(mina, newPhoto({ sha256: photo.sha256, isPrivate: true }));
      assert.deepEqual([before?.trashedAt, before?.isPrivate], [undefined, undefined]);
      const { before: hidden } = await photos.recordPhoto(mina, newPhoto({ sha256: photo.sha256 }));
      assert.equal(hidden?.isPrivate, true);
    });

    test('what is sent for oneself only is that afterwards, whatever it was before', async () => {
      const sendHidden = async (sha256: Sha256) =>
        (await photos.recordPhoto(mina, newPhoto({ sha256, isPrivate: true }))).photo;
      const trashed = await add(mina);
      await photos.trashPhoto(mina, trashed.id);
      const shown = await add(mina);
      const link = { kind: 'upload', needsApproval: true, most: 9 } as const;
      const given = { subject: link, title: '', tokenHash: hashToken(newToken()) };
      const waiting = await add({ kind: 'guest', link: (await opened.links.createLink(mina, given)).id });
      for (const { id, sha256 } of [trashed, shown, waiting]) {
        const again = await sendHidden(sha256);
        assert.deepEqual([again.id, again.isPrivate], [id, true]);
        assert.deepEqual([again.trashedAt, again.isWaiting], [undefined, undefined]);
        assert.equal(await sees(mina, again), true);
        for (const viewer of [head, juno, visitor]) assert.equal(await sees(viewer, again), false);
        await photos.recordPhoto(mina, newPhoto({ sha256 }));
        assert.equal((await photos.findPhoto(mina, id))?.isPrivate, true, 'nobody said that it is for all');
      }
    });

    test('what is sent for oneself only is one’s own, beside what is nobody’s', async () => {
      const nobodys = await add(machine);
      const { photo: mine } = await photos.recordPhoto(
        mina,
        newPhoto({ sha256: nobodys.sha256, isPrivate: true }),
      );
      assert.deepEqual([mine.id === nobodys.id, mine.owner, mine.isPrivate], [false, mina.id, true]);
      assert.equal(await sees(juno, nobodys), true);
      await photos.trashPhoto(mina, mine.id);
      assert.equal(await photos.findByDigest(mina, mine.sha256), undefined, 'these bytes are wanted');
      const again = await photos.recordPhoto(mina, newPhoto({ sha256: mine.sha256 }));
      assert.deepEqual([again.photo.id, again.photo.trashedAt], [mine.id, undefined], 'their own first');
    });

    test('failed photos are counted and tried again as far as they are seen', async () => {
      for (const isPrivate of [false, true]) {
        await photos.recordPhoto(mina, newPhoto({ isPrivate }));
        const job = await opened.jobs.claim(60_000);
        assert.ok(job);
        await photos.saveFailure(job, { code: 'damaged' });
      }
      assert.equal(await photos.countFailed(head), 1);
      assert.equal(await photos.countFailed(mina), 2);
      assert.deepEqual(
        (await photos.retryFailed(mina, 10)).map(({ onlyFor }) => onlyFor),
        [mina.id, undefined],
      );
    });

    const guestFor = async (maker: Viewer, ...list: readonly Photo[]): Promise<Guest> => {
      const subject = { kind: 'photos', photos: list.map(({ id }) => id) } as const;
      const link = { subject, title: '', tokenHash: hashToken(newToken()) };
      return { kind: 'guest', link: (await opened.links.createLink(maker, link)).id };
    };

    test('a guest is given what their link shows, by its id, and comes upon it in no other way', async () => {
      const [shown, private_, other] = [
        await add(mina),
        await add(mina, { isPrivate: true }),
        await add(mina),
      ];
      const guest = await guestFor(mina, shown, private_);
      for (const photo of [shown, private_]) {
        assert.equal((await photos.findPhoto(guest, photo.id))?.id, photo.id);
        assert.equal(await photos.findByDigest(guest, photo.sha256), undefined);
        assert.equal(await photos.findPlace(guest, photo.id), undefined, 'least of all where it was taken');
        assert.deepEqual(await photos.findNeighbours(guest, photo.id), {});
        assert.deepEqual(await photos.findNeighbours(guest, photo.id, { label: 'dog', threshold }), {});
      }
      assert.equal(await photos.findPhoto(guest, other.id), undefined);
      for (const more of [
        {},
        { label: 'dog', threshold },
        { failed: true },
        { trash: true },
        { waiting: true },
      ]) {
        assert.deepEqual(await photos.listPhotos(guest, { limit: 9, ...more }), { photos: [] });
        assert.deepEqual(await photos.listWholePhotos(guest, { limit: 9, ...more }), { photos: [] });
      }
      assert.deepEqual(await photos.listLabels(guest, threshold), []);
      assert.equal((await photos.listCovers(guest, threshold)).size, 0);
      assert.deepEqual(
        [await photos.countFailed(guest), await photos.countWaiting(guest), await photos.listModels(guest)],
        [0, 0, []],
      );
      assert.deepEqual(await photos.retryFailed(guest, 9), []);
      assert.deepEqual(await opened.reruns.listReruns(guest), []);
      assert.deepEqual((await opened.links.listLinks(guest, { limit: 9 })).links, []);
    });

    test('a guest changes nothing, neither what they are given nor anything else', async () => {
      const [shown, other] = [await add(mina), await add(mina)];
      const guest = await guestFor(mina, shown);
      const changes: readonly ((id: PhotoId) => Promise<unknown>)[] = [
        (id) => photos.retitle(guest, id, 'new'),
        (id) => photos.correct(guest, id, { kind: 'add', label: 'cup' }),
        (id) => photos.undo(guest, id, 1 as ChangeId),
        (id) => photos.retryPhoto(guest, id),
        (id) => photos.setPrivate(guest, id, true),
        (id) => photos.approvePhoto(guest, id),
        (id) => photos.trashPhoto(guest, id),
        (id) => photos.restorePhoto(guest, id),
        (id) => photos.removePhoto(guest, id),
      ];
      for (const change of changes) {
        await assert.rejects(change(shown.id), refusal('not-allowed'));
        await assert.rejects(change(other.id), refusal('not-found'));
      }
      const scope = { kind: 'photo', photo: shown.id } as const;
      const rerun = { threshold, approved: false, automatic: false, model: 'e'.repeat(64), scope };
      await assert.rejects(opened.reruns.startRerun(guest, rerun));
    });

    const given = async (photo: Photo, guests: readonly Guest[]): Promise<boolean[]> => {
      const shown: boolean[] = [];
      for (const guest of guests) {
        const found = (await photos.findPhoto(guest, photo.id)) !== undefined;
        const listed = (await opened.links.listGiven(guest, { limit: 9 })).photos.some(
          ({ id }) => id === photo.id,
        );
        assert.equal(found, listed, 'both ways agree');
        shown.push(found);
      }
      return shown;
    };

    test('what is hidden leaves every link that showed it, and the rest of the link stays', async () => {
      const [photo, other] = [await add(mina), await add(mina)];
      const before = [await guestFor(mina, photo, other), await guestFor(head, photo, other)];
      await photos.setPrivate(mina, photo.id, true);
      assert.deepEqual(await given(photo, before), [false, false]);
      assert.deepEqual(await given(other, before), [true, true]);
      const { links: listed } = await opened.links.listLinks(head, { limit: 9 });
      assert.deepEqual(
        listed.map((link) => link.photos),
        [1, 1],
      );
      const chosen = await guestFor(mina, photo);
      assert.deepEqual(await given(photo, [chosen]), [true], 'a choice made knowingly');
      await photos.setPrivate(mina, photo.id, false);
      assert.deepEqual(await given(photo, [...before, chosen]), [false, false, true]);
      await photos.setPrivate(mina, photo.id, true);
      assert.deepEqual(await given(photo, [chosen]), [false]);
    });

    test('what is hidden by being sent for oneself only leaves the links that showed it', async () => {
      const photo = await add(mina);
      const before = await guestFor(mina, photo);
      const sendHidden = () => photos.recordPhoto(mina, newPhoto({ sha256: photo.sha256, isPrivate: true }));
      await sendHidden();
      assert.deepEqual(await given(photo, [before]), [false]);
      const chosen = await guestFor(mina, photo);
      await sendHidden();
      assert.deepEqual(await given(photo, [chosen]), [true], 'it was private already: nothing was changed');
    });

    test('what a guest sent keeps its sender when it is hidden', async () => {
      const subject = { kind: 'upload', needsApproval: true, most: 9 } as const;
      const link = { subject, title: 'Lake', tokenHash: hashToken(newToken()) };
      const { id } = await opened.links.createLink(mina, link);
      const photo = await add({ kind: 'guest', link: id, name: 'Aunt Ida' });
      await photos.approvePhoto(mina, photo.id);
      await photos.setPrivate(mina, photo.id, true);
      const senders = await opened.links.listSenders(mina, [photo.id]);
      assert.deepEqual(senders.get(photo.id), { name: 'Aunt Ida', link: 'Lake' });
    });

    test('what is thrown away leaves all links, and comes back with the photo', async () => {
      const photo = await add(mina);
      const [byMina, byHead] = [await guestFor(mina, photo), await guestFor(head, photo)];
      assert.deepEqual(await given(photo, [byMina, byHead]), [true, true]);
      await photos.trashPhoto(mina, photo.id);
      assert.deepEqual(await given(photo, [byMina, byHead]), [false, false]);
      await photos.restorePhoto(mina, photo.id);
      await opened.links.revokeLink(mina, byMina.link);
      assert.deepEqual(await given(photo, [byMina, byHead]), [false, true]);
    });

    test('what somebody keeps for themselves is counted by whose it is, trash apart', async () => {
      assert.equal((await photos.countPrivate(head)).size, 0);
      await add(mina);
      for (let at = 0; at < 3; at += 1) await add(mina, { isPrivate: true });
      const [gone] = await idsFor(mina);
      await photos.trashPhoto(mina, gone ?? unknown);
      await add(juno, { isPrivate: true });
      assert.deepEqual(
        [...(await photos.countPrivate(head))].sort(),
        [[mina.id, { hidden: 2, trashed: 1 }] as const, [juno.id, { hidden: 1, trashed: 0 }] as const].sort(),
      );
    });

    test('what somebody sends is charged to them, trash and all, and to nobody else; an owner is charged nothing', async () => {
      const kept = await add(mina, { bytes: 1000 });
      const gone = await add(mina, { bytes: 500, isPrivate: true });
      await photos.trashPhoto(mina, gone.id);
      await add(juno, { bytes: 70 });
      assert.deepEqual(await photos.countCharged(mina), { owner: mina.id, bytes: 1500 });
      for (const { sha256 } of [kept, gone]) assert.equal(await photos.countCharged(mina, sha256), undefined);
      assert.equal((await photos.countCharged(juno, kept.sha256))?.bytes, 70);
      for (const viewer of [head, machine]) assert.equal(await photos.countCharged(viewer), undefined);
      const link = await opened.links.createLink(mina, {
        subject: { kind: 'upload', needsApproval: true, most: 3 },
        title: '',
        tokenHash: hashToken(newToken()),
      });
      const guest = { kind: 'guest', link: link.id } as const;
      await photos.recordPhoto(guest, newPhoto({ bytes: 3 }));
      assert.deepEqual(await photos.countCharged(guest), { owner: mina.id, bytes: 1503 });
    });

    test('how much somebody keeps for themselves is told to nobody but who runs the gallery', async () => {
      await add(mina, { isPrivate: true });
      for (const viewer of [mina, juno]) assert.equal((await photos.countPrivate(viewer)).size, 0);
    });

    test('what is handed over is another’s alone, trash and all, a few at a time', async () => {
      const shared = await add(mina);
      const [first, second, old] = [
        await add(mina, { isPrivate: true }),
        await add(mina, { isPrivate: true }),
        await add(mina, { isPrivate: true }),
      ];
      await photos.trashPhoto(mina, old.id);
      assert.deepEqual(await photos.handOver(head, mina.id, 'mine', 1), [first.id]);
      assert.deepEqual(await photos.handOver(head, mina.id, 'mine', 10), [second.id, old.id]);
      assert.deepEqual(await photos.handOver(head, mina.id, 'mine', 10), []);
      assert.deepEqual(
        [await sees(head, second), await sees(mina, second), await sees(juno, second)],
        [true, false, false],
      );
      assert.deepEqual(await trashOf(head), [old.id]);
      assert.deepEqual(await trashOf(mina), []);
      assert.deepEqual(await photos.listLabels(head, threshold), [{ label: 'dog', photos: 3 }]);
      assert.equal((await photos.findPhoto(head, shared.id))?.owner, mina.id, 'what is shared stays');
      assert.equal((await photos.restorePhoto(head, old.id)).isPrivate, true);
      assert.equal((await photos.setPrivate(head, first.id, false)).owner, head.id);
    });

    test('what goes to the trash is seen by nobody, and may still be handed over', async () => {
      const photo = await add(mina, { isPrivate: true });
      assert.deepEqual(await photos.handOver(head, mina.id, 'trash', 10), [photo.id]);
      assert.deepEqual(await photos.handOver(head, mina.id, 'trash', 10), []);
      for (const viewer of [head, juno, guest, visitor]) {
        assert.equal(await sees(viewer, photo), false);
        assert.deepEqual(await trashOf(viewer), []);
      }
      const since = new Date(time + 1);
      assert.deepEqual(await photos.listTrashed(since, 10), [photo.id], 'and its time is running');
      assert.deepEqual(await photos.handOver(head, mina.id, 'mine', 10), [photo.id]);
      assert.deepEqual(await trashOf(head), [photo.id]);
    });

    test('of bytes that somebody has already nobody has two, and none of them is lost', async () => {
      const own = await add(head, { isPrivate: true });
      const twin = await add(mina, { isPrivate: true, sha256: own.sha256, title: 'the same' });
      assert.notEqual(twin.id, own.id);
      assert.deepEqual(await photos.handOver(head, mina.id, 'mine', 10), [twin.id]);
      assert.deepEqual(await photos.handOver(head, mina.id, 'mine', 10), []);
      assert.deepEqual([await idsFor(head), await trashOf(head)], [[own.id], []]);
      assert.deepEqual(await trashOf(mina), [twin.id]);
      assert.equal(await photos.hasOriginal(own.sha256), true);
    });

    test('is handed over by who runs the gallery, to somebody, and to another', async () => {
      await add(mina, { isPrivate: true });
      for (const viewer of [juno, mina, guest, visitor, stranger])
        await assert.rejects(photos.handOver(viewer, mina.id, 'trash', 10), refusal('not-allowed'));
      await assert.rejects(photos.handOver(machine, mina.id, 'mine', 10), refusal('bad-request'));
      await assert.rejects(photos.handOver(head, head.id, 'mine', 10), refusal('bad-request'));
      assert.equal((await photos.handOver(machine, mina.id, 'trash', 10)).length, 1);
    });

    test('a re-run is for who runs the gallery, one of a photo for whose that is, and shows what its reader sees', async () => {
      const { reruns } = opened;
      const hidden = await add(mina, { isPrivate: true });
      const shared = await add(juno);
      const rerun = { threshold, approved: false, automatic: false, model: 'e'.repeat(64) };
      const scope = { kind: 'photo', photo: hidden.id } as const;
      await assert.rejects(reruns.startRerun(head, { ...rerun, scope }), refusal('not-found'));
      await assert.rejects(
        reruns.startRerun(mina, { ...rerun, scope: { kind: 'older' } }),
        refusal('not-allowed'),
      );
      const own = await reruns.startRerun(mina, { ...rerun, scope });
      const wide = await reruns.startRerun(head, { ...rerun, scope: { kind: 'older' } });
      const label = await reruns.startRerun(head, {
        ...rerun,
        scope: { kind: 'label', label: 'dog', threshold },
      });
      assert.equal(label.total, 1, 'what is hidden is not counted');
      assert.deepEqual(
        await Promise.all([own, wide].map(({ id }) => reruns.findRerun(mina, id).then((one) => one?.id))),
        [own.id, undefined],
      );
      assert.equal(await reruns.findRerun(head, own.id), undefined);
      await assert.rejects(reruns.approveRerun(juno, own.id), refusal('not-found'));
      await assert.rejects(reruns.setRerunState(visitor, wide.id, 'cancelled'), refusal('not-found'));
      for (
        let job = await opened.jobs.claim(60_000, 'all');
        job;
        job = await opened.jobs.claim(60_000, 'all')
      )
        await reruns.saveLook(job, {
          engine: { engine: 'yolox', model: rerun.model, tookMs: 1 },
          detections: [],
        });
      const shown = async (viewer: Viewer) =>
        (await reruns.listRerunPhotos(viewer, wide.id, { differing: false, limit: 10 })).photos.map(
          ({ photo }) => photo.id,
        );
      assert.deepEqual(await shown(head), [shared.id]);
      assert.deepEqual(await shown(machine), [shared.id, hidden.id]);
    });
  });
}
