// The page "Add photos": a queue with previews, titles and progress. Without this script its form is sent as a whole.
import { refusalOf } from './parts/refusal.ts';
import { openQueue } from './parts/upload-queue.ts';
import { openRow, type Row, type RowState } from './parts/upload-row.ts';

const form = document.querySelector<HTMLFormElement>('#upload');
const template = document.querySelector<HTMLTemplateElement>('#upload-row');
if (form !== null && template !== null) openUpload(form, template);

function openUpload(form: HTMLFormElement, template: HTMLTemplateElement): void {
  const find = <E extends HTMLElement>(selector: string) => form.querySelector<E>(selector);
  const list = find('.queue ul');
  const rows = new Set<Row>();
  const inState = (...states: RowState[]) => [...rows].filter(({ state }) => states.includes(state));
  const queue = openQueue(form.action, () => show());
  form.classList.add('scripted');

  const add = (files: Iterable<File>) => {
    for (const file of files) {
      const row = openRow(template, file, { retry: (one) => queue.add([one]), removed: forget });
      const refused = refusalOf(file);
      if (refused !== undefined) row.show('refused', refused);
      rows.add(row);
      list?.append(row.element);
    }
    show();
  };
  const forget = (row: Row) => {
    rows.delete(row);
    show();
  };

  const show = () => {
    const ready = inState('ready').length;
    const again = inState('failed', 'broken').length;
    find('.queue')?.toggleAttribute('hidden', rows.size === 0);
    const settled = inState('done', 'duplicate', 'refused').length;
    find('.finished')?.toggleAttribute('hidden', settled < rows.size || settled === 0);
    find('.again')?.toggleAttribute('hidden', again < 2);
    find('.send')?.toggleAttribute('hidden', ready === 0 && rows.size > 0);
    write(find('.send span'), (ready === 1 ? form.dataset['sendOne'] : form.dataset['sendMany']) ?? '', {
      n: ready,
    });
    const numbers = {
      done: inState('done', 'duplicate').length,
      all: rows.size,
      failed: again,
    };
    const summary = again > 0 ? form.dataset['summaryFailed'] : form.dataset['summary'];
    const started = rows.size > ready + inState('refused').length;
    write(find('.summary'), started ? (summary ?? '') : '', numbers);
    stayAwake(queue.busy);
  };

  for (const input of form.querySelectorAll<HTMLInputElement>('input[type=file]')) {
    input.addEventListener('change', () => {
      add([...(input.files ?? [])]);
      // The same picture may be chosen again after it was removed from the queue.
      input.value = '';
    });
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (rows.size === 0) find<HTMLInputElement>('#choose')?.focus();
    queue.add(inState('ready'));
  });
  find('.again')?.addEventListener('click', () => queue.add(inState('failed', 'broken')));
  addEventListener('beforeunload', (event) => {
    if (queue.busy) event.preventDefault();
  });
  acceptDrops(form, add);
  // What was chosen before this script ran, or what the browser restored.
  for (const input of form.querySelectorAll<HTMLInputElement>('input[type=file]')) {
    if ((input.files?.length ?? 0) > 0) input.dispatchEvent(new Event('change'));
  }
  if (rows.size === 0) write(find('.send span'), find('.send')?.textContent?.trim() ?? '', {});
}

function acceptDrops(form: HTMLFormElement, add: (files: Iterable<File>) => void): void {
  addEventListener('dragover', (event) => {
    event.preventDefault();
    form.classList.add('dragging');
  });
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) form.classList.remove('dragging');
  });
  addEventListener('drop', (event) => {
    event.preventDefault();
    form.classList.remove('dragging');
    add([...(event.dataTransfer?.files ?? [])]);
  });
}

let lock: Promise<WakeLockSentinel | undefined> | undefined;

// A phone that falls asleep stops sending; where it can't be kept awake, retrying does the rest.
function stayAwake(busy: boolean): void {
  if (busy && lock === undefined && 'wakeLock' in navigator) {
    lock = navigator.wakeLock.request('screen').catch(() => undefined);
  } else if (!busy && lock !== undefined) {
    void lock.then((held) => held?.release());
    lock = undefined;
  }
}

function write(place: Element | null, pattern: string, numbers: Readonly<Record<string, number>>): void {
  if (place === null) return;
  const text = pattern.replace(/\{(\w+)\}/g, (whole, name: string) => String(numbers[name] ?? whole));
  // A live region speaks at every write, also of the same words.
  if (place.textContent !== text) place.textContent = text;
}
