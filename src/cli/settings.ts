// What every command that works on the folder needs first: settings that can be used, and refusals said in one sentence.
import { type Config, ConfigError, readConfig } from '../config.ts';
import { StartRefused } from '../database/open.ts';
import { GalleryError } from '../gallery/errors.ts';
import { configFault, usageFault } from './command.ts';

/** The exit code of the work; of a refusal 78 or 75 as it says itself, 64 for what was asked, 1 for what a disk does. */
export async function withConfig(work: (config: Config) => Promise<number>): Promise<number> {
  try {
    return await work(readConfig());
  } catch (error) {
    if (error instanceof ConfigError) {
      complain(`Some settings can't be used:\n${error.message}`);
      return configFault;
    }
    if (error instanceof StartRefused) {
      complain(error.message);
      return error.exitCode;
    }
    if (isOfSystem(error)) {
      complain(`That did not work: ${error.message}`);
      return 1;
    }
    if (!(error instanceof GalleryError)) throw error;
    complain(error.message);
    // What was said on the command line can't be done.
    return error.code === 'bad-request' ? usageFault : 1;
  }
}

/** A disk that is full, a folder that is somebody else's: Node's own words name both. */
const isOfSystem = (error: unknown): error is Error =>
  error instanceof Error && 'syscall' in error && 'code' in error;

export const say = (text: string) => void process.stdout.write(`${text}\n`);
export const complain = (text: string) => void process.stderr.write(`${text}\n`);

/** `3 photos`, `1 photo`. */
export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`;
