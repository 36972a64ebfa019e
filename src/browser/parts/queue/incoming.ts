// Every way by which pictures come into the queue: inputs, a folder, dropping, pasting. Tells what would be refused at once.
import { refusalOf } from '../refusal.ts';
import { type Dropped, filesDropped } from './dropped-files.ts';
import type { NewFile, QueueStore } from './store.ts';
import type { TitleForAll } from './title-for-all.ts';

export interface Incoming {
  /** Still reading and copying: leaving the page now would lose the rest of what was chosen. */
  readonly isBusy: boolean;
}

// Heads are read side by side, but not a thousand at once.
const batch = 32;

/** @param titleForAll what they are all called @param told `leftOut`: so many files of a folder are no pictures, or can't be read; `tried`: says so if that does not work */
export function openIncoming(
  form: HTMLFormElement,
  store: QueueStore,
  titleForAll: Pick<TitleForAll, 'said' | 'fill'>,
  told: { leftOut(count: number): void; changed(): void; tried(work: Promise<unknown>): void },
): Incoming {
  let busy = 0;

  const takeIn = async (chosen: Dropped | Promise<Dropped>) => {
    // As it was chosen, however long reading takes.
    const isPrivate = form.querySelector<HTMLInputElement>('[name=private]')?.checked === true;
    busy += 1;
    told.changed();
    try {
      const { files, isFolder, unread } = await chosen;
      let leftOut = unread;
      for (let at = 0; at < files.length; at += batch) {
        const checked = await Promise.all(files.slice(at, at + batch).map(check));
        // A folder holds other things as well; somebody who picks a single file wants to know what is wrong with it.
        const wanted = checked.filter(({ refused }) => !isFolder || refused?.code !== 'unsupported-type');
        leftOut += checked.length - wanted.length;
        const { said } = titleForAll;
        await store.add(wanted.map((one) => ({ ...one, ...said, isPrivate })));
        // Typed further while they were being copied.
        if (titleForAll.said.title !== said.title) await titleForAll.fill();
      }
      if (leftOut > 0) told.leftOut(leftOut);
    } finally {
      busy -= 1;
      told.changed();
    }
  };
  const add = (chosen: Dropped | Promise<Dropped>) => told.tried(takeIn(chosen));

  for (const input of form.querySelectorAll<HTMLInputElement>('input[type=file]')) {
    const take = () => {
      const files = [...(input.files ?? [])];
      // The same picture may be chosen again after it was taken out of the queue.
      input.value = '';
      if (files.length > 0) add({ files, isFolder: input.webkitdirectory, unread: 0 });
    };
    input.addEventListener('change', take);
    // What was chosen before this script ran, or what the browser restored.
    take();
  }
  acceptDrops(form, (dropped) => add(filesDropped(dropped)));
  addEventListener('paste', ({ clipboardData }) => {
    const files = [...(clipboardData?.files ?? [])];
    if (files.length > 0) add({ files, isFolder: false, unread: 0 });
  });

  return {
    get isBusy() {
      return busy > 0;
    },
  };
}

async function check(file: File): Promise<NewFile> {
  const refused = await refusalOf(file);
  return { file, name: file.name, ...(refused === undefined ? {} : { refused }) };
}

function acceptDrops(form: HTMLFormElement, add: (dropped: DataTransfer) => void): void {
  const holdsFiles = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes('Files') === true;
  addEventListener('dragover', (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    form.classList.add('dragging');
  });
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) form.classList.remove('dragging');
  });
  addEventListener('drop', (event) => {
    form.classList.remove('dragging');
    if (event.dataTransfer === null || !holdsFiles(event)) return;
    event.preventDefault();
    add(event.dataTransfer);
  });
}
