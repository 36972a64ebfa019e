// What the page's own script says, in words that the server wrote into the page; fills in what is in braces.

export type Sentences = (name: string, facts?: Readonly<Record<string, string>>) => string;

/** A sentence that is not there is ''. Some are others where there is no keyboard to speak of. */
export function openSentences(json: string | undefined): Sentences {
  const parsed: unknown = JSON.parse(json ?? '{}');
  const known = typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  const byTouch = matchMedia('(hover: none)').matches;
  return (name, facts = {}) => {
    const sentence = (byTouch ? known[`${name}ByTouch`] : undefined) ?? known[name];
    if (typeof sentence !== 'string') return '';
    return filled(sentence, facts);
  };
}

export const filled = (sentence: string, facts: Readonly<Record<string, string>>): string =>
  sentence.replace(/\{(\w+)\}/g, (whole, fact: string) => facts[fact] ?? whole);
