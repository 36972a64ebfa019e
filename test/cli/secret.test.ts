// Asking for a password: what is answered, and that none of it is shown.
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { beforeEach, describe, test } from 'node:test';
import { askSecrets, NoSecret, readSecret } from '../../src/cli/secret.ts';

describe('at a terminal', () => {
  let keyboard: PassThrough & { isTTY?: boolean };
  let screen: PassThrough;
  beforeEach(() => {
    keyboard = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} });
    screen = new PassThrough();
  });
  const shown = () => String(screen.read() ?? '');

  test('a password is asked for and not shown', async () => {
    const answers = askSecrets(['Password: ', 'Again: '], keyboard, screen);
    keyboard.write('seven geese');
    keyboard.write('\r');
    keyboard.write('한강\r');
    assert.deepEqual(await answers, ['seven geese', '한강']);
    assert.equal(shown(), 'Password: \nAgain: \n');
  });

  test('both answers may come at once', async () => {
    const answers = askSecrets(['Password: ', 'Again: '], keyboard, screen);
    keyboard.write('one\rtwo\r');
    assert.deepEqual(await answers, ['one', 'two']);
  });

  test('it can be mended while it is typed', async () => {
    const answers = askSecrets(['Password: '], keyboard, screen);
    keyboard.write('seven geesf\x7fe\r');
    assert.deepEqual(await answers, ['seven geese']);
  });

  for (const [key, code] of [
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
  ] as const)
    test(`${key} changes nothing`, async () => {
      const answers = askSecrets(['Password: '], keyboard, screen);
      keyboard.write(code);
      await assert.rejects(answers, NoSecret);
    });
});

describe('without a terminal', () => {
  const pipe = (text: string) => new PassThrough().end(text);

  test('nobody is asked', async () => {
    await assert.rejects(askSecrets(['Password: '], pipe('x\n'), new PassThrough()), /--password-stdin/);
  });

  test('all that comes is the password, without the line break at its end', async () => {
    assert.equal(await readSecret(pipe('seven geese\n')), 'seven geese');
    assert.equal(await readSecret(pipe(' 한강 \r\n')), ' 한강 ');
    assert.equal(await readSecret(pipe('two\nlines')), 'two\nlines');
    assert.equal(await readSecret(pipe('')), '');
  });

  test('too much is refused', async () => {
    await assert.rejects(readSecret(pipe('x'.repeat(100_000))), NoSecret);
  });
});
