// Registers the service worker. Only secure addresses have one; everywhere else Sajin works without.
import { scriptUrl } from './script-url.ts';

export function registerServiceWorker(): void {
  if (!('serviceWorker' in navigator)) return;
  const register = () =>
    navigator.serviceWorker
      .register(scriptUrl('/service-worker.js'), { updateViaCache: 'none' })
      // Private windows and full disks refuse; nothing of the page depends on it.
      .catch(() => undefined);
  // After everything the page needs for itself.
  if (document.readyState === 'complete') void register();
  else addEventListener('load', register);
}
