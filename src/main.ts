#!/usr/bin/env node
// The entry: reads the first word of the command line and hands over to its command.
import { parseArgs } from 'node:util';
import { backup } from './cli/backup.ts';
import { type Command, UsageError, usageFault } from './cli/command.ts';
import { models } from './cli/models.ts';
import { rebuild } from './cli/rebuild.ts';
import { redetect } from './cli/redetect.ts';
import { repair } from './cli/repair.ts';
import { restore } from './cli/restore.ts';
import { serve } from './cli/serve.ts';
import { user } from './cli/user.ts';
import { verify } from './cli/verify.ts';

const commands = new Map<string, Command>([
  [
    'serve',
    {
      usage: `serve [--init]           open the gallery; --init takes the folder as it is: a new database beside photos, photos without their originals`,
      run: async (args) => await serve(parseServe(args)),
    },
  ],
  ['models', models],
  ['redetect', redetect],
  ['verify', verify],
  ['backup', backup],
  ['repair', repair],
  ['restore', restore],
  ['rebuild', rebuild],
  ['user', user],
]);

function parseServe(args: readonly string[]): { init: boolean } {
  return parseArgs({ args: [...args], options: { init: { type: 'boolean', default: false } } }).values;
}

async function main(): Promise<number> {
  // Whatever is written holds what is private: nobody else on this machine reads it, however their files usually are.
  process.umask(0o077);
  const args = process.argv.slice(2);
  if (args.some((arg) => arg === '--help' || arg === '-h')) {
    process.stdout.write(usage());
    return 0;
  }
  // Without a command it serves, whatever the options.
  const [name = 'serve', rest] =
    args[0]?.startsWith('-') === true ? ['serve', args] : [args[0], args.slice(1)];
  const command = commands.get(name);
  try {
    if (command === undefined) throw new UsageError(`${name} is no command.`);
    return await command.run(rest);
  } catch (error) {
    if (!isUsage(error)) throw error;
    process.stderr.write(`${error.message}\n\n${usage()}`);
    return usageFault;
  }
}

function usage(): string {
  const lines = [...commands.values()].flatMap((command) => command.usage.split('\n'));
  return `Usage: sajin COMMAND (settings are environment variables, see README)\n\n${lines.map((line) => `  ${line}`).join('\n')}\n`;
}

/** Ours, or of the parser of options. */
function isUsage(error: unknown): error is Error {
  if (error instanceof UsageError) return true;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code.startsWith('ERR_PARSE_ARGS_');
}

main().then(
  (exitCode) => {
    // Whatever still runs is not worth waiting for: everything that matters was closed and awaited.
    process.exit(exitCode);
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
