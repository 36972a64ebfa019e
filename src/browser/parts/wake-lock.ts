// Keeps the screen awake while something is being sent: a phone that falls asleep stops sending.

/** Say again and again how it is; where no lock can be had, retrying does the rest. */
export function openWakeLock(): (wanted: boolean) => void {
  let wanted = false;
  let held: Promise<WakeLockSentinel | undefined> | undefined;

  const settle = () => {
    if (wanted && held === undefined && !document.hidden && 'wakeLock' in navigator)
      held = navigator.wakeLock.request('screen').catch(() => undefined);
    else if (!wanted && held !== undefined) {
      void held.then((lock) => lock?.release());
      held = undefined;
    }
  };
  // The browser takes it back whenever the page is covered.
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) held = undefined;
    settle();
  });
  return (isWanted) => {
    wanted = isWanted;
    settle();
  };
}
