// Watches the system calls of a program, for the one proof against power loss that a test can give: their order.
import { spawnSync } from 'node:child_process';

/** For a test's options: false, or why nothing can be watched here. */
export const skipWithoutStrace: string | false = whyNot();

function whyNot(): string | false {
  const { status, error } = spawnSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' });
  if (error !== undefined) return 'no strace on this machine';
  return status === 0 ? false : 'strace may not watch processes here (ptrace is not permitted)';
}

/** The command to run a program under; `-y` writes the path of each file descriptor beside it. */
export const straceTo = (output: string, calls: readonly string[]) => [
  ...['strace', '-f', '-y', '-s', '400', '--seccomp-bpf', '-o', output],
  `--trace=${calls.join(',')}`,
];

export interface Call {
  readonly name: string;
  /** Everything between the brackets. */
  readonly args: string;
  /** Line numbers of the output: where it was entered and where it returned. */
  readonly entered: number;
  readonly returned: number;
}

/** Calls that returned, in the order in which they were entered. */
export function parseCalls(output: string): Call[] {
  const open = new Map<string, { name: string; args: string; entered: number }>();
  const calls: Call[] = [];
  output.split('\n').forEach((line, at) => {
    const [, process = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const unfinished = /^(\w+)\((.*) <unfinished \.\.\.>$/.exec(rest);
    const resumed = /^<\.\.\. (\w+) resumed>/.exec(rest);
    const whole = /^(\w+)\((.*)\) += /.exec(rest);
    if (unfinished) open.set(process, { name: unfinished[1] ?? '', args: unfinished[2] ?? '', entered: at });
    else if (resumed) {
      const begun = open.get(process);
      if (begun !== undefined) calls.push({ ...begun, returned: at });
    } else if (whole) calls.push({ name: whole[1] ?? '', args: whole[2] ?? '', entered: at, returned: at });
  });
  return calls.sort((a, b) => a.entered - b.entered);
}
