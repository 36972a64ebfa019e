// Asks the browser to wake the service worker for the queue, also after every page was closed.

export const queueTag = 'sajin-queue';

export interface SyncRegistration {
  readonly sync?: { register(tag: string): Promise<void> };
}

/** @param registration of the service worker; the page's own if absent. Where nothing of the kind is there, only pages send. */
export async function askForSync(registration?: SyncRegistration): Promise<void> {
  const container: ServiceWorkerContainer | undefined = globalThis.navigator?.serviceWorker;
  const found = registration ?? ((await container?.ready) as SyncRegistration | undefined);
  await found?.sync?.register(queueTag).catch(() => undefined);
}
