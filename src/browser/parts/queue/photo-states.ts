// How far the server is with the photos that arrived: developing, done, failed. Listens only while somebody looks.
import { openNews } from '../news.ts';
import type { PhotoState } from './shown.ts';

export interface PhotoStates {
  of(photo: string): PhotoState | undefined;
  /** Listens while there is something to wait for. */
  want(wanted: boolean): void;
}

interface Seen {
  readonly id?: unknown;
  readonly state?: unknown;
}

// Who comes back to a page of a thousand photos asks for its newest pages, not for each photo.
const mostPages = 5;

/** @param changed is called when any state may be another one. */
export function openPhotoStates(changed: () => void): PhotoStates {
  const states = new Map<string, PhotoState>();
  let stopListening: (() => void) | undefined;
  let wanted = false;

  const learn = ({ id, state }: Seen) => {
    if (typeof id === 'string' && isState(state)) states.set(`/photos/${id}`, state);
  };
  const catchUp = async () => {
    let next: string | undefined = '/?limit=200';
    for (let page = 0; page < mostPages && next !== undefined; page += 1) {
      const answer = await fetch(next, { headers: { Accept: 'application/json' } });
      const found = (await answer.json()) as { photos?: Seen[]; next?: string };
      for (const photo of found.photos ?? []) learn(photo);
      next = found.next;
    }
    changed();
  };
  const hear = (source: EventSource) => {
    // Before it and after every gap anything may have happened. Without a connection it opens again by itself.
    source.addEventListener('open', () => void catchUp().catch(() => undefined));
    source.addEventListener('photo-changed', ({ data }: MessageEvent<string>) => {
      learn(JSON.parse(data) as Seen);
      changed();
    });
  };
  const settle = () => {
    if (wanted && !document.hidden) stopListening ??= openNews(hear);
    else {
      stopListening?.();
      stopListening = undefined;
    }
  };
  document.addEventListener('visibilitychange', settle);

  return {
    of: (photo) => states.get(photo),
    want(isWanted) {
      wanted = isWanted;
      settle();
    },
  };
}

const isState = (state: unknown): state is PhotoState =>
  state === 'waiting' || state === 'developing' || state === 'done' || state === 'failed';
