// tus-js-client over fetch(): a service worker has no XMLHttpRequest. Tells no progress while a body is on its way.
import type { HttpRequest, HttpResponse, HttpStack } from 'tus-js-client';

export const createFetchStack = (): HttpStack => ({
  createRequest: (method, url) => new FetchRequest(method, url),
  getName: () => 'FetchHttpStack',
});

class FetchRequest implements HttpRequest {
  readonly #method: string;
  readonly #url: string;
  readonly #headers = new Map<string, string>();
  readonly #aborting = new AbortController();
  #progress: (bytesSent: number) => void = () => {};

  constructor(method: string, url: string) {
    this.#method = method;
    this.#url = url;
  }

  getMethod(): string {
    return this.#method;
  }

  getURL(): string {
    return this.#url;
  }

  setHeader(header: string, value: string): void {
    this.#headers.set(header, value);
  }

  getHeader(header: string): string | undefined {
    return this.#headers.get(header);
  }

  setProgressHandler(handler: (bytesSent: number) => void): void {
    this.#progress = handler;
  }

  async send(body: Blob | null = null): Promise<HttpResponse> {
    const response = await fetch(this.#url, {
      method: this.#method,
      headers: [...this.#headers],
      body,
      signal: this.#aborting.signal,
    });
    const text = await response.text();
    if (body !== null) this.#progress(body.size);
    return answerOf(response, text);
  }

  async abort(): Promise<void> {
    this.#aborting.abort();
  }

  getUnderlyingObject(): undefined {
    return undefined;
  }
}

const answerOf = (response: Response, text: string): HttpResponse => ({
  getStatus: () => response.status,
  getHeader: (header) => response.headers.get(header) ?? undefined,
  getBody: () => text,
  getUnderlyingObject: () => response,
});
