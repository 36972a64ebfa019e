// A backup in one file: what a folder of backups with one snapshot holds, by the same names, as a tar archive. Its manifest comes last, so that
// half of one has none. Nothing in it becomes a path: members are looked up by the names that its manifest may say.
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { markerFile } from './backup-folder.ts';
import type { BackupSource, NamedSnapshot } from './backup-source.ts';
import { databaseFile, manifestFile, parseManifest, snapshotName } from './manifest.ts';
import { indexTar, type Member, refused } from './tar.ts';

/** By name. */
type Members = ReadonlyMap<string, Member>;

/**
 * Reads headers and manifest; of everything else only how long it is.
 * Rejects GalleryError `bad-request` for what is no archive of Sajin, `unavailable` for one that is cut off, damaged or not to be believed
 */
export async function openBackupArchive(path: string): Promise<BackupSource> {
  const members = await indexTar(path, (name) => ours.test(name));
  const snapshot = await readSnapshot(path, members);
  expectAgreement(path, members, snapshot);
  return {
    gallery: snapshot.gallery,
    media: {
      stat: async (key) => members.get(key) && { bytes: members.get(key)?.bytes ?? 0 },
      async read(key, range) {
        const member = members.get(key);
        return member && { stream: readMember(path, member, range), bytes: member.bytes };
      },
    },
    snapshots: {
      list: async () => [snapshot],
      read: (name) => readMember(path, getMember(path, members, inSnapshot(name, databaseFile))),
    },
  };
}

export const inSnapshot = (name: string, file: typeof databaseFile | typeof manifestFile) =>
  `snapshots/${name}/${file}`;

const ours = new RegExp(
  `^(${markerFile}|snapshots/[-0-9TZ.]+/(${databaseFile}|${manifestFile})|originals/[0-9a-f]{2}/[0-9a-f]{64}[.][a-z]+([.](json|damaged))?)$`,
);

function getMember(path: string, members: Members, name: string): Member {
  const member = members.get(name);
  if (member === undefined) throw refused(path, `holds no ${name}`);
  return member;
}

/** Of the file that is the archive. */
export function readMember(
  path: string,
  { start, bytes }: Member,
  range = { start: 0, end: bytes - 1 },
): Readable {
  const end = Math.min(range.end, bytes - 1);
  if (end < range.start) return Readable.from([]);
  return createReadStream(path, { start: start + range.start, end: start + end, highWaterMark: 256 * 1024 });
}

/** Of a million photos it has 260 MB, and a text can't have twice that. */
const maxManifestBytes = 500_000_000;

async function readSnapshot(path: string, members: Members): Promise<NamedSnapshot> {
  const [at = '', another] = [...members.keys()].filter((name) => name.endsWith(`/${manifestFile}`));
  if (another !== undefined) throw refused(path, 'holds two manifests');
  const member = getMember(path, members, at === '' ? 'manifest' : at);
  const manifest =
    member.bytes > maxManifestBytes ? undefined : parseManifest(await text(readMember(path, member)));
  if (manifest === undefined || Number.isNaN(manifest.takenAt.getTime()))
    throw refused(path, 'has a manifest that can’t be read');
  const name = snapshotName(manifest.takenAt);
  if (at !== inSnapshot(name, manifestFile)) throw refused(path, 'has a manifest of another moment');
  return { ...manifest, name };
}

/** Of every member the manifest must know how long it is. What of its originals is missing is said, and missed, by whoever reads them. */
function expectAgreement(
  path: string,
  members: Members,
  { name, database, originals, others = [] }: NamedSnapshot,
): void {
  const [at, manifest] = [inSnapshot(name, databaseFile), inSnapshot(name, manifestFile)];
  const lengths = new Map([...originals, ...others].map((file) => [file.name, file.bytes]));
  lengths.set(at, database.bytes);
  getMember(path, members, at);
  for (const [member, { bytes }] of members) {
    if (member === markerFile || member === manifest) continue;
    const wanted = lengths.get(member);
    if (wanted === undefined) throw refused(path, `holds ${member}, which its manifest does not name`);
    if (wanted !== bytes)
      throw refused(path, `holds ${bytes} bytes as ${member}, of which its manifest says ${wanted}`);
  }
}
