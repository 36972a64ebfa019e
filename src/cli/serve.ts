// `sajin serve`: opens the gallery, says where it is, and closes it when told to.
import { assemble, type RunningGallery } from '../assemble.ts';
import { type Config, ConfigError, readConfig } from '../config.ts';
import { StartRefused } from '../database/open.ts';
import { GalleryError } from '../gallery/errors.ts';
import type { Offer } from '../gallery/front-door.ts';
import { setUpPath } from '../http/links.ts';
import { networkAddresses } from '../http/own-address.ts';
import { type Log, openLog } from '../log.ts';
import { qrText } from '../security/qr.ts';

/** sysexits.h EX_CONFIG: a service manager should not try again. */
const configFault = 78;

/** sysexits.h EX_TEMPFAIL: starting again is what helps. */
const startAgain = 75;

/** Once the disk has failed: so long everybody who sends is told so, and may look around, before the program ends. */
const readOnlyMs = 10_000;

/** Runs until SIGTERM or SIGINT; resolves with the exit code. */
export async function serve({ init }: { init: boolean }): Promise<number> {
  let config: Config;
  try {
    config = readConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`Some settings can't be used:\n${error.message}\n`);
    return configFault;
  }
  const log = openLog(config.logLevel);
  try {
    const gallery = await assemble(config, { log, init });
    announce(log, config, gallery);
    const told = reasonToStop();
    let reason = await Promise.race([told, failureOf(gallery.readOnly)]);
    // Starting again would only end the looking: the next start refuses a database that is damaged.
    if (reason === 'disk failed' && isOfDatabase(gallery.readOnly.reason)) reason = await told;
    if (reason === 'disk failed') {
      log.error({ err: gallery.readOnly.reason }, 'the disk failed; read only, and soon starting again');
      await Promise.race([told, after(readOnlyMs)]);
      await gallery.close().catch((error: unknown) => log.warn({ err: error }, 'not closed as it should be'));
      log.info({}, 'closed, to be started again');
      return startAgain;
    }
    if (reason instanceof Error)
      log.error({ err: reason }, 'closing, because of a fault that nobody expected');
    else log.info({ signal: reason }, 'closing');
    await Promise.race([gallery.close(), ...(reason instanceof Error ? [after(faultMs)] : [])]);
    log.info({}, 'closed');
    return reason instanceof Error ? 1 : 0;
  } catch (error) {
    const why = whyNotListening(error, config);
    if (why !== undefined) {
      process.stderr.write(`${why}\n`);
      return 1;
    }
    if (!(error instanceof StartRefused)) throw error;
    process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
}

function announce(log: Log, { host, uploadsDir }: Config, { url, port, setUp }: RunningGallery): void {
  if (!['127.0.0.1', '::1', 'localhost'].includes(host))
    log.warn(
      { host },
      'names, passwords and pictures can be read on their way here unless a proxy adds https',
    );
  const addresses = host === '0.0.0.0' || host === '::' ? networkAddresses(port) : [];
  log.info({ url, ...(addresses.length > 0 ? { addresses } : {}), uploadsDir }, 'listening');
  if (process.stdout.isTTY)
    process.stderr.write(`\n  사진 Sajin is at ${[url, ...addresses].join(' and ')}\n\n`);
  if (setUp !== undefined) offerSetUp(setUp, [url, ...addresses]);
}

/**
 * Not through the log, which holds no secrets: this one is for whoever reads what the program prints, and no level hides it. The last
 * address is the one that a phone reaches, if there is one.
 */
function offerSetUp({ token }: Offer, addresses: readonly string[]): void {
  const links = addresses.map((address) => `${address}${setUpPath(token)}`);
  const code = process.stdout.isTTY ? `\n${qrText(links.at(-1) ?? '')}` : '';
  process.stdout.write(`
  This gallery has no owner yet. Open this link and choose a name and a password.
  It works once, for 24 hours; a new one is printed at every start.

${links.map((link) => `    ${link}`).join('\n')}
${code}
`);
}

/** A signal, or an error that nobody caught: the process can't be trusted any more, but running uploads may end. */
function reasonToStop(): Promise<NodeJS.Signals | Error> {
  return new Promise((resolve) => {
    // A second signal ends the process at once, for whoever is in a hurry.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
    const stop = (error: unknown) => resolve(error instanceof Error ? error : new Error(String(error)));
    process.on('uncaughtException', stop);
    process.on('unhandledRejection', stop);
  });
}

const isOfDatabase = (cause: unknown) => cause instanceof GalleryError && cause.code === 'database-damaged';

function failureOf(readOnly: AbortSignal): Promise<'disk failed'> {
  return new Promise((resolve) => {
    const fail = () => resolve('disk failed');
    if (readOnly.aborted) fail();
    else readOnly.addEventListener('abort', fail, { once: true });
  });
}

const faultMs = 10_000;
const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());

function whyNotListening(error: unknown, { host, port }: Config): string | undefined {
  switch (error instanceof Error && 'code' in error ? error.code : undefined) {
    case 'EADDRINUSE':
      return `Port ${port} is taken. Stop the other program, or set another PORT.`;
    case 'EACCES':
      return `Port ${port} is not for everybody. Set a PORT above 1023.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EADDRNOTAVAIL':
      return `HOST=${host} is no address of this machine. Set one that is, or 0.0.0.0 for all of them.`;
    default:
      return undefined;
  }
}
