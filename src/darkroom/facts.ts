// What the camera wrote into the file: when, with what, where. Every value is a stranger's: checked, cleaned, or left out.
import exifr from 'exifr';
import type { Place } from '../gallery/photo.ts';
import type { Facts } from '../gallery/ports.ts';

/**
 * Reads an EXIF block as it stands in a file, with or without its `Exif\0\0` prefix. Never throws: a block that can't be
 * understood says nothing.
 */
export async function readFacts(exif: Uint8Array | undefined): Promise<Facts> {
  if (exif === undefined || exif.length < 8) return {};
  const tags = await parse(exif);
  const [takenAt, camera, place] = [takenAtOf(tags), cameraOf(tags), placeOf(tags)];
  return {
    ...(takenAt === undefined ? {} : { takenAt }),
    ...(camera === undefined ? {} : { camera }),
    ...(place === undefined ? {} : { place }),
  };
}

type Tags = Readonly<Record<string, unknown>>;

// Values as they are written: exifr would turn dates into the zone of this machine and half a position into NaN.
const options = {
  tiff: true,
  exif: ['DateTimeOriginal', 'CreateDate', 'OffsetTimeOriginal', 'OffsetTimeDigitized'],
  ifd0: ['Make', 'Model'],
  gps: true,
  interop: false,
  ifd1: false,
  makerNote: false,
  userComment: false,
  xmp: false,
  icc: false,
  iptc: false,
  jfif: false,
  ihdr: false,
  sanitize: true,
  mergeOutput: true,
  reviveValues: false,
  translateKeys: true,
  translateValues: false,
  silentErrors: true,
};

async function parse(exif: Uint8Array): Promise<Tags> {
  const prefix = Buffer.from('Exif\0\0', 'latin1');
  const block = prefix.equals(exif.subarray(0, prefix.length)) ? exif.subarray(prefix.length) : exif;
  try {
    const tags: unknown = await exifr.parse(Uint8Array.from(block), options as object);
    return typeof tags === 'object' && tags !== null ? (tags as Tags) : {};
  } catch {
    return {};
  }
}

/** The moment of the shot, or of digitising a print; a file's modification date says neither. */
function takenAtOf(tags: Tags): string | undefined {
  return (
    localTime(tags.DateTimeOriginal, tags.OffsetTimeOriginal) ??
    localTime(tags.CreateDate, tags.OffsetTimeDigitized)
  );
}

const exifDate = /^(\d{4})[:-](\d{2})[:-](\d{2})[ T](\d{2}):(\d{2}):(\d{2})/;
const exifOffset = /^[+-](?:0\d|1[0-4]):[0-5]\d$/;

/** `2026:11:20 10:12:00` to ISO 8601, if such a day exists and lies between the first photograph (1826) and tomorrow. */
function localTime(date: unknown, offset: unknown): string | undefined {
  const parts = typeof date === 'string' ? exifDate.exec(date.trim()) : null;
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const text = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const moment = new Date(`${text}Z`);
  const exists = !Number.isNaN(moment.valueOf()) && moment.toISOString().startsWith(text);
  const plausible = Number(year) >= 1826 && moment.valueOf() < Date.now() + 2 * 24 * 60 * 60 * 1000;
  if (!exists || !plausible) return undefined;
  return typeof offset === 'string' && exifOffset.test(offset.trim()) ? text + offset.trim() : text;
}

/** `Make Model`, without saying the make twice: Canon writes `Canon` and `Canon EOS 40D`. */
function cameraOf(tags: Tags): string | undefined {
  const [make, model] = [cleaned(tags.Make), cleaned(tags.Model)];
  const brand = make.split(' ')[0]?.toLowerCase() ?? '';
  const doubled = brand !== '' && model.toLowerCase().startsWith(brand);
  const camera = (doubled ? model : `${make} ${model}`).trim();
  return camera === '' ? undefined : camera.slice(0, maxCameraLength).trim();
}

const maxCameraLength = 80;

/** One line without control, direction or unassigned characters; cut early, since a tag may hold 64 kB. */
function cleaned(value: unknown): string {
  if (typeof value !== 'string') return '';
  return value
    .slice(0, 4 * maxCameraLength)
    .normalize('NFC')
    .replace(/[\p{C}\p{Zl}\p{Zp}\uFFFD]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, maxCameraLength);
}

function placeOf(tags: Tags): Place | undefined {
  const latitude = degrees(tags.GPSLatitude, tags.GPSLatitudeRef, ['N', 'S']);
  const longitude = degrees(tags.GPSLongitude, tags.GPSLongitudeRef, ['E', 'W']);
  if (latitude === undefined || longitude === undefined) return undefined;
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return undefined;
  // 0, 0 is what cameras write that have no fix; nobody lives there.
  if (latitude === 0 && longitude === 0) return undefined;
  const altitude = altitudeOf(tags);
  return { latitude, longitude, ...(altitude === undefined ? {} : { altitude }) };
}

/** Degrees, minutes, seconds and a hemisphere to signed degrees. Without the hemisphere half the world would be wrong. */
function degrees(value: unknown, hemisphere: unknown, [positive, negative]: readonly [string, string]) {
  const parts = Array.isArray(value) ? value.slice(0, 3).map(Number) : [];
  const letter = typeof hemisphere === 'string' ? hemisphere.trim().charAt(0).toUpperCase() : '';
  if (parts.length !== 3 || (letter !== positive && letter !== negative)) return undefined;
  const [degree = Number.NaN, minute = Number.NaN, second = Number.NaN] = parts;
  if (![degree, minute, second].every((part) => Number.isFinite(part) && part >= 0)) return undefined;
  if (minute >= 60 || second > 60) return undefined;
  const sum = Number((degree + minute / 60 + second / 3600).toFixed(7));
  return letter === negative ? 0 - sum : sum;
}

/** Metres above the sea; absent outside of what a person or an aeroplane reaches. */
function altitudeOf(tags: Tags): number | undefined {
  const metres = typeof tags.GPSAltitude === 'number' ? tags.GPSAltitude : Number.NaN;
  if (!Number.isFinite(metres) || metres < 0 || metres > 20_000) return undefined;
  const reference = tags.GPSAltitudeRef;
  const below = (reference instanceof Uint8Array ? reference[0] : reference) === 1;
  return Number((below ? -metres : metres).toFixed(2));
}
