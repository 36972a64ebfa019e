// What the page says while somebody corrects: a line to be seen, and the same or more to be heard.

export interface Voice {
  /** A hint: seen and heard. */
  say(text: string): void;
  /** What has happened, where the page shows it anyway. */
  tell(text: string): void;
  /** What went wrong, with a button where trying again may help. */
  complain(text: string, again?: { readonly name: string; readonly act: () => void }): void;
}

export function openVoice(seen: Element | null, heard: Element | null): Voice {
  // A live region speaks at every write, also of the same words.
  const write = (place: Element | null, text: string) => {
    if (place !== null && place.textContent !== text) place.textContent = text;
  };
  const say = (text: string) => {
    seen?.classList.remove('trouble');
    write(seen, text);
    write(heard, text);
  };
  return {
    say,
    tell: (text) => write(heard, text),
    complain(text, again) {
      say(text);
      seen?.classList.add('trouble');
      if (again === undefined) return;
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'button';
      button.textContent = again.name;
      button.addEventListener('click', again.act);
      seen?.append(' ', button);
    },
  };
}
