// Tells a file that the server would refuse before it is sent. The sentences stand on the page, in the reader's language.

/** The sentence the server would answer with; undefined when it may well take the file: it decides by the bytes. */
export function refusalOf({ type, size }: File): string | undefined {
  const { maxBytes, accept, tooLarge, unsupported, empty } = document.body.dataset;
  if (size === 0) return empty;
  if (size > Number(maxBytes)) return tooLarge;
  // A browser that knows no type says ''.
  return type === '' || accept?.split(',').includes(type) ? undefined : unsupported;
}
