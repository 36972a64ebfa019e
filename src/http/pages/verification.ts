// Whether originals are as they came: what the page of that shows. Plain strings; the template escapes them.
import type { Threshold } from '../../gallery/detection.ts';
import type {
  Check,
  CheckSummary,
  DamagedPhoto,
  DatabaseStatus,
} from '../../gallery/verification-database.ts';
import { photoPath, renditionPath, verificationPath } from '../links.ts';
import { altText, type Speech } from '../words.ts';
import { nameOf } from './card.ts';

export interface VerificationModel {
  readonly summary: CheckSummary;
  readonly damaged: readonly DamagedPhoto[];
  readonly strays: readonly string[];
  readonly database: DatabaseStatus;
  /** There are more damaged photos than these. */
  readonly hasMore: boolean;
  /** These are the newest, not later ones. */
  readonly first: boolean;
}

export function verificationOf(model: VerificationModel, speech: Speech, threshold: Threshold) {
  const { summary, damaged, strays, hasMore, first, database } = model;
  const { words, number } = speech;
  const t = words.verification;
  const { left } = summary;
  const last = damaged.at(-1)?.photo.id;
  return {
    action: verificationPath(),
    heading: headingOf(summary, speech),
    isWell: summary.damaged === 0,
    isDatabaseDamaged: database.isDamaged,
    database: sayDatabase(database, speech),
    running: left === 0 ? undefined : t.running(left, number(left)),
    mayStart: summary.originals > 0 && left === 0 && !database.isDamaged,
    photos: damaged.map((one) => damagedOf(one, speech, threshold)),
    strays,
    newest: first ? undefined : verificationPath(),
    older: hasMore && last !== undefined ? verificationPath(last) : undefined,
  };
}

function sayDatabase({ isReading, checkedAt }: DatabaseStatus, { words, moment }: Speech): string {
  const t = words.verification;
  if (isReading) return t.databaseReading;
  return checkedAt === undefined ? t.databaseUnread : t.databaseWell(moment(checkedAt));
}

function headingOf({ originals, damaged, overdue, left }: CheckSummary, { words, number }: Speech): string {
  const t = words.verification;
  if (originals === 0) return t.none;
  if (damaged > 0) return t.damaged(damaged, number(damaged));
  // Somebody asked because they doubt it: what was found before is no answer.
  if (left > 0) return t.wellSoFar;
  return overdue > 0 ? t.wellUnknown(number(overdue)) : t.well(originals, number(originals));
}

function damagedOf({ photo, fault, checkedAt }: DamagedPhoto, speech: Speech, threshold: Threshold) {
  const { id, renditions, placeholder } = photo;
  const [small] = renditions;
  const { words } = speech;
  return {
    id,
    name: nameOf(photo, speech),
    href: photoPath(id),
    alt: altText(photo, threshold, speech),
    picture: small === undefined ? undefined : renditionPath(id, small),
    placeholder,
    reason: words.verification.faults[fault],
    checked: checkedAt === undefined ? undefined : words.verification.checked(speech.moment(checkedAt)),
  };
}

/** What a photo's own page says when its original is damaged. */
export function originalOf(check: Check | undefined, { words }: Speech) {
  const t = words.verification;
  if (check?.fault === undefined) return undefined;
  return { title: t.ofPhoto, reason: t.faults[check.fault], next: t.damagedNext, href: verificationPath() };
}
