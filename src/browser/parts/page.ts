// Asks the server for one of its own pages, so that a script can take fresh pieces from it instead of writing HTML itself.

/**
 * The parsed page; its scripts do not run and its pictures do not load. XMLHttpRequest is the only parser that needs no
 * exception from `require-trusted-types-for 'script'`. Rejects when there is no page (any status but 200, no connection).
 * @param statuses of answers that are pages here
 */
export function fetchPage(address: string, statuses: readonly number[] = [200]): Promise<Document> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('GET', address);
    request.responseType = 'document';
    request.setRequestHeader('Accept', 'text/html');
    request.addEventListener('load', () => {
      const page = request.responseXML;
      if (statuses.includes(request.status) && page !== null) resolve(page);
      else reject(new Error(`${address} answered ${request.status}`));
    });
    request.addEventListener('error', () => reject(new Error(`${address} can't be reached`)));
    request.send();
  });
}

/** Puts the fresh piece in the old one's place, unless they are the same. Tells whether anything changed. */
export function renew(old: Element, fresh: Element): boolean {
  const piece = document.importNode(fresh, true);
  if (old.isEqualNode(piece)) return false;
  piece.classList.add('arrived');
  old.replaceWith(piece);
  return true;
}
