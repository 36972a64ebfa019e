// What the routes speak of, made on demand for the matrix of who may do what: all of it mina's, shared or private, and fresh wherever
// something was allowed to change it.
import { randomBytes } from 'node:crypto';
import { defaultThreshold } from '../../src/gallery/detection.ts';
import type { PhotoId } from '../../src/gallery/photo.ts';
import { machine, type Viewer } from '../../src/gallery/viewer.ts';
import { hashToken, newToken } from '../../src/security/tokens.ts';
import { development, newPhoto } from '../contracts/photo-database.ts';
import type { Subject } from './access-lines.ts';
import { onlyPicture, type openThreeGalleries } from './three-galleries.ts';

export type Variant = 'shared' | 'private';

/** What stands in an address for `:id`, `:token`, `:sha256` and `:name`. */
export type Address = Readonly<Record<string, string>>;

const rendition = `320-${'a'.repeat(12)}.webp`;

/** Of each kind what never was, and looks as if it might have been. */
export const missing: Readonly<Record<Subject, Address>> = (() => {
  const id = '01990000-0000-7000-8000-000000000000';
  const photo = { id, sha256: '0'.repeat(64), name: rendition };
  const token = { token: 'A'.repeat(43), id, name: rendition };
  return {
    ...{ photo, trashed: photo, waiting: photo, rerun: { id: '999999' }, upload: { id: 'f'.repeat(32) } },
    ...{ link: { id }, session: { id: '999999' }, user: { id }, invitation: { id: '999999' } },
    ...{ model: { name: 'nothing' }, shown: token, taken: token },
  };
})();

export function createSubjects(
  site: Awaited<ReturnType<typeof openThreeGalleries>>,
  mina: Viewer & { readonly kind: 'user' },
  /** Begins an upload as mina does, and says what stands behind `/uploads/`. */
  beginUpload: () => Promise<string>,
) {
  const { photos, jobs, links, reruns, accounts } = site;
  const file = () => newPhoto({ bytes: onlyPicture.length, type: 'image/png' });

  /** Whoever claims the next job gets this one, so that nobody else is handed it. */
  async function develop(id: string) {
    const job = await jobs.claim(60_000);
    if (job?.photoId !== id) throw new Error('another photo is waiting');
    const seen = development(['dog']);
    const renditions = seen.renditions.map((one) => ({ ...one, bytes: onlyPicture.length }));
    await photos.saveDevelopment(job, { ...seen, renditions });
  }
  async function photo(variant: Variant) {
    const { photo: added } = await photos.recordPhoto(mina, { ...file(), isPrivate: variant === 'private' });
    await develop(added.id);
    return { id: added.id, sha256: added.sha256, name: rendition };
  }
  async function trashed(variant: Variant) {
    const made = await photo(variant);
    await photos.trashPhoto(mina, made.id);
    return made;
  }
  async function link(subject: Parameters<typeof links.createLink>[1]['subject']) {
    const token = newToken();
    const { id } = await links.createLink(mina, { subject, title: '', tokenHash: hashToken(token) });
    return { id, token };
  }
  const uploadLink = () => link({ kind: 'upload', needsApproval: true, most: 5 });
  async function waiting() {
    const guest = { kind: 'guest', link: (await uploadLink()).id } as const;
    const { photo: sent } = await photos.recordPhoto(guest, file());
    await develop(sent.id);
    return { id: sent.id };
  }
  async function rerun(variant: Variant) {
    const scope = { kind: 'photo', photo: (await photo(variant)).id as PhotoId } as const;
    const wish = { scope, threshold: defaultThreshold, model: 'e'.repeat(64), approved: false };
    const { id } = await reruns.startRerun(machine, { ...wish, automatic: false });
    return { id: String(id) };
  }
  async function session() {
    const tokenHash = hashToken(newToken());
    const { id } = await accounts.createSession({ user: mina.id, tokenHash, agent: 'another' });
    return { id: String(id) };
  }
  async function user() {
    const { id } = await accounts.createUser({ name: randomBytes(6).toString('hex'), role: 'member' });
    return { id };
  }
  async function invitation() {
    const expiresAt = new Date(Date.now() + 60_000);
    const grant = {
      purpose: 'invite',
      tokenHash: hashToken(newToken()),
      expiresAt,
      payload: 'viewer',
    } as const;
    return { id: String((await accounts.createGrant(grant)).id) };
  }
  async function shown() {
    const made = await photo('shared');
    return { ...made, token: (await link({ kind: 'photos', photos: [made.id] })).token };
  }

  const makers: Readonly<Record<Subject, (variant: Variant) => Promise<Address>>> = {
    ...{ photo, trashed, waiting, rerun, session, user, invitation, shown },
    upload: async () => ({ id: await beginUpload() }),
    link: async () => ({ id: (await uploadLink()).id }),
    model: async () => missing.model,
    taken: uploadLink,
  };
  const kept = new Map<string, Address>();
  return {
    async get(subject: Subject, variant: Variant): Promise<Address> {
      const key = `${subject} ${variant}`;
      const known = kept.get(key) ?? (await makers[subject](variant));
      kept.set(key, known);
      return known;
    },
    /** Somebody was allowed to do something to it. */
    used: (subject: Subject, variant: Variant) => kept.delete(`${subject} ${variant}`),
  };
}
