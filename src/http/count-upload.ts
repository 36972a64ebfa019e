// Counts what becomes of every file that somebody sends, whichever way it comes.
import type { CountedUpload, Metrics } from '../metrics.ts';
import { statusOf, toGalleryError } from './errors.ts';

/** Looks on: what `keeping` rejects with stays its caller's. */
export function countUpload<T extends { readonly duplicate: boolean }>(
  metrics: Metrics,
  { way, bytes }: Pick<CountedUpload, 'way' | 'bytes'>,
  keeping: Promise<T>,
): Promise<T> {
  keeping.then(
    ({ duplicate }) => metrics.uploaded({ way, outcome: duplicate ? 'duplicate' : 'kept', bytes }),
    countRefusal(metrics, way),
  );
  return keeping;
}

/** The same for a body of which nothing may become a file. */
export function countRefused<T>(metrics: Metrics, way: CountedUpload['way'], coming: Promise<T>): Promise<T> {
  coming.catch(countRefusal(metrics, way));
  return coming;
}

const countRefusal = (metrics: Metrics, way: CountedUpload['way']) => (error: unknown) => {
  const isOurs = statusOf[toGalleryError(error).code] >= 500;
  metrics.uploaded({ way, outcome: isOurs ? 'failed' : 'refused', bytes: 0 });
};
