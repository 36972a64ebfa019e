// Gives a photo that arrived already the title somebody typed meanwhile. Never takes away what somebody else wrote since.
import { factsIn, forWhom, TransferError } from './transfer.ts';

export interface LateTitle {
  readonly photo: string;
  readonly title: string;
  /** What the server was given with the bytes, or last. */
  readonly sentTitle: string;
  /** One whose answer never came: the photo may have it. */
  readonly toldTitle: string | undefined;
  /** Whose photo it is. */
  readonly user: string | undefined;
  readonly signal: AbortSignal;
  /** Writes down what the photo has, before it is told another one. */
  telling(present: string): Promise<unknown>;
}

// A photo that is being developed gets new versions while its title is on the way.
const races = 5;

/** The title that the photo has now. @throws TransferError */
export async function sendTitle(late: LateTitle): Promise<string> {
  const { photo, title, sentTitle, toldTitle = '', user, signal } = late;
  for (let race = 0; race < races; race += 1) {
    const found = await ask(photo, { signal, headers: forWhom(user) });
    // Somebody deleted it: there is nothing left to name.
    if (found.status === 404) return title;
    const { title: present = title } = (await found.json()) as { title?: string };
    if (present === title || !['', sentTitle, toldTitle].includes(present)) return present;
    await late.telling(present);
    const changed = await ask(photo, {
      method: 'PATCH',
      body: JSON.stringify({ title }),
      headers: {
        'Content-Type': 'application/json',
        'If-Match': found.headers.get('ETag') ?? '',
        ...forWhom(user),
      },
      signal,
    });
    if (changed.ok || changed.status === 404) return title;
  }
  throw new TransferError({ status: 409, resuming: false });
}

async function ask(photo: string, init: RequestInit): Promise<Response> {
  const headers = { Accept: 'application/json', ...(init.headers as Record<string, string>) };
  const answer = await fetch(photo, { ...init, headers, cache: 'no-store' }).catch(() => undefined);
  if (answer?.ok || (answer !== undefined && [404, 412].includes(answer.status))) return answer;
  init.signal?.throwIfAborted();
  throw new TransferError(
    answer === undefined ? { status: undefined, resuming: false } : await factsIn(answer),
  );
}
