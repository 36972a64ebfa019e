// Ties the picture in the list to the same picture on its own page, so that the browser can let one grow out of the other.

addEventListener('pageswap', (event) => {
  if (event.viewTransition) name(photoIn(event.activation?.entry.url), event.viewTransition);
});

addEventListener('pagereveal', (event) => {
  if (event.viewTransition) name(photoIn(navigation.activation?.from?.url), event.viewTransition);
});

const photoIn = (address: string | null | undefined) =>
  address ? /^\/photos\/([^/]+)$/.exec(new URL(address).pathname)?.[1] : undefined;

// Named for this one transition only: a name that stayed would tie the wrong picture to the next.
function name(id: string | undefined, transition: ViewTransition): void {
  // A transition that is skipped, as when somebody steps on quickly, rejects; nothing is wrong then.
  for (const step of [transition.updateCallbackDone, transition.ready, transition.finished])
    step.catch(() => {});
  const picture = document.getElementById(id ?? '')?.querySelector<HTMLElement>('img:last-of-type');
  if (!picture) return;
  picture.style.viewTransitionName = 'photo';
  const forget = () => {
    picture.style.viewTransitionName = '';
  };
  transition.finished.then(forget, forget);
}
