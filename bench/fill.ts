// Fills a gallery's database with photos that were never taken, for trials about size. Only rows: files are for whoever calls.
// The schema is the program's own; the folder must not be in use.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openDatabase } from '../src/database/open.ts';
import { calibrationVersion } from '../src/gallery/calibration.ts';
import { stepOf } from '../src/gallery/detection.ts';
import type { PhotoLabel } from '../src/gallery/photo.ts';
import { markOriginals } from '../src/storage/marker.ts';
import { randomFrom } from '../test/support/pictures.ts';

const labels = ['person', 'dog', 'car', 'cat', 'chair', 'bottle', 'kite', 'clock', 'stop sign', 'bird'];
const placeholder = Buffer.alloc(96, 'RIFF').toString('base64');
const engine = JSON.stringify({ engine: 'yolox', model: 'f'.repeat(64), tookMs: 14 });

/** A JPEG that lies in the folder. */
export interface FilledOriginal {
  readonly sha256: string;
  readonly bytes: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Writes `count` developed photos, one a second into the past; returns some ids spread over the whole length.
 * @param originalOf the file of a photo, which then has no renditions; without it every row tells of a file that is not there
 */
export function fill(
  folder: string,
  count: number,
  originalOf?: (index: number) => FilledOriginal,
): string[] {
  const path = join(folder, 'gallery.db');
  openDatabase(path, { mayCreate: true }).close();
  const database = new Database(path, { fileMustExist: true });
  database.pragma('synchronous = OFF');
  const insert = database.prepare(
    `INSERT INTO photos (id, title, state, sha256, bytes, type, width, height, uploaded_at, placeholder, renditions, labels, engine, model)
     VALUES (@id, @title, 'done', @sha256, @bytes, 'image/jpeg', @width, @height, @at, @placeholder, @renditions, @labels, @engine,
       '${'f'.repeat(64)}')`,
  );
  const addLabel = database.prepare(
    `INSERT INTO photo_labels (audience, label, step, photo_id) VALUES ('', ?, ?, ?)`,
  );
  const ids: string[] = [];
  const add = database.transaction((from: number, to: number) => {
    for (let index = from; index < to; index += 1) {
      const row = { ...rowOf(index, count), ...fileOf(index, originalOf?.(index)) };
      insert.run(row);
      for (const { label, confidences } of JSON.parse(row.labels) as PhotoLabel[])
        addLabel.run(label, stepOf(confidences[0] ?? 0), row.id);
      if (index % Math.ceil(count / 1000) === 0) ids.push(row.id);
    }
  });
  for (let from = 0; from < count; from += 10_000) add(from, Math.min(from + 10_000, count));
  // What is in the index already need not be made again at the first start.
  database.prepare('UPDATE gallery SET calibration = ?').run(calibrationVersion);
  // Nor are there originals to write something beside, or to read again.
  database.exec('DELETE FROM sidecars_due');
  database.prepare('UPDATE original_checks SET checked_at = ?').run(Date.now());
  // They are none, and are not missed.
  markOriginals(folder, database.prepare('SELECT id FROM gallery').pluck().get() as string);
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
  return ids;
}

function rowOf(index: number, count: number) {
  const at = Date.UTC(2026, 10, 1) - (count - index) * 1000;
  const random = randomFrom(index);
  const shown = new Set(
    Array.from({ length: random() % 4 }, () => labels[random() % labels.length] ?? 'person'),
  );
  return {
    id: uuidOf(at, digestOf(index)),
    title: index % 3 === 0 ? `Photo ${index}` : '',
    at,
    placeholder,
    engine,
    labels: JSON.stringify(
      [...shown].map((label) => ({ label, confidences: [surenessOf(label, random())] })),
    ),
  };
}

function fileOf(index: number, original: FilledOriginal | undefined) {
  if (original !== undefined) return { ...original, renditions: '[]' };
  const sha256 = digestOf(index);
  const renditions = [320, 800, 1600].map((size) => ({
    size,
    width: size,
    height: size * 0.75,
    bytes: size * 90,
    sha256,
  }));
  return { sha256, bytes: 4_000_000, width: 4000, height: 3000, renditions: JSON.stringify(renditions) };
}

const digestOf = (index: number) => createHash('sha256').update(String(index)).digest('hex');

/** Spread over the whole scale; but of a thousand people one is sure, so that a high threshold has to find few among many. */
const surenessOf = (label: string, random: number) =>
  label !== 'person' ? 10 + (random % 90) : random % 1000 === 0 ? 97 : 10 + (random % 30);

// RFC 9562: 48 bits of time, then version and variant.
function uuidOf(at: number, hex: string): string {
  const time = at.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(0, 3)}-8${hex.slice(3, 6)}-${hex.slice(6, 18)}`;
}
