// What a command of the command line is, and how it says that it was called wrongly. One file a command beside this one.

export interface Command {
  /** Lines for `--help`, without the name of the program. */
  readonly usage: string;
  /** Resolves with the exit code: 0, or what the command says of itself. @throws UsageError */
  run(args: readonly string[]): Promise<number>;
}

/** sysexits.h EX_USAGE. */
export const usageFault = 64;

/** sysexits.h EX_CONFIG: a service manager should not try again. */
export const configFault = 78;

/** The message is one sentence about the words of the command line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
