// Draws what the editor's layer shows: spots that can be chosen, and the box that is being changed with its eight handles.
// Positions are percentages, since our policy forbids styles.
import type { Box } from './box-math.ts';
import type { Draft, Spot } from './editor.ts';

/** One focusable button a spot, in the order given; a spot that is there already keeps its element and so the focus. */
export function drawSpots(layer: SVGSVGElement, spots: readonly Spot[]): void {
  const known = new Map(
    [...layer.querySelectorAll<SVGRectElement>('.spot')].map((spot) => [spot.dataset['id'], spot]),
  );
  const wanted = spots.map(({ id, spoken, box }) => {
    const rect =
      known.get(id) ?? make('rect', { class: 'spot', tabindex: '0', role: 'button', 'data-id': id });
    known.delete(id);
    rect.setAttribute('aria-label', spoken);
    place(rect, box);
    return rect;
  });
  for (const gone of known.values()) gone.remove();
  for (const [at, rect] of wanted.entries()) {
    const there = layer.children[at];
    if (there !== rect) layer.insertBefore(rect, there ?? null);
  }
}

/** Without a box: something that has the keyboard while there is nothing to be seen yet. */
export function drawDraft(layer: SVGSVGElement, draft: Draft | undefined): void {
  layer.classList.toggle('editing', draft !== undefined);
  if (draft === undefined) {
    layer.querySelector('.draft-group')?.remove();
    return;
  }
  const group = layer.querySelector('.draft-group') ?? layer.appendChild(makeGroup());
  const box = draft.box ?? { x: 0, y: 0, width: 1, height: 1 };
  group.classList.toggle('unplaced', draft.box === undefined);
  for (const rect of group.querySelectorAll('rect')) place(rect, box);
  group.querySelector('.draft')?.setAttribute('aria-label', draft.spoken);
  for (const handle of group.querySelectorAll<SVGCircleElement>('.handle')) {
    handle.setAttribute('cx', percent(box.x + box.width * Number(handle.dataset['x'])));
    handle.setAttribute('cy', percent(box.y + box.height * Number(handle.dataset['y'])));
  }
}

function makeGroup(): SVGGElement {
  const group = make('g', { class: 'draft-group' });
  group.append(
    make('rect', { class: 'draft-dark', rx: '3' }),
    make('rect', { class: 'draft', rx: '3', tabindex: '0', role: 'application' }),
  );
  for (const y of [0, 0.5, 1])
    for (const x of [0, 0.5, 1])
      if (x !== 0.5 || y !== 0.5)
        group.append(
          make('circle', {
            class: x === 0.5 || y === 0.5 ? 'handle edge' : 'handle',
            r: x === 0.5 || y === 0.5 ? '5' : '7',
            'data-x': String(x),
            'data-y': String(y),
          }),
        );
  return group;
}

function make<N extends keyof SVGElementTagNameMap>(
  name: N,
  attributes: Readonly<Record<string, string>>,
): SVGElementTagNameMap[N] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  return element;
}

function place(rect: SVGRectElement, { x, y, width, height }: Box): void {
  for (const [name, fraction] of Object.entries({ x, y, width, height }))
    rect.setAttribute(name, percent(fraction));
}

const percent = (fraction: number) => `${Math.round(fraction * 10_000) / 100}%`;
