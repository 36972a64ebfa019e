// A gallery that people sign in to, and browsers of theirs that keep cookies: what a browser sends along by itself, these send, too.
import assert from 'node:assert/strict';
import type { AssembleOptions, RunningGallery } from '../../src/assemble.ts';
import type { Config } from '../../src/config.ts';
import { setUpPath } from '../../src/http/links.ts';
import type { Answer } from './client.ts';
import type { Cleaner } from './folder.ts';
import { openRunningGallery } from './running-gallery.ts';

export const goodPassword = 'seven geese over the river';

export interface Asked {
  readonly method?: string;
  /** As a form. */
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface BrowserLike {
  /** Follows no redirect; keeps the cookies that it is given. JSON unless a page is asked for. */
  ask(path: string, asked?: Asked): Promise<Answer>;
  page(path: string, asked?: Asked): Promise<Answer>;
  signIn(name: string, password?: string): Promise<Answer>;
  /** Of the session; undefined when there is none. */
  cookie: string | undefined;
}

export async function openMembers(
  t: Cleaner,
  { now = Date.now, ...changes }: Partial<Config> & { now?: () => number } = {},
  options: Partial<AssembleOptions> = {},
) {
  const cheap = { ln: 4, r: 8, p: 1 };
  const gallery = await openRunningGallery(
    t,
    { access: 'members', ...changes },
    { now, passwordCosts: cheap, ...options },
  );
  const url = gallery.url.replace('//localhost', '//127.0.0.1');
  return {
    url,
    gallery,
    browser: () => openBrowser(url),
    /** The first owner, signed in. */
    async owner(name = 'Miri'): Promise<BrowserLike> {
      const browser = openBrowser(url);
      const answer = await browser.ask('/set-up', {
        form: { token: setUpToken(gallery), name, password: goodPassword },
      });
      assert.equal(answer.status, 200, answer.text);
      return browser;
    },
    /** Somebody whom the owner invited, signed in. */
    async invited(owner: BrowserLike, role: string, name: string): Promise<BrowserLike> {
      const { link } = JSON.parse((await owner.ask('/people/invitations', { form: { role } })).text) as {
        link: string;
      };
      const browser = openBrowser(url);
      const token = new URL(link).searchParams.get('token') ?? '';
      const answer = await browser.ask('/invite', { form: { token, name, password: goodPassword } });
      assert.equal(answer.status, 200, answer.text);
      return browser;
    },
  };
}

export function setUpToken({ setUp }: Pick<RunningGallery, 'setUp'>): string {
  assert.ok(setUp, 'nobody is there yet');
  return new URLSearchParams(setUpPath(setUp.token).split('?')[1]).get('token') ?? '';
}

export function openBrowser(url: string): BrowserLike {
  const ask = async (
    path: string,
    { method, form, json, headers }: Asked = {},
    accept = 'application/json',
  ) => {
    const body =
      form !== undefined
        ? new URLSearchParams(form).toString()
        : json === undefined
          ? undefined
          : JSON.stringify(json);
    const type = form !== undefined ? 'application/x-www-form-urlencoded' : 'application/json';
    const response = await fetch(new URL(path, url), {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      redirect: 'manual',
      ...(body === undefined ? {} : { body }),
      headers: {
        Accept: accept,
        Origin: url,
        ...(body === undefined ? {} : { 'Content-Type': type }),
        ...(browser.cookie === undefined ? {} : { Cookie: browser.cookie }),
        ...headers,
      },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, pair = '', value] = /^((?:__Host-)?sid=([^;]*))/.exec(line) ?? [];
      if (pair !== '') browser.cookie = value === '' ? undefined : pair;
    }
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const browser: BrowserLike = {
    cookie: undefined,
    ask: (path, asked) => ask(path, asked),
    page: (path, asked) => ask(path, asked, 'text/html'),
    signIn: (name, password = goodPassword) => ask('/sign-in', { form: { name, password } }),
  };
  return browser;
}
