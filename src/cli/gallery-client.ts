// A gallery to talk to over its own addresses: the server that runs, or the same program opened here for as long as a command takes.
import { Readable } from 'node:stream';
import { assemble } from '../assemble.ts';
import type { Config } from '../config.ts';
import { StartRefused } from '../database/open.ts';
import { openAccountsAlone } from '../database/sqlite.ts';
import type { AccountDatabase } from '../gallery/account-database.ts';
import { openLog } from '../log.ts';
import { hashToken, newToken, type Token } from '../security/tokens.ts';
import { complain } from './settings.ts';

export interface GalleryClient {
  /** Without a slash at the end. */
  readonly url: string;
  /** The gallery was opened here, and is gone when this command ends. */
  readonly isOwn: boolean;
  /** The answer's JSON. Rejects GalleryRefused with the gallery's own sentence. */
  get<T>(path: string): Promise<T>;
  /** Fields as a form sends them. */
  post<T>(path: string, fields?: Readonly<Record<string, string>>): Promise<T>;
  /** A file, which is read as it is sent. */
  send<T>(path: string, file: Readable): Promise<T>;
  close(): Promise<void>;
}

/** The message is one sentence for the person at the terminal. */
export class GalleryRefused extends Error {
  override readonly name = 'GalleryRefused';
  /** As docs/api.md lists them; absent when no gallery answered. */
  readonly code: string | undefined;

  constructor(message: string, code?: string) {
    super(message);
    this.code = code;
  }
}

const answerMs = 2_000;
const requestMs = 60_000;
/** The largest original on a slow disk. The gallery itself hangs up on what stands still. */
const sendMs = 60 * 60 * 1000;

/** @throws GalleryRefused when there is neither a server at HOST and PORT nor a folder that can be opened */
export async function openGalleryClient(config: Config): Promise<GalleryClient> {
  // The folder says which gallery is meant; whoever answers at the port may be another one's server.
  try {
    // Whoever types a command waits for it: no hours are kept, and nothing is downloaded behind their back.
    const { rerunHours: _hours, ...rest } = config;
    const alone = { host: '127.0.0.1', port: 0, offline: true, access: 'local', trustedProxies: [] } as const;
    const gallery = await assemble({ ...rest, ...alone }, { log: openLog('silent') });
    return clientOf({ url: gallery.url.replace(/\/$/, ''), isOwn: true, close: () => gallery.close() });
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error;
    // 75: a server has the folder.
    if (error.exitCode !== 75) throw new GalleryRefused(error.message);
    const url = addressOf(config);
    if (url !== undefined && (await answers(url))) return await clientBeside(config, url);
    throw new GalleryRefused(inUseBy(config, url));
  }
}

/** Says where it works, and closes what was opened for it. Resolves with the exit code: 1 when the gallery refused. */
export async function withGallery(
  config: Config,
  work: (client: GalleryClient) => Promise<number>,
): Promise<number> {
  try {
    const client = await openGalleryClient(config);
    complain(client.isOwn ? `Opened ${config.uploadsDir}` : `Asking the gallery at ${client.url}`);
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  } catch (error) {
    if (!(error instanceof GalleryRefused)) throw error;
    complain(error.message);
    return 1;
  }
}

/** As long as a re-run of a large gallery may take. The token is known to this command alone, and over when it ends. */
const grantMs = 24 * 60 * 60 * 1000;

/** Whoever may write to the database is let in by what they write, as with `sajin user`: else a command would have to sign in. */
async function clientBeside({ uploadsDir }: Config, url: string): Promise<GalleryClient> {
  const token = newToken();
  const grant = { purpose: 'machine', tokenHash: hashToken(token), payload: '' } as const;
  const withAccounts = async <T>(work: (accounts: AccountDatabase) => Promise<T>): Promise<T> => {
    const { accounts, close } = openAccountsAlone(uploadsDir, { mayCreate: false, now: Date.now });
    try {
      return await work(accounts);
    } finally {
      await close();
    }
  };
  const { id } = await withAccounts((accounts) =>
    accounts.createGrant({ ...grant, expiresAt: new Date(Date.now() + grantMs) }),
  ).catch((error: unknown) => {
    throw error instanceof StartRefused ? new GalleryRefused(error.message) : error;
  });
  const close = async () => {
    await withAccounts((accounts) => accounts.endGrant(id));
  };
  return clientOf({ url, isOwn: false, token, close });
}

/** Where a server with these settings listens; undefined when that can't be known. */
function addressOf({ host, port }: Config): string | undefined {
  if (port === 0) return undefined;
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(answerMs) });
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null && 'status' in body && body.status === 'alive';
  } catch {
    return false;
  }
}

const inUseBy = ({ uploadsDir }: Config, url: string | undefined) =>
  `${uploadsDir} is in use by another Sajin, which does not answer at ${url ?? 'any known port'}: set PORT (and HOST) as that one has them, or stop it first.`;

interface Problem {
  readonly detail?: string;
  readonly code?: string;
}

interface Line extends Pick<GalleryClient, 'url' | 'isOwn' | 'close'> {
  readonly token?: Token;
}

function clientOf({ url, isOwn, token, close }: Line): GalleryClient {
  const pass = token === undefined ? {} : { Authorization: `Machine ${token}` };
  const ask = async <T>(path: string, init: RequestInit): Promise<T> => {
    const response = await fetch(url + path, {
      ...init,
      headers: {
        Accept: 'application/json',
        'Accept-Language': 'en',
        Origin: new URL(url).origin,
        ...pass,
        ...init.headers,
      },
      signal: AbortSignal.timeout(init.body instanceof ReadableStream ? sendMs : requestMs),
    }).catch((error: unknown) => {
      throw new GalleryRefused(`The gallery at ${url} does not answer any more: ${reasonOf(error)}.`);
    });
    const body: unknown = await response.json().catch(() => undefined);
    if (response.ok) return body as T;
    const { detail = `${url + path} answered ${response.status}.`, code } = (body ?? {}) as Problem;
    throw new GalleryRefused(detail, code);
  };
  return {
    url,
    isOwn,
    get: (path) => ask(path, {}),
    post: (path, fields) =>
      ask(path, { method: 'POST', ...(fields === undefined ? {} : { body: new URLSearchParams(fields) }) }),
    send: (path, file) => ask(path, fileOf(file)),
    close,
  };
}

/** `duplex` has no type yet: a body that is a stream is sent before the answer is waited for. */
const fileOf = (file: Readable) =>
  ({
    method: 'POST',
    headers: { 'Content-Type': 'application/octet-stream' },
    body: Readable.toWeb(file),
    duplex: 'half',
  }) as RequestInit;

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
}
