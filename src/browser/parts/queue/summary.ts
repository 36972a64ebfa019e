// What the queue as a whole says: to be seen at every change, to be heard now and then.
import type { Sentences } from '../sentences.ts';
import { shareSent, type Totals } from './shown.ts';
import { openTimeLeft } from './time-left.ts';

export interface Summary {
  /** @param isKept whether what is not sent yet outlives this page */
  show(totals: Totals, isKept: boolean): void;
  say(sentence: string): void;
}

// A screen reader that hears every picture of a thousand hears nothing else.
const quietMs = 10_000;

export function openSummary(form: HTMLFormElement, says: Sentences, language: string): Summary {
  const timeLeft = openTimeLeft();
  const heard = form.querySelector('.heard');
  let saidAt = 0;
  let wasOpen = 0;

  const say = (sentence: string) => {
    saidAt = Date.now();
    write(heard, sentence);
  };
  return {
    say,
    show(totals, isKept) {
      const seconds = timeLeft.seconds(Date.now(), totals.sentBytes, totals.leftBytes);
      const sentence = sentenceOf(totals, says);
      write(form.querySelector('.count'), sentence);
      const rest = restOf(totals, isKept, seconds, says, language);
      write(form.querySelector('.left'), rest);
      const bar = form.querySelector<HTMLProgressElement>('.overall');
      if (bar !== null) bar.value = shareSent(totals);
      form.querySelector('.queue-head')?.setAttribute('data-is', stateOf(totals));
      const isOver = wasOpen > 0 && totals.open === 0;
      if (isOver || (totals.open > 0 && Date.now() - saidAt > quietMs))
        say([sentence, rest].filter(Boolean).join('. '));
      wasOpen = totals.open;
    },
  };
}

const stateOf = ({ open, failed, isCut }: Totals) =>
  isCut ? 'cut' : open > 0 ? 'sending' : failed > 0 ? 'failed' : 'over';

function sentenceOf({ stored, all }: Totals, says: Sentences): string {
  if (all === 0) return says('noneTaken');
  if (stored < all) return says('summary', { done: String(stored), all: String(all) });
  return says(all === 1 ? 'oneStored' : 'allStored', { all: String(all) });
}

function restOf(
  totals: Totals,
  isKept: boolean,
  seconds: number | undefined,
  says: Sentences,
  language: string,
): string {
  const bad = totals.failed + totals.refused;
  const looks = bad === 0 ? '' : says(bad === 1 ? 'oneNeedsLook' : 'needLook', { failed: String(bad) });
  const left = totals.isCut ? says(isKept ? 'cut' : 'cutNotKept') : leftOf(totals, seconds, says, language);
  return [left, looks].filter(Boolean).join(' · ');
}

function leftOf(
  { open, paused }: Totals,
  seconds: number | undefined,
  says: Sentences,
  language: string,
): string {
  if (open === 0) return paused > 0 ? says('isPaused') : '';
  if (seconds === undefined) return '';
  if (seconds < 60) return says('soon');
  const [amount, unit] = seconds < 5_400 ? [seconds / 60, 'minute'] : [seconds / 3_600, 'hour'];
  const time = new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' });
  return says('left', { time: time.format(Math.ceil(amount)) });
}

function write(place: Element | null, text: string): void {
  if (place !== null && place.textContent !== text) place.textContent = text;
}
