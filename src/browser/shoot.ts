// The shooting mode: the camera stays open and every shot goes into the queue. Where there is no camera, the form below it does.
import { ownerHere } from './parts/queue/owner.ts';
import { keepSending } from './parts/queue/sending-here.ts';
import { openQueueStore, type QueueStore } from './parts/queue/store.ts';
import { refusalOf } from './parts/refusal.ts';
import { type Finder, openFinder } from './parts/shoot/finder.ts';
import { openRunningTitle } from './parts/shoot/running-title.ts';
import { openShots, type Shots } from './parts/shoot/shots.ts';

/** Puts a picture into the queue and says what came of it. Never rejects. */
type Keep = (picture: Blob, title: string) => Promise<void>;

const page = document.querySelector<HTMLElement>('#shooting');
const video = page?.querySelector('video');
const list = page?.querySelector<HTMLElement>('.shots');
if (page && video && list) void openShooting(page, openFinder(page, video, list), list);

async function openShooting(page: HTMLElement, finder: Finder, list: HTMLElement): Promise<void> {
  const store = await openQueueStore(await ownerHere());
  keepSending(store);
  const titles = openRunningTitle(storage());
  const shots = showShots(page, store, list);
  const say = openSay(page);
  const isPrivate = openPrivacy(page);
  const keep: Keep = async (picture, title) => {
    try {
      await shots.add(picture, { title: titles.next(title), isPrivate: isPrivate() });
      say(store.isKept ? '' : 'inMemory');
    } catch {
      titles.takeBack();
      say('notKept');
    }
  };
  const retake = async () => {
    if (!(await shots.takeBack())) return;
    titles.takeBack();
    say('retaken');
    find(page, '#shutter')?.focus();
  };
  onClick(page, '#retake', () => void retake());
  openShutter(page, finder, keep, () => say('notTaken'));
  openControls(page, finder);
  openForm(page, keep);
  await finder.open();
}

function showShots(page: HTMLElement, store: QueueStore, list: HTMLElement): Shots {
  const template = find<HTMLTemplateElement>(page, '#shot-row');
  if (template === null) throw new Error('The page has no template for shots.');
  const { one = '', many = '' } = page.dataset;
  const shots: Shots = openShots(store, {
    list,
    template,
    changed(canTakeBack) {
      find(page, '#retake')?.toggleAttribute('hidden', !canTakeBack);
      const words = shots.count === 1 ? one : many;
      write(find(page, '.camera-count'), shots.count === 0 ? '' : words.replace('{n}', String(shots.count)));
    },
  });
  return shots;
}

function openShutter(page: HTMLElement, finder: Finder, keep: Keep, failed: () => void): void {
  let isTaking = false;
  let isWanted = false;
  const shoot = async () => {
    const { camera } = finder;
    if (camera === undefined) return;
    // A quick finger does not wait for the camera; what it asked for is done afterwards.
    isWanted = isTaking;
    if (isTaking) return;
    isTaking = true;
    flash(page);
    const title = find<HTMLInputElement>(page, '#running-title')?.value ?? '';
    await camera.take().then((picture) => keep(picture, title), failed);
    isTaking = false;
    if (isWanted) void shoot();
  };
  onClick(page, '#shutter', () => void shoot());
  addEventListener('keydown', (event) => {
    if (!isShutterKey(event) || finder.camera === undefined) return;
    event.preventDefault();
    void shoot();
  });
}

function openControls(page: HTMLElement, finder: Finder): void {
  onClick(page, '#turn', finder.turn);
  onClick(page, '#light', finder.toggleLight);
  onClick(page, '#again', () => void finder.open());
  // Nobody's camera is on behind their back.
  addEventListener('pagehide', finder.close);
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) finder.reopen();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') finder.close();
    else finder.reopen();
  });
}

/** Whether only the reader is to see the shots. One choice in two places: where the camera fails, the form must not show what was hidden. */
function openPrivacy(page: HTMLElement): () => boolean {
  const choices = [...page.querySelectorAll<HTMLInputElement>('[data-private], [name=private]')];
  for (const choice of choices)
    choice.addEventListener('change', () => {
      for (const other of choices) other.checked = choice.checked;
    });
  return () => choices.some(({ checked }) => checked);
}

/** The form for one by one: with scripts a picture goes the way of all shots, and the next can be taken at once. */
function openForm(page: HTMLElement, keep: Keep): void {
  const form = find<HTMLFormElement>(page, '#one-by-one');
  const input = find<HTMLInputElement>(page, '#one');
  const take = async () => {
    const title = find<HTMLInputElement>(page, '#plain-title')?.value ?? '';
    for (const file of input?.files ?? []) {
      const refused = await refusalOf(file);
      if (refused === undefined) await keep(file, title);
      else write(find(page, '.plain-says'), refused.reason);
    }
    if (input) input.value = '';
  };
  input?.addEventListener('change', () => void take());
  form?.addEventListener('submit', (event) => {
    event.preventDefault();
    void take();
  });
}

// A button that has the focus is pressed by the space bar anyway. Remote shutters and some phones send the keys for the volume.
function isShutterKey({ key, target, repeat, altKey, ctrlKey, metaKey }: KeyboardEvent): boolean {
  if (repeat || altKey || ctrlKey || metaKey) return false;
  if (/^(Audio)?Volume(Up|Down)$/.test(key)) return true;
  return key === ' ' && !(target instanceof HTMLElement && target.matches('input, textarea, button, a'));
}

function flash(page: HTMLElement): void {
  page.classList.remove('flash');
  // Reading a size makes the browser notice that the class was gone, so that the animation begins again.
  void page.offsetWidth;
  page.classList.add('flash');
}

/** Sentences that the server wrote into the page; '' for silence. */
function openSay(page: HTMLElement): (name: string) => void {
  return (name) => {
    const words = name === '' ? '' : (find(page, `[data-say="${name}"]`)?.textContent ?? '');
    for (const place of ['.camera-says', '.plain-says']) write(find(page, place), words);
  };
}

function find<E extends HTMLElement>(page: HTMLElement, selector: string): E | null {
  return page.querySelector<E>(selector);
}

function onClick(page: HTMLElement, selector: string, act: () => void): void {
  find(page, selector)?.addEventListener('click', act);
}

function write(place: Element | null, text: string): void {
  if (place !== null) place.textContent = text;
}

// May be forbidden; then titles begin at 1 again after a reload.
function storage(): Storage | undefined {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}
