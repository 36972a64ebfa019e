// The forms of a correction: their place fields as a box and back, and how they are sent without leaving the page.
import type { Box } from './box-math.ts';
import { refusal } from './send.ts';

/** `gone`: the photo is not as the page shows it any more. */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly sentence: string; readonly gone: boolean }
  | { readonly kind: 'broken' };

export async function sendForm(form: HTMLFormElement, submitter: HTMLElement | null): Promise<Outcome> {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form, submitter))
    if (typeof value === 'string') body.append(name, value);
  try {
    const answer = await fetch(form.action, {
      method: 'POST',
      body,
      headers: { Accept: 'application/json' },
    });
    if (answer.ok) return { kind: 'done' };
    const json: unknown = await answer.json();
    const sentence = refusal({ status: answer.status, body: json as Record<string, unknown> });
    if (sentence === undefined) return { kind: 'broken' };
    return { kind: 'refused', sentence, gone: answer.status === 409 || answer.status === 404 };
  } catch {
    return { kind: 'broken' };
  }
}

const sides = ['left', 'top', 'width', 'height'] as const;

/** Undefined unless all four say something that can be a box. */
export function boxIn(form: HTMLFormElement): Box | undefined {
  const [x, y, width, height] = sides.map((side) => {
    const text = fieldOf(form, side)?.value ?? '';
    return text === '' ? Number.NaN : Number(text) / 100;
  }) as [number, number, number, number];
  const isBox = x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= 1.001 && y + height <= 1.001;
  return isBox ? { x, y, width, height } : undefined;
}

/** Tenths of a percent are less than a finger can aim at. */
export function writeBox(form: HTMLFormElement, box: Box | undefined): Readonly<Record<string, string>> {
  const texts = { left: box?.x, top: box?.y, width: box?.width, height: box?.height };
  const written: Record<string, string> = {};
  for (const side of sides) {
    const fraction = texts[side];
    written[side] = fraction === undefined ? '' : String(Math.round(fraction * 1000) / 10);
    const field = fieldOf(form, side);
    if (field !== undefined) field.value = written[side];
  }
  return written;
}

/** Back to what the server wrote into them. */
export function resetBox(form: HTMLFormElement): void {
  for (const side of sides) {
    const field = fieldOf(form, side);
    if (field !== undefined) field.value = field.defaultValue;
  }
}

function fieldOf(form: HTMLFormElement, name: string): HTMLInputElement | undefined {
  const field = form.elements.namedItem(name);
  return field instanceof HTMLInputElement ? field : undefined;
}
