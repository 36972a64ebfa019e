// Uploads that come in pieces, over hours if need be: a folder on the originals' file system, a file and a note for each.
// What is whole is handed on; nothing in here is durable, and nothing is kept for longer than a day.

import { constants } from 'node:fs';
import { mkdir, open, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { FileStore } from '@tus/file-store';
import { Upload } from '@tus/utils';
import { GalleryError } from '../gallery/errors.ts';
import type { Became, ReceivedFile, UnfinishedUploads } from '../gallery/ports.ts';
import type { Place } from '../security/shares.ts';
import { type Copied, copy, openDigest } from './copy.ts';
import { allOver, codeOf, nameTwice, removeIfAny, translate } from './durable.ts';
import { type Note, openUploadNotes, type UploadNotes } from './upload-notes.ts';
import { openUploadPlaces, type UnfinishedLimits, type UploadPlaces } from './upload-places.ts';

/**
 * So long an upload may be taken up again, from the moment it began, as `Upload-Expires` promises, also one of which no byte has come; so
 * long, too, it is remembered what became of it. Who does not hear of what they began, and begins again, is held by `partOfOne`.
 */
export const keptMs = 24 * 60 * 60 * 1000;

/** Of those that became photos. A phone asks within seconds; whoever sends one picture ten thousand times must not fill the folder. */
const mostRemembered = 10_000;

const idPattern = /^[0-9a-f]{32}$/;
/** Behind the name of an upload: its note, and what was handed on of it. */
const endings = /\.(json|link)$/;

/** Each once, whatever there is of it. */
const idsIn = (names: readonly string[]) =>
  new Set(names.map((name) => name.replace(endings, '')).filter((id) => idPattern.test(id)));

/** The library's store of files, so that a disk that is full says so, digests are made on the way, and finished ones are remembered. */
export class Unfinished extends FileStore implements UnfinishedUploads {
  /** Of those that came whole in one request: they need not be read again. */
  private readonly digests = new Map<string, Copied>();
  /** `getUpload`, with which every request begins, reads them anew; what follows takes them as they are held. */
  private readonly notes: UploadNotes;
  private readonly open = new Map<string, Place>();
  private readonly places: UploadPlaces;
  /** Oldest first. */
  private readonly concluded = new Set<string>();

  /** @param folder absolute, there already, on the originals' file system. */
  constructor(folder: string, limits: UnfinishedLimits = {}) {
    super({ directory: folder, expirationPeriodInMilliseconds: keptMs });
    this.notes = openUploadNotes(folder);
    this.places = openUploadPlaces(limits);
    this.extensions = ['creation', 'creation-with-upload', 'termination', 'expiration'];
  }

  /** Counts what an earlier run left. */
  async load(): Promise<void> {
    const names = new Set(await readdir(this.directory));
    for (const id of idsIn([...names])) {
      // A note beside its file, or without one.
      const note = names.has(id) ? await this.notes.read(id) : undefined;
      if (!names.has(id) || note?.became !== undefined) this.concluded.add(id);
      else this.open.set(id, this.places.takeAnyway(id, note?.size ?? (await this.bytesIfAny(id)) ?? 0));
    }
  }

  announce(id: string, bytes: number): void {
    this.open.set(this.checked(id), this.places.take(id, bytes));
  }

  announcedBefore(id: string): number {
    return this.places.bytesOf(id);
  }

  /** Rejects `too-many-uploads`, `disk-full`. */
  override async create(upload: Upload): Promise<Upload> {
    if (!this.open.has(upload.id)) this.announce(upload.id, upload.size ?? 0);
    // The library's own makes the folder, the file and the note one after another: seven calls for whom a phone waits.
    const make = () =>
      allOver([writeFile(this.pathOf(upload.id), ''), this.configstore.set(upload.id, upload)]);
    try {
      await make().catch(async (error: unknown) => {
        if (codeOf(error) !== 'ENOENT') throw error;
        // Somebody removed the folder. Not what it lies in: where a disk is away, nothing must be kept in its place.
        await mkdir(this.directory).catch((fault: unknown) => {
          // Another upload that began at the same moment made it.
          if (codeOf(fault) !== 'EEXIST') throw fault;
        });
        await make();
      });
      return upload;
    } catch (error) {
      await this.forget(upload.id);
      throw translate(error);
    }
  }

  /** Appends; what came before a cut is kept. Resolves with the bytes that are there now. */
  override async write(stream: Readable, id: string, offset: number): Promise<number> {
    const upload = await this.noteOf(id);
    // What is whole may be a photo's file already, and gets nothing more.
    if (offset === upload.size) return offset;
    try {
      // Never made here: one that became a photo has moved on, and an empty piece of it comes late.
      const file = await open(this.pathOf(id), constants.O_WRONLY | constants.O_APPEND);
      try {
        const copied = await copy(stream, file, Number.POSITIVE_INFINITY);
        if (offset === 0) this.digests.set(id, copied);
        else this.digests.delete(id);
        return offset + copied.bytes;
      } finally {
        await file.close();
      }
    } catch (error) {
      this.digests.delete(id);
      throw codeOf(error) === 'ENOENT' ? noSuchUpload() : translate(error);
    }
  }

  /** Rejects `no-upload`. One that became a photo is as long as it should be, although its file has moved on. */
  override async getUpload(id: string): Promise<Upload> {
    const [note, bytes] = await Promise.all([this.notes.read(this.checked(id)), this.bytesIfAny(id)]);
    if (note === undefined) throw noSuchUpload();
    // It may have become a photo in the meantime.
    if (this.open.has(id)) this.notes.hold(id, note);
    const { size, metadata, creation_date, became } = note;
    const offset = became === undefined ? bytes : size;
    if (offset === undefined) throw noSuchUpload();
    return new Upload({
      id,
      offset,
      ...(size === undefined ? {} : { size }),
      ...(metadata === undefined ? {} : { metadata }),
      ...(creation_date === undefined ? {} : { creation_date }),
    });
  }

  /** Rejects `no-upload`. */
  override async remove(id: string): Promise<void> {
    await this.noteOf(id);
    await this.forget(id);
  }

  /** Those that are too old, and whatever has lost its other half; returns how many files. */
  override async deleteExpired(): Promise<number> {
    const names = await readdir(this.directory);
    let count = 0;
    for (const id of idsIn(names)) {
      if (await this.isExpired(id)) {
        await this.forget(id);
        count += names.filter((name) => name.startsWith(id)).length;
      } else if (names.includes(id) && (await this.notes.read(id))?.became !== undefined) {
        // It became a photo, and its bytes could not be removed then.
        this.close(id);
        this.concluded.add(id);
        await this.removeBytes(id);
        count += 1;
      }
    }
    return count;
  }

  /** What is known of it; undefined when it is not, or not any more. */
  async find(
    id: string,
  ): Promise<{ bytes: number; size: number; metadata: Metadata; became?: Became } | undefined> {
    const note = idPattern.test(id) ? await this.notes.known(id) : undefined;
    if (note === undefined) return undefined;
    const { size = Number.NaN, metadata = {}, became } = note;
    if (became !== undefined) return { bytes: size, size, metadata, became };
    const bytes = await this.bytesIfAny(id);
    return bytes === undefined ? undefined : { bytes, size, metadata };
  }

  /** A whole one, as the inbox would give it: under a second name, which may be moved or discarded. */
  async received(id: string): Promise<ReceivedFile> {
    const path = await this.secondName(id);
    const known = this.digests.get(id);
    if (known !== undefined) return { path, ...known };
    try {
      const file = await open(path, 'r');
      const digest = openDigest();
      for await (const chunk of file.createReadStream({ highWaterMark: 256 * 1024 }))
        digest.add(chunk as Buffer);
      return { path, ...digest.end() };
    } catch (error) {
      throw codeOf(error) === 'ENOENT' ? noSuchUpload() : translate(error);
    }
  }

  /** Remembers the photo, for a phone that did not hear the answer and asks again. */
  async conclude(id: string, became: Became): Promise<void> {
    const remember = async () => {
      const known = await this.noteOf(id);
      await this.configstore.set(id, { ...known, became } as Note as Upload);
    };
    // Takes the note as it is held, so before `close` lets it go; and the bytes go whatever becomes of the note. At once: whoever asks
    // between the two sends the photo again, and hears that it is here.
    const remembered = remember();
    this.close(id);
    await allOver([remembered, this.removeBytes(id)]);
    this.concluded.add(id);
    const [oldest] = this.concluded;
    if (this.concluded.size > mostRemembered && oldest !== undefined) await this.forget(oldest);
  }

  async forget(id: string): Promise<void> {
    this.close(id);
    this.concluded.delete(id);
    await this.removeBytes(id);
    await removeIfAny(this.notes.pathOf(this.checked(id)));
  }

  private close(id: string): void {
    this.open.get(id)?.();
    this.open.delete(id);
    this.notes.release(id);
    this.digests.delete(id);
  }

  private async removeBytes(id: string): Promise<void> {
    await Promise.all([this.pathOf(id), this.linkOf(id)].map(removeIfAny));
  }

  /** Where a file can't have two names, its only one: then a try that fails has the bytes sent again. */
  private async secondName(id: string): Promise<string> {
    try {
      return await nameTwice(this.pathOf(id), this.linkOf(id));
    } catch (error) {
      throw codeOf(error) === 'ENOENT' ? noSuchUpload() : translate(error);
    }
  }

  private linkOf(id: string): string {
    return `${this.pathOf(id)}.link`;
  }

  private pathOf(id: string): string {
    return join(this.directory, this.checked(id));
  }

  private checked(id: string): string {
    if (!idPattern.test(id)) throw noSuchUpload();
    return id;
  }

  private async noteOf(id: string): Promise<Note> {
    const note = await this.notes.known(this.checked(id));
    if (note === undefined) throw noSuchUpload();
    return note;
  }

  private async bytesIfAny(id: string): Promise<number | undefined> {
    try {
      return (await stat(this.pathOf(id))).size;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error instanceof GalleryError ? error : translate(error);
    }
  }

  private async isExpired(id: string): Promise<boolean> {
    const note = await this.notes.read(id);
    const began =
      note?.creation_date === undefined ? await this.touchedAt(id) : Date.parse(note.creation_date);
    return began !== undefined && Date.now() - began > keptMs;
  }

  /** Of a half whose other half, and so its date, is not there, or just being written. Undefined when nothing is there any more. */
  private async touchedAt(id: string): Promise<number | undefined> {
    for (const path of [this.pathOf(id), this.linkOf(id), this.notes.pathOf(id)]) {
      const found = await stat(path).catch(() => undefined);
      if (found !== undefined) return found.mtimeMs;
    }
    return undefined;
  }
}

type Metadata = Readonly<Record<string, string | null>>;

/** @param folder absolute, there already. */
export async function openUnfinished(folder: string, limits: UnfinishedLimits = {}): Promise<Unfinished> {
  const unfinished = new Unfinished(folder, limits);
  await unfinished.load();
  return unfinished;
}

const noSuchUpload = () =>
  new GalleryError(
    'no-upload',
    'There is no such upload; it may have expired. Send the file from its beginning.',
  );
