// Rendered list pages, kept until anything visible changes. A gallery is looked at far more often than it changes.
import { createHash } from 'node:crypto';

export interface CachedPage {
  readonly html: Buffer;
  /** Strong, of exactly these bytes. */
  readonly etag: string;
}

/** Enough for the first pages of each label and language, and some depth. */
const mostBytes = 4 * 1024 * 1024;

/** `get` renders on a miss. Pages of another revision are forgotten all at once. */
export function createPageCache(): {
  get(revision: number, key: string, render: () => Promise<string>): Promise<CachedPage>;
} {
  const pages = new Map<string, CachedPage>();
  let bytes = 0;
  let current = -1;
  return {
    async get(revision, key, render) {
      if (revision !== current) {
        pages.clear();
        bytes = 0;
      }
      current = revision;
      const known = pages.get(key);
      if (known !== undefined) return known;
      const html = Buffer.from(await render());
      const page = { html, etag: `"${createHash('sha256').update(html).digest('base64url').slice(0, 27)}"` };
      // What was rendered while something changed may be of either revision: usable now, not to be kept.
      if (revision === current && !pages.has(key)) {
        pages.set(key, page);
        bytes += html.length;
        while (bytes > mostBytes) bytes -= forgetOldest(pages);
      }
      return page;
    },
  };
}

/** Returns the bytes that went. */
function forgetOldest(pages: Map<string, CachedPage>): number {
  for (const [key, { html }] of pages) {
    pages.delete(key);
    return html.length;
  }
  return 0;
}
