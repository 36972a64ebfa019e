// A title as far as it fits. For titles that nobody typed here: they are cut rather than refused together with their photo.
import { cleanTitle, maxTitleLength } from './photo.ts';

/** @param most UTF-16 units; never half a surrogate pair. */
export const cutTitle = (text: string, most: number = maxTitleLength): string =>
  cleanTitle(text)
    .slice(0, most)
    .replace(/[\uD800-\uDBFF]$/, '')
    .trimEnd();
