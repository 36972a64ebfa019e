// One question to a server on the way to a model: redirects followed by hand, so that they lead nowhere they should not, and whatever
// goes wrong said in words. Sends no cookie, no credential, nothing about this gallery.
import { codeOf } from './files.ts';

/** It may work when it is tried again. */
export class Hiccup extends Error {
  override readonly name = 'Hiccup';
}

/** Trying again would end the same way. The message is a clause: `the server answered 404`. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

export interface RequestOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly maxRedirects: number;
}

/** @throws Hiccup, Refusal, or the signal's reason. The caller reads or cancels the body. */
export async function request(url: string, options: RequestOptions): Promise<Response> {
  let at = parseUrl(url);
  for (let hops = 0; ; hops += 1) {
    const response = await ask(at, options);
    if (!redirects.includes(response.status)) return response;
    await response.body?.cancel();
    if (hops === options.maxRedirects)
      throw new Refusal(`the server redirects more than ${options.maxRedirects} times`);
    at = nextOf(at, response.headers.get('location'));
  }
}

const redirects = [301, 302, 303, 307, 308];

async function ask(url: URL, { headers, signal }: RequestOptions): Promise<Response> {
  try {
    return await fetch(url, { headers, signal, redirect: 'manual' });
  } catch (error) {
    signal.throwIfAborted();
    throw new Hiccup(reasonOf(error, url.host));
  }
}

function parseUrl(text: string): URL {
  if (!URL.canParse(text)) throw new Refusal('this is no address');
  const url = new URL(text);
  if (!isWeb(url)) throw new Refusal(`${url.protocol} is neither http: nor https:`);
  return url;
}

function nextOf(from: URL, location: string | null): URL {
  if (location === null || !URL.canParse(location, from.href))
    throw new Refusal('the server redirects without saying where to');
  const next = new URL(location, from.href);
  if (!isWeb(next)) throw new Refusal(`the server redirects to a ${next.protocol} address`);
  if (from.protocol === 'https:' && next.protocol === 'http:')
    throw new Refusal('the server redirects from https: to http:');
  return next;
}

const isWeb = ({ protocol }: URL) => protocol === 'https:' || protocol === 'http:';

/** What `fetch` says is only "fetch failed"; the cause has a code. */
export function reasonOf(error: unknown, host: string): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = codeOf(cause) ?? (cause instanceof AggregateError ? codeOf(cause.errors[0]) : undefined);
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name ${host} could not be looked up`;
    case 'ECONNREFUSED':
      return `nobody answers at ${host}`;
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return 'the connection was cut';
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return `${host} did not answer in time`;
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
      return `${host} can not be reached`;
    default:
      return `the connection to ${host} failed (${code ?? (cause instanceof Error ? cause.message : 'no reason')})`;
  }
}
