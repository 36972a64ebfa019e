// The rows of the queue on the page. All markup and all words come from the server's templates; nothing is sent from here.
import type { Sentences } from '../sentences.ts';
import { type Act, actsFor, type PhotoState, type Shown, saidOf, saysWhy, shownOf } from './shown.ts';
import type { QueueItem } from './store.ts';
import type { Thumbnails } from './thumbnails.ts';
import { onPutAway, openTitleField, type TellTitle } from './title-field.ts';

export interface Rows {
  put(item: QueueItem, photo: PhotoState | undefined): void;
  remove(id: string): void;
}

export interface RowActs {
  act(act: Exclude<Act, 'open'>, id: string): void;
  /** With every letter. */
  typing(id: string, title: string): void;
  /** After a rest. */
  title(id: string, title: string): void;
}

interface Row {
  readonly element: HTMLElement;
  readonly thumb: HTMLElement;
  readonly title: HTMLInputElement;
  /** What was typed so far is told now. */
  tellTitle(): void;
  find<E extends Element>(selector: string): E | null;
}

export function openRows(
  list: HTMLElement,
  template: HTMLTemplateElement,
  says: Sentences,
  thumbnails: Thumbnails,
  acts: RowActs,
): Rows {
  const rows = new Map<string, Row>();

  const make = (item: QueueItem): Row => {
    const row = newRow(template, {
      typing: (title) => acts.typing(item.id, title),
      typed: (title) => acts.title(item.id, title),
    });
    write(row.find('.row-name'), item.name);
    for (const button of row.element.querySelectorAll<HTMLButtonElement>('button[data-do]')) {
      button.ariaLabel = `${button.title}: ${item.name}`;
      button.addEventListener('click', () => acts.act(button.dataset['do'] as Exclude<Act, 'open'>, item.id));
    }
    row.title.ariaLabel = `${row.title.ariaLabel}: ${item.name}`;
    const link = row.find<HTMLAnchorElement>('a[data-do]');
    if (link !== null) link.ariaLabel = `${link.textContent}: ${item.name}`;
    rows.set(item.id, row);
    insert(list, row.element, item.id);
    return row;
  };
  onPutAway(() => {
    for (const row of rows.values()) row.tellTitle();
  });

  return {
    put(item, photo) {
      const row = rows.get(item.id) ?? make(item);
      const shown = shownOf(item, photo);
      row.element.dataset['state'] = shown;
      row.element.dataset['id'] = item.id;
      write(row.find('.says'), (saysWhy(item) ? item.reason : undefined) ?? says(saidOf(item, shown)));
      row.find('.row-lock')?.toggleAttribute('hidden', item.isPrivate !== true);
      showProgress(row, item, shown);
      showActs(row, item);
      showTitle(row.title, item.title);
      row.title.hidden = ['refused', 'duplicate'].includes(shown);
      thumbnails.watch(row.thumb, item);
    },
    remove(id) {
      const row = rows.get(id);
      if (row === undefined) return;
      rows.delete(id);
      thumbnails.forget(row.thumb);
      moveFocus(row.element);
      row.element.remove();
    },
  };
}

function newRow(template: HTMLTemplateElement, tell: TellTitle): Row {
  const element = document.importNode(template.content, true).querySelector<HTMLElement>('.row');
  const thumb = element?.querySelector<HTMLElement>('.thumb');
  const title = element?.querySelector<HTMLInputElement>('.row-title');
  if (element === null || thumb == null || title == null)
    throw new Error('The template of the upload queue is incomplete.');
  return {
    element,
    thumb,
    title,
    tellTitle: openTitleField(title, tell),
    find: (selector) => element.querySelector(selector),
  };
}

/** Ids sort by time, and new ones nearly always come last. */
function insert(list: HTMLElement, element: HTMLElement, id: string): void {
  element.dataset['id'] = id;
  const last = list.lastElementChild as HTMLElement | null;
  if (last === null || (last.dataset['id'] ?? '') < id) list.append(element);
  else {
    const rows = [...list.children] as HTMLElement[];
    list.insertBefore(element, rows.find(({ dataset }) => (dataset['id'] ?? '') > id) ?? null);
  }
}

/** Not while somebody types; whoever only stands in the field, as after the one for all, sees what is filled in. */
function showTitle(input: HTMLInputElement, title: string): void {
  if (input.dataset['typed'] !== undefined) return;
  if (document.activeElement === input && input.value !== input.defaultValue) return;
  if (input.value !== title) input.value = title;
  if (input.defaultValue !== title) input.defaultValue = title;
}

function showProgress(row: Row, { sent, size }: QueueItem, shown: Shown): void {
  const bar = row.find<HTMLProgressElement>('progress');
  const share = size === 0 ? 0 : sent / size;
  if (bar !== null) bar.value = share;
  // Never "100 %" of something that still may be cut.
  write(row.find('.percent'), shown === 'sending' ? `${Math.min(99, Math.floor(share * 100))}%` : '');
}

function showActs(row: Row, item: QueueItem): void {
  const acts = actsFor(item);
  const focused = document.activeElement;
  for (const control of row.element.querySelectorAll<HTMLElement>('[data-do]'))
    control.hidden = !acts.includes(control.dataset['do'] as Act);
  if (item.photo !== undefined) row.find('a[data-do]')?.setAttribute('href', item.photo);
  // Pausing turns its own button into another one: the keyboard stays where it was.
  if (focused instanceof HTMLElement && focused.hidden && row.element.contains(focused))
    row.element.querySelector<HTMLElement>('[data-do]:not([hidden])')?.focus();
}

function moveFocus(leaving: HTMLElement): void {
  if (!leaving.contains(document.activeElement)) return;
  const next = leaving.nextElementSibling ?? leaving.previousElementSibling;
  const place = next?.querySelector<HTMLElement>('[data-do]:not([hidden])');
  (place ?? document.querySelector<HTMLElement>('main'))?.focus();
}

function write(place: Element | null, text: string): void {
  if (place !== null && place.textContent !== text) place.textContent = text;
}
