// `sajin serve`: opens the gallery, says where it is, and closes it when told to.
import { assemble } from '../assemble.ts';
import { type Config, ConfigError, readConfig } from '../config.ts';
import { StartRefused } from '../database/open.ts';
import { type Log, openLog } from '../log.ts';

/** sysexits.h EX_CONFIG: a service manager should not try again. */
const configFault = 78;

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
    announce(log, config, gallery.url);
    const reason = await reasonToStop();
    if (reason instanceof Error)
      log.error({ err: reason }, 'closing, because of a fault that nobody expected');
    else log.info({ signal: reason }, 'closing');
    await Promise.race([gallery.close(), ...(reason instanceof Error ? [afterFault()] : [])]);
    log.info({}, 'closed');
    return reason instanceof Error ? 1 : 0;
  } catch (error) {
    if (isAddressInUse(error)) {
      process.stderr.write(`Port ${config.port} is taken. Stop the other program, or set another PORT.\n`);
      return 1;
    }
    if (!(error instanceof StartRefused)) throw error;
    process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
}

function announce(log: Log, { host, uploadsDir }: Config, url: string): void {
  if (!['127.0.0.1', '::1', 'localhost'].includes(host)) {
    log.warn(
      { host },
      'anybody who reaches this address may look, upload and delete: there are no accounts yet',
    );
  }
  log.info({ url, uploadsDir }, 'listening');
  if (process.stdout.isTTY) process.stderr.write(`\n  사진 Sajin is at ${url}\n\n`);
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

const faultMs = 10_000;
const afterFault = () => new Promise((resolve) => setTimeout(resolve, faultMs).unref());

const isAddressInUse = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
