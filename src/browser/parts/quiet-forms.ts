// Sends small forms without leaving the page: the buttons of a list stay where they are. Whatever is refused is sent again as a plain
// form, so that the server's own page says why.

/** @param sent called when the server has done it. */
export function openQuietForms(section: HTMLElement, sent: (form: HTMLFormElement) => void): void {
  section.addEventListener('submit', (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset['quiet'] === undefined) return;
    event.preventDefault();
    const button = form.querySelector('button');
    // Twice the same is never meant.
    if (button?.ariaDisabled === 'true') return;
    if (button !== null) button.ariaDisabled = 'true';
    post(form)
      .then((isDone) => (isDone ? sent(form) : form.submit()))
      .catch(() => form.submit())
      .finally(() => {
        if (button !== null) button.ariaDisabled = null;
      });
  });
}

async function post(form: HTMLFormElement): Promise<boolean> {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === 'string') body.append(name, value);
  const response = await fetch(form.action, {
    method: 'POST',
    body,
    headers: { Accept: 'application/json' },
  });
  return response.ok;
}
