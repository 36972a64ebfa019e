// How far a download is: a bar that moves in a terminal, a line every tenth anywhere else.

export interface ProgressOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface Progress {
  /** @param of bytes in all, as soon as they are known */
  show(bytes: number, of?: number): void;
  /** Leaves an empty line behind in a terminal. */
  end(): void;
}

export function openProgress(name: string, output: ProgressOutput): Progress {
  return output.isTTY === true ? openBar(name, output) : openLines(name, output);
}

export const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

const barWidth = 30;

function openBar(name: string, output: ProgressOutput): Progress {
  return {
    show(bytes, of) {
      const done = of === undefined ? 0 : Math.floor((bytes / of) * barWidth);
      const bar = of === undefined ? '' : ` [${'#'.repeat(done)}${'.'.repeat(barWidth - done)}]`;
      output.write(`\r${name}${bar} ${amountOf(bytes, of)}\u001b[K`);
    },
    end: () => void output.write('\r\u001b[K'),
  };
}

const unknownStepBytes = 5_000_000;

function openLines(name: string, output: ProgressOutput): Progress {
  let told = -1;
  return {
    show(bytes, of) {
      const step = Math.floor(of === undefined ? bytes / unknownStepBytes : (bytes / of) * 10);
      if (step <= told) return;
      told = step;
      output.write(`${name} ${amountOf(bytes, of)}\n`);
    },
    end: () => {},
  };
}

function amountOf(bytes: number, of: number | undefined): string {
  if (of === undefined) return `${megabytes(bytes)} MB`;
  return `${Math.floor((bytes / of) * 100)} % (${megabytes(bytes)} of ${megabytes(of)} MB)`;
}
