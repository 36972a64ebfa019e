// The page "Add photos": the queue as rows, and everything that can be done with it. Without this script its form is sent as a whole.
import {
  beginVisit,
  clearFinished,
  isClearable,
  pause,
  pauseAll,
  resume,
  resumeAll,
  retryAll,
} from './parts/queue/acts.ts';
import { showApart } from './parts/queue/apart.ts';
import { openIncoming } from './parts/queue/incoming.ts';
import { ownerHere } from './parts/queue/owner.ts';
import { openPhotoStates } from './parts/queue/photo-states.ts';
import { openRows } from './parts/queue/rows.ts';
import { save } from './parts/queue/save.ts';
import { keepSending } from './parts/queue/sending-here.ts';
import { goOnWithShared } from './parts/queue/shared.ts';
import { totalsOf } from './parts/queue/shown.ts';
import { openQueueStore, type QueueItem, type QueueStore } from './parts/queue/store.ts';
import { openSummary } from './parts/queue/summary.ts';
import { takeUpTyped } from './parts/queue/take-up.ts';
import { openTakingOut } from './parts/queue/taking-out.ts';
import { openThumbnails } from './parts/queue/thumbnails.ts';
import { openTitleForAll } from './parts/queue/title-for-all.ts';
import { titledByHand } from './parts/queue/titles.ts';
import { openTypedTitles } from './parts/queue/typed-titles.ts';
import { openSentences, type Sentences } from './parts/sentences.ts';
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

  const store = await openQueueStore(await ownerHere());
  await takeUpTyped().catch(() => undefined);
  await beginVisit(store).catch(() => undefined);
  const waits = await goOnWithShared(store).catch(() => false);
  showQueue(form, template, list, store, waits);
  keepSending(store);
}

function showQueue(
  form: HTMLFormElement,
  template: HTMLTemplateElement,
  list: HTMLElement,
  store: QueueStore,
  waitsForPerson: boolean,
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
  const typed = openTypedTitles();
  const rename = async (id: string, title: string) => {
    await store.update(id, titledByHand(title));
    typed.written(id, title);
  };
  const titleForAll = openTitleForAll(form, store, typed, tried);
  const rows = openRows(list, template, says, openThumbnails(store), {
    act(act, id) {
      const item = items.get(id);
      if (item === undefined) return;
      tried(
        act === 'cancel' ? out.takeOut([item]) : { pause, resume, retry: resume, save }[act](store, item),
      );
    },
    typing: typed.put,
    title: (id, title) => tried(rename(id, title)),
  });

  const out = openTakingOut(store, {
    left(id) {
      items.delete(id);
      rows.remove(id);
      later();
    },
    back(item) {
      put(item);
      later();
    },
    mayComeBack: (leaving) => showWayBack(form, says, leaving),
  });
  form.querySelector('.taken-out button')?.addEventListener('click', () => tried(out.undo()));

  const put = (item: QueueItem) => {
    if (out.isLeaving(item.id)) return;
    items.set(item.id, item);
    rows.put(item, item.photo === undefined ? undefined : states.of(item.photo));
  };
  const show = () => {
    const totals = totalsOf(items.values());
    const toggle = (selector: string, isShown: boolean) =>
      form.querySelector(selector)?.toggleAttribute('hidden', !isShown);
    const hadFocus = form.querySelector('.queue-do')?.contains(document.activeElement) === true;
    toggle('.queue', items.size > 0);
    toggle('[data-all=pause]', totals.open > 0);
    toggle('[data-all=resume]', totals.paused > 0 && totals.open === 0);
    toggle('[data-all=retry]', totals.failed > 0);
    toggle('[data-all=out]', totals.paused > 1 && totals.open === 0);
    toggle('[data-all=clear]', totals.open === 0 && [...items.values()].some(isClearable));
    toggle('.finished', totals.stored > 0 && totals.stored === totals.all);
    titleForAll.show(items);
    toggle('.not-kept', !store.isKept && totals.open > 0);
    // Pausing turns its own button into another one: the keyboard stays where it was.
    if (hadFocus && document.activeElement?.matches(':not([hidden])') !== true)
      form.querySelector<HTMLElement>('.queue-do > :not([hidden])')?.focus();
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
  tried(showApart(form, store, says, tried));
  const incoming = openIncoming(form, store, titleForAll, {
    leftOut: (count) => note(says('leftOut', { n: String(count) })),
    changed: later,
    tried,
  });
  const takeAllOut = () => out.takeOut([...items.values()].filter(({ state }) => state === 'paused'));
  const all = { pause: pauseAll, resume: resumeAll, retry: retryAll, clear: clearFinished, out: takeAllOut };
  if (waitsForPerson) note(says('shared'));
  for (const button of form.querySelectorAll<HTMLButtonElement>('button[data-all]'))
    button.addEventListener('click', () => tried(all[button.dataset['all'] as keyof typeof all](store)));
  addEventListener('beforeunload', (event) => {
    // What is kept goes on by itself on any page; the rest would be gone.
    if (incoming.isBusy || (!store.isKept && totalsOf(items.values()).open > 0)) event.preventDefault();
  });
}

/** One line that says what was taken out and offers it back, for as long as there are such. */
function showWayBack(form: HTMLFormElement, says: Sentences, leaving: readonly QueueItem[]): void {
  const line = form.querySelector<HTMLElement>('.taken-out');
  const words = line?.querySelector('span');
  const [one] = leaving;
  if (line === null || words == null) return;
  line.hidden = one === undefined;
  words.textContent =
    leaving.length > 1
      ? says('manyOut', { n: String(leaving.length) })
      : one === undefined
        ? ''
        : says('oneOut', { name: one.title || one.name });
}
