// What the browser's room is given by assemble.ts: the gallery, what it may read from directly, and its own settings.
import type { Gallery } from '../gallery/gallery.ts';
import type { Darkroom, EventHub, Inbox, MediaStore, PhotoDatabase } from '../gallery/ports.ts';
import type { Log } from '../log.ts';
import type { Views } from './views.ts';
import type { Speeches } from './words.ts';

export interface HttpParts {
  readonly gallery: Gallery;
  readonly photos: PhotoDatabase;
  readonly media: MediaStore;
  readonly inbox: Inbox;
  readonly darkroom: Pick<Darkroom, 'status'>;
  readonly events: EventHub;
  readonly views: Views;
  readonly speeches: Speeches;
  readonly staticFolder: string;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly maxUploadBytes: number;
  /** Beside addresses and localhost. */
  readonly allowedHosts: readonly string[];
  /** Aborted from the moment the program was told to stop. */
  readonly closing: AbortSignal;
}
