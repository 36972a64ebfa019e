// The form by which guests send photos: shows what was chosen. Without this script the browser's own control says how many.
import { drawingOf } from './parts/drawing.ts';
import { openSentences } from './parts/sentences.ts';

const form = document.querySelector<HTMLFormElement>('#guest-form');
const template = document.querySelector<HTMLTemplateElement>('#chosen-photo');
const input = form?.querySelector<HTMLInputElement>('#choose') ?? null;
const list = form?.querySelector<HTMLElement>('.chosen') ?? null;
if (form !== null && template !== null && input !== null && list !== null) open(form, template, input, list);

function open(
  form: HTMLFormElement,
  template: HTMLTemplateElement,
  input: HTMLInputElement,
  list: HTMLElement,
): void {
  const says = openSentences(form.dataset['says']);
  const name = form.querySelector('.source b');
  const choose = name?.textContent ?? '';
  let turn = 0;
  const show = () => {
    turn += 1;
    const files = [...(input.files ?? [])];
    const rows = files.map((file) => rowOf(template, file));
    list.replaceChildren(...rows);
    form.classList.toggle('has-chosen', files.length > 0);
    name?.replaceChildren(files.length > 0 ? says('again') : choose);
    const count = { n: files.length.toLocaleString(document.documentElement.lang) };
    form
      .querySelector('.chosen-says')
      ?.replaceChildren(files.length === 0 ? '' : says(files.length === 1 ? 'one' : 'many', count));
    const mine = turn;
    void draw(files, rows, () => mine === turn);
  };
  input.addEventListener('change', show);
  // Also what the browser has kept of a form that somebody comes back to.
  addEventListener('pageshow', show);
}

function rowOf(template: HTMLTemplateElement, file: File): HTMLElement {
  const row = (template.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement;
  row.querySelector('small')?.replaceChildren(file.name);
  return row;
}

/** One after the other: decoding a picture of 12 megapixels takes 50 MB for a moment. What can't be drawn here, as HEIC in most, keeps its sign. */
async function draw(
  files: readonly File[],
  rows: readonly HTMLElement[],
  isWanted: () => boolean,
): Promise<void> {
  for (const [at, file] of files.entries()) {
    if (!isWanted()) return;
    const picture = await drawingOf(file, 256).catch(() => undefined);
    if (picture !== undefined) rows[at]?.querySelector('.thumb-picture')?.replaceChildren(picture);
  }
}
