// EventHub in one process: tells listeners what was committed. Keeps nothing: who was away reads the page again.
import type { EventHub, GalleryEvent } from './gallery/ports.ts';

export function openEvents(): EventHub {
  const listeners = new Set<(event: GalleryEvent) => void>();
  return {
    publish(event) {
      for (const listener of listeners) {
        try {
          listener(event);
        } catch {
          listeners.delete(listener);
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
