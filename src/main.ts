#!/usr/bin/env node
// The entry: reads the command line and hands over.
import { parseArgs } from 'node:util';
import { serve } from './cli/serve.ts';

const usage = `Usage: sajin serve [--init]

  serve    open the gallery (settings are environment variables, see README)
  --init   begin a new database although the folder already holds photos
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      init: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [command = 'serve', ...rest] = positionals;
  if (values.help || command !== 'serve' || rest.length > 0) {
    (values.help ? process.stdout : process.stderr).write(usage);
    return values.help ? 0 : 64;
  }
  return serve(values);
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
