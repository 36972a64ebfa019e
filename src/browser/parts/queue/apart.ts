// What waits here and is not for the eyes of who has signed in: said as a number, without a picture and without a name. What nobody has
// called theirs, as after a shot while nobody had signed in, is a question.
import type { Sentences } from '../sentences.ts';
import type { QueueStore } from './store.ts';

/** @param tried says so if what was asked for does not work */
export async function showApart(
  form: HTMLFormElement,
  store: QueueStore,
  says: Sentences,
  tried: (work: Promise<unknown>) => void,
): Promise<void> {
  const show = async () => {
    const { others, unowned } = await store.apart();
    write(form, '.others', sentenceOf(others, says('oneOther'), says('others', { n: String(others) })));
    write(
      form,
      '.unowned',
      sentenceOf(unowned, says('oneUnowned'), says('manyUnowned', { n: String(unowned) })),
    );
  };
  const button = form.querySelector<HTMLButtonElement>('.unowned button');
  // Whoever has not signed in can't be told apart from the next one.
  button?.toggleAttribute('hidden', store.owner === null);
  const take = async () => {
    await store.takeUnowned();
    await show();
  };
  button?.addEventListener('click', () => tried(take()));
  await show();
}

const sentenceOf = (count: number, one: string, many: string) =>
  count === 0 ? '' : count === 1 ? one : many;

function write(form: HTMLFormElement, selector: string, sentence: string): void {
  const place = form.querySelector<HTMLElement>(selector);
  if (place === null) return;
  place.hidden = sentence === '';
  place.querySelector('span')?.replaceChildren(sentence);
}
