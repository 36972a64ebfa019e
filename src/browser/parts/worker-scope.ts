// What the service worker uses of its own surroundings. TypeScript has these types only together with all of a worker's, which
// contradict those of a page.

import type { SyncRegistration } from './queue/background-sync.ts';
import type { AskedPage } from './queue/roll-call.ts';

export interface WaitingEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

export interface AskedEvent extends WaitingEvent {
  readonly request: Request;
  /** The browser's own request for a page, begun while the worker was still starting. */
  readonly preloadResponse: Promise<Response | undefined>;
  respondWith(answer: Promise<Response>): void;
}

export interface SyncEvent extends WaitingEvent {
  readonly tag: string;
  /** The browser will not come again after this one. */
  readonly lastChance: boolean;
}

export interface WorkerScope {
  readonly location: Location;
  readonly clients: {
    claim(): Promise<void>;
    matchAll(wanted: { type: 'window'; includeUncontrolled: boolean }): Promise<readonly AskedPage[]>;
  };
  readonly registration: ServiceWorkerRegistration & SyncRegistration;
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: WaitingEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: AskedEvent) => void): void;
  addEventListener(type: 'sync', listener: (event: SyncEvent) => void): void;
}
