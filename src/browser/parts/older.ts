// Brings older photos when the end of the list comes near. The link that leads there stays, for everybody else.
import { fetchPage } from './page.ts';

export function openOlder(): void {
  const pager = document.querySelector('#pager');
  if (pager === null) return;
  const near = new IntersectionObserver(
    ([entry]) => {
      const link = pager.querySelector<HTMLAnchorElement>('[rel=next]');
      if (entry?.isIntersecting !== true || link === null || link.ariaBusy === 'true') return;
      link.ariaBusy = 'true';
      bring(link.href)
        .then((next) => {
          link.ariaBusy = 'false';
          if (next === undefined) link.remove();
          else link.href = next;
          // Observing anew asks again, in case the end is still near.
          near.unobserve(pager);
          near.observe(pager);
        })
        // Without a connection the link is still there to be tapped.
        .catch(() => near.disconnect());
    },
    { rootMargin: '800px' },
  );
  near.observe(pager);
}

/** Appends the days of that page and returns the address of the following one. */
async function bring(address: string): Promise<string | undefined> {
  const { pathname, search } = new URL(address);
  const page = await fetchPage(pathname + search);
  const days = document.querySelector('#days');
  for (const day of page.querySelectorAll<HTMLElement>('#days > .day')) {
    const last = days?.lastElementChild;
    const same = last instanceof HTMLElement && last.dataset['day'] === day.dataset['day'] ? last : undefined;
    // A day that was cut by the end of a page goes on where it stopped.
    const grid = same?.querySelector('.grid');
    if (grid)
      grid.append(...[...day.querySelectorAll('.card')].map((card) => document.importNode(card, true)));
    else days?.append(document.importNode(day, true));
  }
  return page.querySelector('#pager [rel=next]')?.getAttribute('href') ?? undefined;
}
