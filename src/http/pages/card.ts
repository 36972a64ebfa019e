// A photo as the list shows it: addresses, sizes and words for the template. Plain strings; the template escapes them.
import { shownLabels, type Threshold } from '../../gallery/detection.ts';
import { spokenLabel } from '../../gallery/labels.ts';
import type { PhotoCard, PhotoState, Rendition } from '../../gallery/photo.ts';
import { photoPath, renditionPath, sourceSet } from '../links.ts';
import { altText, type Speech } from '../words.ts';
import { ratioClasses } from './ratio.ts';

export interface Picture {
  readonly src: string;
  readonly srcset: string;
  readonly sizes: string;
}

export interface Card {
  readonly id: string;
  readonly href: string;
  readonly alt: string;
  readonly title: string;
  /** "2 people, 1 dog", '' when nothing is shown. */
  readonly labels: string;
  readonly width: number;
  readonly height: number;
  /** The classes that hold the card's place in a justified row. */
  readonly ratio: string;
  /** Not among the first, so it is not loaded before somebody scrolls to it. */
  readonly lazy: boolean;
  readonly placeholder?: string | undefined;
  readonly picture?: Picture | undefined;
  /** Nobody else sees it. */
  readonly isPrivate: boolean;
  readonly state: PhotoState;
  /** Said on the card unless the photo is done. */
  readonly stateWord?: string;
}

// As many as a first screen may show; later ones are not loaded before somebody scrolls to them.
const eagerCards = 12;

// Heights and columns of static/css/grid.css: the browser chooses a rendition by them before it knows the layout.
const rowHeight = 240;
const columnShare = 33.4;
// A panorama would fill a whole row and a receipt be a sliver: beyond these they are cropped.
const widest = 2.5;
const tallest = 0.5;

// A caption is one line; the photo's page has them all.
const mostLabels = 4;

/** What a photo is called where it needs a name: its title, or the day it came. */
export const nameOf = ({ title, uploadedAt }: PhotoCard, { words, day }: Speech): string =>
  title === '' ? words.pages.photoOf(day(uploadedAt)) : title;

export function cardOf(
  photo: PhotoCard,
  index: number,
  speech: Speech,
  {
    label,
    threshold,
    base,
  }: {
    readonly label?: string | undefined;
    readonly threshold: Threshold;
    /** Of the link that shows it; see photoPath. */
    readonly base?: string;
  },
): Card {
  const { id, title, state, width, height, placeholder } = photo;
  return {
    id,
    href: photoPath(id, label, base),
    alt: altText(photo, threshold, speech),
    title,
    labels: shownLabels(photo.labels, threshold)
      .slice(0, mostLabels)
      .map(({ label, count }) => spokenLabel(label, count, speech.language))
      .join(speech.words.alt.join),
    width,
    height,
    ratio: ratioClasses(Math.min(widest, Math.max(tallest, width / height))),
    lazy: index >= eagerCards,
    placeholder,
    picture: cardPicture(photo, base),
    isPrivate: photo.isPrivate === true,
    state,
    ...(state === 'done' ? {} : { stateWord: speech.words.states[state] }),
  };
}

/** A picture beside a label; decoration, since the label says it all. */
export function coverOf(
  photo: PhotoCard | undefined,
): (Picture & { placeholder?: string | undefined }) | undefined {
  const picture = photo && cardPicture(photo);
  return picture && { ...picture, sizes: coverSizes, placeholder: photo.placeholder };
}

// Columns of static/css/labels.css; a landscape is cropped to a square, so it is asked for half as wide again.
const coverSizes = '(min-width: 900px) 330px, 75vw';

// A square cell crops: its picture must be wide enough for the shorter edge to fill it.
function cardPicture({ id, renditions, width, height }: PhotoCard, base?: string): Picture | undefined {
  const small: readonly Rendition[] = renditions.slice(0, 2);
  const [first] = small;
  if (first === undefined) return undefined;
  const ratio = width / height;
  const sizes = `(min-width:900px) ${Math.round(ratio * rowHeight)}px,${Math.ceil(Math.max(ratio, 1) * columnShare)}vw`;
  return { src: renditionPath(id, first, base), srcset: sourceSet({ id, renditions: small }, base), sizes };
}
