// One title for all: for every picture of the queue that nobody gave a title of its own, also for those that come while it stands there.
import type { NewFile, QueueItem, QueueStore } from './store.ts';
import { onPutAway, openTitleField } from './title-field.ts';
import { takesTitleForAll, titledWithAll } from './titles.ts';
import { idForAll, type TypedTitles } from './typed-titles.ts';

export interface TitleForAll {
  /** For files that are just being added. */
  readonly said: Pick<NewFile, 'title' | 'isTitledWithAll'>;
  /** Gives it to all that take it. Resolves when all of them have it. */
  fill(): Promise<void>;
  /** Offers it when there are several that would take it; it begins empty with each queue. */
  show(items: ReadonlyMap<string, QueueItem>): void;
}

/** @param tried says so if it does not work */
export function openTitleForAll(
  form: HTMLFormElement,
  store: QueueStore,
  typed: TypedTitles,
  tried: (work: Promise<unknown>) => void,
): TitleForAll {
  const field = form.querySelector<HTMLElement>('.one-title');
  const input = field?.querySelector('input');
  if (field === null || input == null) throw new Error('The upload queue has no field for one title.');
  let isTouched = false;

  const fill = async () => {
    const title = input.value.trim();
    await store.updateAll((item) => titledWithAll(item, title));
    typed.written(idForAll(store.owner), title);
  };
  const tell = openTitleField(input, {
    typing(title) {
      isTouched = true;
      typed.put(idForAll(store.owner), title);
    },
    typed: () => tried(fill()),
  });
  onPutAway(tell);

  return {
    get said() {
      const title = input.value.trim();
      return title === '' ? {} : { title, isTitledWithAll: true };
    },
    fill,
    show(items) {
      const all = [...items.values()];
      if (all.length === 0) {
        isTouched = false;
        input.value = '';
      }
      // As an earlier page left it.
      if (!isTouched) input.value = all.find(({ isTitledWithAll }) => isTitledWithAll)?.title ?? '';
      const isInUse = input.value !== '' || document.activeElement === input;
      field.hidden = !isInUse && all.filter(takesTitleForAll).length < 2;
    },
  };
}
