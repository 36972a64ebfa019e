// A password from whoever sits at the terminal, without showing it, or from a pipe. Never from the command line: other programs of the
// machine can read that, and shells remember it.
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** Standard input, or what stands for it in a test. */
export type SecretInput = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** Nothing was decided: the person pressed Ctrl-C or Ctrl-D, or there is nobody to ask. */
export class NoSecret extends Error {
  override readonly name = 'NoSecret';
}

/** Asks one question after the other, and shows no answer. Rejects NoSecret. */
export async function askSecrets(
  questions: readonly string[],
  input: SecretInput,
  output: NodeJS.WritableStream,
): Promise<readonly string[]> {
  if (input.isTTY !== true)
    throw new NoSecret('There is no terminal to ask for the password; give it with --password-stdin.');
  // It edits the line as ever; what it would show goes nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  // One for all questions: it may have read the second answer together with the first.
  const lines = createInterface({ input, output: nowhere, terminal: true, historySize: 0 });
  const answers: string[] = [];
  try {
    return await new Promise((resolve, reject) => {
      output.write(questions[0] ?? '');
      lines.on('line', (line) => {
        answers.push(line);
        output.write(`\n${questions[answers.length] ?? ''}`);
        if (answers.length >= questions.length) resolve(answers);
      });
      // What Ctrl-C and Ctrl-D do when nobody listens for them.
      lines.once('close', () => reject(new NoSecret('Stopped; nothing was changed.')));
    });
  } finally {
    lines.close();
  }
}

const mostBytes = 4096;

/** All that comes, without the line break at its end. Rejects NoSecret for more than any password may have. */
export async function readSecret(input: SecretInput): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of input) {
    const more = Buffer.from(piece);
    pieces.push(more);
    bytes += more.length;
    if (bytes > mostBytes) throw new NoSecret('That is too much for a password; give one line.');
  }
  return Buffer.concat(pieces)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}
