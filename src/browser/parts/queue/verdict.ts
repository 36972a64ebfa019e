// What an answer of the server means for an item. Decides by status and code only, never by text.

export interface AnswerFacts {
  /** Undefined when there was no answer. */
  readonly status: number | undefined;
  /** From problem+json; undefined when it was something else, as a proxy's own page. */
  readonly code?: string | undefined;
  readonly detail?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  /** Whether the request was for an upload that had been begun. */
  readonly resuming: boolean;
}

export type Verdict =
  /** Again by itself. `afresh` from the first byte; `smaller` in pieces that a proxy lets through. */
  | {
      readonly is: 'again';
      readonly code: 'no-connection' | 'signed-out' | 'busy' | 'server' | 'disk-full' | 'too-many-uploads';
      readonly detail?: string | undefined;
      readonly atLeastMs?: number | undefined;
      readonly afresh?: boolean;
      readonly smaller?: boolean;
    }
  /** For good: the same bytes will be refused again. */
  | { readonly is: 'refused'; readonly code: string; readonly detail?: string | undefined }
  /** Waits, as it is and as far as it is, until a page of its user is opened. */
  | { readonly is: 'apart'; readonly code: 'other-user' }
  /** Waits for a person. */
  | { readonly is: 'failed'; readonly code: string; readonly detail?: string | undefined };

const longMs = 60_000;
// A server that breaks on this file again and again must not be asked for ever.
export const mostBreaks = 6;

/** @param tries how often this item was tried before */
export function verdictOn(answer: AnswerFacts, tries: number): Verdict {
  const { status, code, detail, retryAfterMs, resuming } = answer;
  if (status === undefined || status === 0) return { is: 'again', code: 'no-connection' };
  // What was shot keeps until somebody has signed in again, and how far it was.
  if (status === 401) return { is: 'again', code: 'signed-out', detail, atLeastMs: longMs };
  if (code === 'other-user') return { is: 'apart', code };
  // Shortened, the same bytes will do.
  if (code === 'title-too-long') return { is: 'failed', code, detail };
  if (code === 'too-many-uploads') return { is: 'again', code, detail, atLeastMs: longMs };
  // No time makes room, people do: it stays here, with a button to send it again.
  if (code === 'quota-used-up') return { is: 'failed', code, detail };
  if (status === 507) return { is: 'again', code: 'disk-full', detail, atLeastMs: longMs };
  if (status === 413 && code === undefined) return { is: 'again', code: 'server', smaller: true };
  if ([413, 415, 422].includes(status)) return { is: 'refused', code: code ?? 'refused', detail };
  const afresh = status === 460 || (resuming && [403, 404, 410].includes(status));
  if (afresh && tries < mostBreaks) return { is: 'again', code: 'server', afresh };
  if ([408, 409, 423, 425, 429, 502, 503, 504].includes(status))
    return { is: 'again', code: 'busy', detail, atLeastMs: retryAfterMs };
  if (status >= 500 && tries < mostBreaks) return { is: 'again', code: 'server', detail };
  return { is: 'failed', code: code ?? 'server', detail };
}

/** `Retry-After` in seconds or as a date; undefined when there is none that makes sense. */
export function retryAfterMs(value: string | null | undefined, now: number): number | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  const seconds = Number(value);
  const wait = Number.isNaN(seconds) ? Date.parse(value) - now : seconds * 1_000;
  return Number.isNaN(wait) || wait < 0 ? undefined : Math.min(wait, 10 * 60_000);
}

/** `code` and `detail` of problem+json; nothing of anything else. */
export function problemIn(body: string): { readonly code?: string; readonly detail?: string } {
  try {
    const problem: unknown = JSON.parse(body);
    if (typeof problem !== 'object' || problem === null) return {};
    return {
      ...('code' in problem && typeof problem.code === 'string' ? { code: problem.code } : {}),
      ...('detail' in problem && typeof problem.detail === 'string' ? { detail: problem.detail } : {}),
    };
  } catch {
    return {};
  }
}
