// Rendered list pages, kept until anything visible changes. A gallery is looked at far more often than it changes.
import { createHash } from 'node:crypto';

export interface CachedPage {
  readonly html: Buffer;
  /** Strong, of exactly these bytes. */
  readonly etag: string;
}

/** About 10 MB at most: first pages of each label and language, and some depth. */
const mostPages = 256;

/** `get` renders on a miss. Pages of another revision are forgotten all at once. */
export function createPageCache(): {
  get(revision: number, key: string, render: () => Promise<string>): Promise<CachedPage>;
} {
  const pages = new Map<string, CachedPage>();
  let current = -1;
  return {
    async get(revision, key, render) {
      if (revision !== current) pages.clear();
      current = revision;
      const known = pages.get(key);
      if (known !== undefined) return known;
      const html = Buffer.from(await render());
      const page = { html, etag: `"${createHash('sha256').update(html).digest('base64url').slice(0, 27)}"` };
      // What was rendered while something changed may be of either revision: usable now, not to be kept.
      if (revision === current) remember(pages, key, page);
      return page;
    },
  };
}

function remember(pages: Map<string, CachedPage>, key: string, page: CachedPage): void {
  pages.set(key, page);
  const oldest = pages.keys().next();
  if (pages.size > mostPages && oldest.done !== true) pages.delete(oldest.value);
}
