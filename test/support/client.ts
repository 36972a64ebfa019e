// What a program that talks to a gallery does: uploads, reads photos, waits until they are developed.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { filePart, formBody, type Part } from './multipart.ts';
import { until } from './until.ts';

export interface PhotoJson {
  readonly id: string;
  readonly title: string;
  readonly state: 'waiting' | 'developing' | 'done' | 'failed';
  readonly reason?: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  readonly type: string;
  readonly sha256: string;
  readonly frames?: number;
  readonly uploadedAt: string;
  readonly takenAt?: string;
  readonly camera?: string;
  readonly duplicate?: boolean;
  readonly labels: readonly { readonly label: string; readonly name: string; readonly count: number }[];
  readonly detections: readonly {
    readonly confidence: number;
    readonly label: string;
    readonly score: number;
    readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  }[];
  readonly links: {
    readonly self: string;
    readonly original: string;
    readonly renditions: readonly { readonly width: number; readonly url: string }[];
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export type Client = ReturnType<typeof createClient>;

/** A client that asks for JSON and names the gallery itself as its origin. @param cookie of whoever it asks for */
export function createClient(url: string, cookie?: string) {
  const ask = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const signedIn = cookie === undefined ? {} : { Cookie: cookie };
    const asked = init.headers as Record<string, string>;
    const headers = { Accept: 'application/json', Origin: url, ...signedIn, ...asked };
    const response = await fetch(new URL(path, url), { redirect: 'manual', ...init, headers });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const client = {
    url,
    ask,
    /** Through the trash, so that its files go, too. */
    async removeForGood(id: string): Promise<void> {
      for (const query of ['', '?forever=1']) {
        const { status, text } = await ask(`/photos/${id}${query}`, { method: 'DELETE' });
        assert.equal(status, 204, text);
      }
    },
    /** One file and perhaps a title; the answer whatever it is. */
    upload: (bytes: Uint8Array, { name = 'photo.jpg', title }: { name?: string; title?: string } = {}) =>
      client.post([...(title === undefined ? [] : [{ name: 'title', body: title }]), filePart(name, bytes)]),
    post(parts: readonly Part[], headers: Record<string, string> = {}): Promise<Answer> {
      const { body, contentType } = formBody(parts);
      return ask('/photos', { method: 'POST', body, headers: { 'Content-Type': contentType, ...headers } });
    },
    /** Uploads a picture that must be taken. */
    async keep(bytes: Uint8Array, options: { name?: string; title?: string } = {}): Promise<PhotoJson> {
      const answer = await client.upload(bytes, options);
      assert.ok(answer.status === 201 || answer.status === 200, `${answer.status} ${answer.text}`);
      return JSON.parse(answer.text) as PhotoJson;
    },
    async photo(id: string): Promise<PhotoJson> {
      const answer = await ask(`/photos/${id}`);
      assert.equal(answer.status, 200, answer.text);
      return JSON.parse(answer.text) as PhotoJson;
    },
    /** The photo once it is done or failed. */
    developed: (id: string, deadlineMs = 60_000): Promise<PhotoJson> =>
      until(
        `photo ${id} to be developed`,
        async () => {
          const photo = await client.photo(id);
          return isOver(photo) && photo;
        },
        { deadlineMs, everyMs: 100 },
      ),
    /** Every photo of the list, page after page. */
    async everything(): Promise<PhotoJson[]> {
      const photos: PhotoJson[] = [];
      for (let path: string | undefined = '/'; path !== undefined; ) {
        const page = JSON.parse((await ask(path)).text) as { photos: PhotoJson[]; next?: string };
        photos.push(...page.photos);
        path = page.next;
      }
      return photos;
    },
    async bytes(path: string): Promise<Buffer> {
      const response = await fetch(new URL(path, url));
      assert.equal(response.status, 200, `${path} answered ${response.status}`);
      return Buffer.from(await response.arrayBuffer());
    },
  };
  return client;
}

export const isOver = ({ state }: Pick<PhotoJson, 'state'>) => state === 'done' || state === 'failed';

export const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
