// One file of the upload queue as the page shows it. All words come from the server's template; nothing is sent from here.

export type RowState =
  | 'ready'
  | 'waiting'
  | 'sending'
  | 'done'
  | 'duplicate'
  | 'again'
  | 'broken'
  | 'refused'
  | 'failed';

export interface Row {
  readonly file: File;
  readonly element: HTMLElement;
  readonly state: RowState;
  readonly title: string;
  /** @param reason shown for `refused` and `failed`. */
  show(state: RowState, reason?: string): void;
  progress(sent: number): void;
  linkTo(address: string): void;
  remove(): void;
}

export function openRow(
  template: HTMLTemplateElement,
  file: File,
  does: { retry(row: Row): void; removed(row: Row): void },
): Row {
  const element = document.importNode(template.content, true).querySelector<HTMLElement>('.row');
  if (element === null) throw new Error('The template of the upload queue has no row.');
  const find = <E extends Element>(selector: string) => element.querySelector<E>(selector);
  const preview = URL.createObjectURL(file);
  let state: RowState = 'ready';

  const row: Row = {
    file,
    element,
    get state() {
      return state;
    },
    get title() {
      return find<HTMLInputElement>('.row-title')?.value ?? '';
    },
    show(next, reason) {
      state = next;
      element.dataset['state'] = next;
      const place = find('.reason');
      if (place !== null) place.textContent = reason ?? '';
      if (next !== 'sending') write(find('output'), '');
      write(find('.row-name'), [row.title, file.name].filter((part) => part !== '').join(' · '));
    },
    progress(sent) {
      const bar = find<HTMLProgressElement>('progress');
      if (bar !== null) bar.value = sent;
      write(find('output'), `${Math.round(sent * 100)} %`);
    },
    linkTo(address) {
      find<HTMLAnchorElement>('[data-do="open"]')?.setAttribute('href', address);
    },
    remove() {
      URL.revokeObjectURL(preview);
      element.remove();
      does.removed(row);
    },
  };

  const picture = find<HTMLImageElement>('img');
  // What is no picture has no preview either; without an address the browser draws no broken one.
  picture?.addEventListener('error', () => picture.removeAttribute('src'));
  picture?.setAttribute('src', preview);
  write(find('.row-name'), file.name);
  find('[data-do="retry"]')?.addEventListener('click', () => does.retry(row));
  find('[data-do="remove"]')?.addEventListener('click', () => row.remove());
  return row;
}

function write(place: Element | null, text: string): void {
  if (place !== null) place.textContent = text;
}
