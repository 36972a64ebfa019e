// Brings a piece of the page to what the server says now, changing only what differs: a button under a finger, an open <details> and
// the focus stay what they are. Builds nothing that is not in the fresh piece.

/** @param fresh of another document; it is left as it was. */
export function morph(old: Element, fresh: Element): void {
  if (old.isEqualNode(fresh)) return;
  morphAttributes(old, fresh);
  morphChildren(old, fresh);
}

// Whether a <details> is open is the reader's business.
const own = (element: Element, name: string) => name === 'open' && element.localName === 'details';

function morphAttributes(old: Element, fresh: Element): void {
  for (const { name } of [...old.attributes])
    if (!fresh.hasAttribute(name) && !own(old, name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes)
    if (old.getAttribute(name) !== value && !own(old, name)) old.setAttribute(name, value);
}

function morphChildren(old: Element, fresh: Element): void {
  let next: ChildNode | null = old.firstChild;
  for (const child of fresh.childNodes) {
    const match = matching(next, child);
    if (match === undefined) {
      const added = document.importNode(child, true);
      if (added instanceof Element) added.classList.add('arrived');
      old.insertBefore(added, next);
      continue;
    }
    // What lies between is gone, or comes again further down.
    while (next !== null && next !== match) {
      const skipped = next;
      next = next.nextSibling;
      skipped.remove();
    }
    next = match.nextSibling;
    if (match instanceof Element && child instanceof Element) morph(match, child);
    else if (match.nodeValue !== child.nodeValue) match.nodeValue = child.nodeValue;
  }
  while (next !== null) {
    const left = next;
    next = next.nextSibling;
    left.remove();
  }
}

/** The first of these siblings that stands for the same thing. */
function matching(from: ChildNode | null, child: ChildNode): ChildNode | undefined {
  if (!(child instanceof Element))
    return from !== null && from.nodeType === child.nodeType ? from : undefined;
  const key = keyOf(child);
  for (let candidate = from; candidate !== null; candidate = candidate.nextSibling) {
    if (!(candidate instanceof Element)) continue;
    if (candidate.localName === child.localName && keyOf(candidate) === key) return candidate;
    // Without a name it is what stands there, or it is new.
    if (key === undefined) return undefined;
  }
  return undefined;
}

/** A form is what it does: another action is another button. */
const keyOf = (element: Element) =>
  element.id || element.getAttribute('data-key') || element.getAttribute('action') || undefined;
