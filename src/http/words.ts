// What Sajin says, in the reader's language. Holds no HTML, and asks nobody which language that is.
import { maxUserNameLength, parseUserId } from '../gallery/accounts.ts';
import { shownLabels, type Threshold } from '../gallery/detection.ts';
import type { ErrorCode, ErrorFacts } from '../gallery/errors.ts';
import { maxLabelLength, spokenLabel } from '../gallery/labels.ts';
import { type Failure, maxTitleLength, type PhotoCard, type PhotoLabel } from '../gallery/photo.ts';
import type { Language } from './languages.ts';
import { en } from './words/en.ts';
import { ko } from './words/ko.ts';

export type Words = typeof en;

/** The dictionary of a language with its numbers and dates. */
export interface Speech {
  readonly language: Language;
  readonly words: Words;
  number(value: number, maximumFractionDigits?: number): string;
  /** 0..1 as "92%". */
  percent(fraction: number): string;
  /** Bytes as "4.2 MB". */
  bytes(count: number): string;
  /** "Today", "Yesterday", else the day with its weekday, and the year when it is another one. */
  dayHeading(day: Date, today: Date): string;
  day(date: Date): string;
  moment(date: Date): string;
  /** Local time of a camera, ISO 8601 without zone; text that is no date is returned as it is. */
  cameraTime(iso: string): string;
}

const dictionaries: Readonly<Record<Language, Words>> = { en, ko };

/** Making formatters is slow and using them is not: open one for each language and keep it. */
export function openSpeech(language: Language): Speech {
  const words = dictionaries[language];
  const locale = { en: 'en-GB', ko: 'ko-KR' }[language];
  const whole = new Intl.NumberFormat(locale);
  const oneDigit = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const fine = new Intl.NumberFormat(locale, { maximumFractionDigits: 5 });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const thisYear = new Intl.DateTimeFormat(locale, { weekday: 'long', month: 'long', day: 'numeric' });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'long' });
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', hourCycle: 'h23' });
  const cameraTime = new Intl.DateTimeFormat(locale, {
    dateStyle: 'long',
    timeStyle: 'short',
    hourCycle: 'h23',
    timeZone: 'UTC',
  });

  return {
    language,
    words,
    number: (value, digits = 0) => (digits === 0 ? whole : digits === 1 ? oneDigit : fine).format(value),
    percent: (fraction) => percent.format(fraction),
    bytes: (count) => {
      const [size, unit] = count < 1e6 ? [count / 1e3, 'kB'] : [count / 1e6, 'MB'];
      return `${oneDigit.format(size)} ${unit}`;
    },
    dayHeading: (date, today) => {
      const daysAgo = daysBetween(date, today);
      if (daysAgo === 0) return words.list.today;
      if (daysAgo === 1) return words.list.yesterday;
      return (date.getFullYear() === today.getFullYear() ? thisYear : day).format(date);
    },
    day: (date) => day.format(date),
    moment: (date) => moment.format(date),
    // The camera's clock is read as if it were UTC and printed as UTC: no zone of this machine may shift it.
    cameraTime: (iso) => {
      const date = new Date(`${iso.slice(0, 19)}Z`);
      return Number.isNaN(date.getTime()) ? iso : cameraTime.format(date);
    },
  };
}

export type Speeches = Readonly<Record<Language, Speech>>;

export const openSpeeches = (): Speeches => ({ en: openSpeech('en'), ko: openSpeech('ko') });

/** One sentence that ends with what to do. Facts it understands: limitMb for files, limit for megapixels, frames, characters, free and needed bytes. */
export function errorSentence(language: Language, code: ErrorCode, facts: ErrorFacts = {}): string {
  const { errors } = dictionaries[language];
  const fact = (name: string) => (Object.hasOwn(facts, name) ? String(facts[name]) : undefined);
  switch (code) {
    case 'too-large':
      return errors[code](fact('limitMb'));
    case 'quota-used-up':
      // Without facts it is a guest's.
      return fact('freeBytes') === undefined
        ? errors[code]()
        : errors[code]({ free: megabytesOf(facts['freeBytes']), needed: megabytesOf(facts['neededBytes']) });
    case 'no-origin':
      return errors[code](fact('origin'));
    case 'too-many-pixels':
      return errors[code](fact('limit'));
    case 'too-many-frames':
      return errors[code](fact('limit'));
    case 'bad-model':
      return errors[code](fact('reason'));
    case 'bad-label':
      return errors[code](fact('limit') ?? String(maxLabelLength));
    case 'bad-user-name':
      return errors[code](fact('limit') ?? String(maxUserNameLength));
    case 'too-many-tries':
      return errors[code](Number(facts['seconds'] ?? 0));
    case 'not-allowed':
      return errors[code](fact('needs'));
    case 'title-too-long':
      return errors[code](fact('limit') ?? String(maxTitleLength));
    default:
      return errors[code];
  }
}

const megabytesOf = (bytes: string | number = 0) => (Number(bytes) / 1024 / 1024).toFixed(1);

/** Why developing ended without success and what to do next: "damaged: ..." or a sentence. */
export function reasonOf(failure: Failure, language: Language): string {
  const { failures } = dictionaries[language];
  if (failure.code !== 'damaged') return failures[failure.code];
  // The decoder's own words are English and for the curious; what they mean is said before them.
  const detail = (failure.detail ?? '').trim().replace(/[.\s]+$/, '');
  const why = detail === '' ? failures.damagedDetail : `${failures.damagedDetail} (${detail})`;
  return `${failures.damaged}: ${why}. ${failures.damagedNext}`;
}

/** The banner while detection does not work although it should; why that is stands on the page that it leads to. */
export const detectionProblem = (language: Language): string => dictionaries[language].detectionProblem;

/** "2 people, 1 dog", '' when nothing is shown at the threshold. */
export function summaryText(
  labels: readonly PhotoLabel[],
  threshold: Threshold,
  { language, words }: Speech,
): string {
  return shownLabels(labels, threshold)
    .map(({ label, count }) => spokenLabel(label, count, language))
    .join(words.alt.join);
}

/**
 * Sidecars forget what somebody who was removed was called, and tell whose alone a photo is by an id: after a rebuild that is the name of
 * a user. Its last digits are random, and tell two of them apart.
 */
export function personName(name: string, { words }: Pick<Speech, 'words'>): string {
  return parseUserId(name) === undefined ? name : words.people.former(name.slice(-4));
}

/** What a screen reader hears instead of the picture: "Title. 2 people, 1 dog". Never empty. */
export function altText(
  { title, labels, uploadedAt }: Pick<PhotoCard, 'title' | 'labels' | 'uploadedAt'>,
  threshold: Threshold,
  speech: Speech,
): string {
  const { words, day } = speech;
  const found = summaryText(labels, threshold, speech);
  const parts = [title, found].filter((part) => part !== '');
  return parts.length === 0 ? words.alt.photo(day(uploadedAt)) : parts.join(words.alt.sentence);
}

function daysBetween(date: Date, today: Date): number {
  const midnight = (moment: Date) => Date.UTC(moment.getFullYear(), moment.getMonth(), moment.getDate());
  return Math.round((midnight(today) - midnight(date)) / 86_400_000);
}
