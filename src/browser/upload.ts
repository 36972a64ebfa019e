// The page "Add photos": the queue as rows, and everything that can be done with it. Without this script its form is sent as a whole.
import {
  beginVisit,
  cancel,
  clearFinished,
  pause,
  pauseAll,
  resume,
  resumeAll,
  retryAll,
} from './parts/queue/acts.ts';
import { openIncoming } from './parts/queue/incoming.ts';
import { openPhotoStates } from './parts/queue/photo-states.ts';
import { openRows } from './parts/queue/rows.ts';
import { save } from './parts/queue/save.ts';
import { keepSending } from './parts/queue/sending-here.ts';
import { goOnWithShared } from './parts/queue/shared.ts';
import { totalsOf } from './parts/queue/shown.ts';
import { openQueueStore, type QueueItem, type QueueStore } from './parts/queue/store.ts';
import { openSummary } from './parts/queue/summary.ts';
import { openThumbnails } from './parts/queue/thumbnails.ts';
import { openSentences } from './parts/sentences.ts';
import { openWakeLock } from './parts/wake-lock.ts';

const form = document.querySelector<HTMLFormElement>('#upload');
const template = document.querySelector<HTMLTemplateElement>('#upload-row');
const list = form?.querySelector<HTMLElement>('.queue ul') ?? null;
if (form !== null && template !== null && list !== null) void open(form, template, list);

async function open(form: HTMLFormElement, template: HTMLTemplateElement, list: HTMLElement): Promise<void> {
  form.classList.add('scripted');
  form.addEventListener('submit', (event) => event.preventDefault());
  for (const one of form.querySelectorAll<HTMLElement>('.on-android'))
    one.hidden = !/Android/.test(navigator.userAgent);

  const store = await openQueueStore();
  await beginVisit(store).catch(() => undefined);
  await goOnWithShared(store).catch(() => undefined);
  showQueue(form, template, list, store);
  keepSending(store);
}

function showQueue(
  form: HTMLFormElement,
  template: HTMLTemplateElement,
  list: HTMLElement,
  store: QueueStore,
): void {
  const says = openSentences(form.dataset['says']);
  const items = new Map<string, QueueItem>();
  const summary = openSummary(form, says, document.documentElement.lang);
  const stayAwake = openWakeLock();
  const states = openPhotoStates(() => {
    for (const item of items.values()) if (item.state === 'sent') put(item);
    later();
  });
  const note = (sentence: string) => {
    const place = form.querySelector('.left-out');
    if (place !== null) place.textContent = sentence;
    summary.say(sentence);
  };
  /** What a person asked for either happens, or is said not to have happened. */
  const tried = (work: Promise<unknown>) => void work.catch(() => note(says('notDone')));
  const rows = openRows(list, template, says, openThumbnails(store), {
    act(act, id) {
      const item = items.get(id);
      if (item === undefined) return;
      tried({ pause, resume, retry: resume, save, cancel }[act](store, item));
    },
    title: (id, title) => tried(store.update(id, { title })),
  });

  const put = (item: QueueItem) => {
    items.set(item.id, item);
    rows.put(item, item.photo === undefined ? undefined : states.of(item.photo));
  };
  const show = () => {
    const totals = totalsOf(items.values());
    const toggle = (selector: string, isShown: boolean) =>
      form.querySelector(selector)?.toggleAttribute('hidden', !isShown);
    toggle('.queue', items.size > 0);
    toggle('[data-all=pause]', totals.open > 0);
    toggle('[data-all=resume]', totals.paused > 0 && totals.open === 0);
    toggle('[data-all=retry]', totals.failed > 0);
    toggle('[data-all=clear]', totals.stored + totals.refused > 0 && totals.open === 0);
    toggle('.finished', totals.stored > 0 && totals.stored === totals.all);
    toggle('.not-kept', !store.isKept && totals.open > 0);
    summary.show(totals, store.isKept);
    stayAwake(totals.active > 0);
    states.want([...items.values()].some(isDeveloping));
  };
  const isDeveloping = ({ photo, duplicate }: QueueItem) =>
    photo !== undefined && duplicate !== true && !['done', 'failed'].includes(states.of(photo) ?? '');
  // Many changes in one frame are drawn once.
  let drawing = false;
  const later = () => {
    if (drawing) return;
    drawing = true;
    setTimeout(() => {
      drawing = false;
      show();
    }, 100);
  };

  store.subscribe((change) => {
    for (const id of change.removed) {
      items.delete(id);
      rows.remove(id);
    }
    for (const item of change.put) put(item);
    later();
  });
  const showKept = async () => {
    for (const item of await store.list()) if (!items.has(item.id)) put(item);
    show();
  };
  tried(showKept());
  const incoming = openIncoming(form, store, {
    leftOut: (count) => note(says('leftOut', { n: String(count) })),
    changed: later,
    tried,
  });
  const all = { pause: pauseAll, resume: resumeAll, retry: retryAll, clear: clearFinished };
  for (const button of form.querySelectorAll<HTMLButtonElement>('button[data-all]'))
    button.addEventListener('click', () => tried(all[button.dataset['all'] as keyof typeof all](store)));
  addEventListener('beforeunload', (event) => {
    // What is kept goes on by itself on any page; the rest would be gone.
    if (incoming.isBusy || (!store.isKept && totalsOf(items.values()).open > 0)) event.preventDefault();
  });
}
