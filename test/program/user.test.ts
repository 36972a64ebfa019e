// `sajin user` as a person types it: before the first start, beside a gallery that runs, and where it can't work.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { UsageError } from '../../src/cli/command.ts';
import { user } from '../../src/cli/user.ts';
import { openSqlite } from '../../src/database/sqlite.ts';
import { machine } from '../../src/gallery/viewer.ts';
import { type Cleaner, makeFolder } from '../support/folder.ts';
import { runCli } from '../support/run-cli.ts';
import { openRunningGallery } from '../support/running-gallery.ts';

const password = 'seven geese over the river';

/** A folder of uploads that nobody has made yet, and the command on it. */
async function openDesk(test: Cleaner) {
  const uploadsDir = join(await makeFolder(test), 'uploads');
  const run = (words: readonly string[], input?: string) =>
    runCli(['user', ...words], { UPLOADS_DIR: uploadsDir }, [], input);
  const add = (name: string, ...more: string[]) =>
    run(['add', name, '--password-stdin', ...more], `${password}\n`);
  return { uploadsDir, run, add };
}

describe('sajin user', () => {
  test('makes the first owner before the gallery was ever started, then others', async (t) => {
    const { run, add } = await openDesk(t);
    const early = await add('Bori', '--role', 'viewer');
    assert.equal(early.code, 64);
    assert.match(early.err, /first user of a gallery is its owner/);
    const first = await add('미리');
    assert.deepEqual([first.code, first.out], [0, '미리 may come in as owner.\n'], first.err);
    assert.equal((await add('Bori')).out, 'Bori may come in as member.\n');
    const taken = await add('BORI');
    assert.equal(taken.code, 1);
    assert.match(taken.err, /has this name already/);
    assert.match(
      (await run(['list'])).out,
      /^ROLE +SINCE +STATE +NAME\nowner +\d{4}-\d\d-\d\d +enabled +미리\nmember .* Bori\n$/,
    );
  });

  test('works beside a gallery that runs', async (t) => {
    const { uploadsDir, run, add } = await openDesk(t);
    await openRunningGallery(t, { uploadsDir });
    assert.equal((await add('Miri')).code, 0);
    const last = await run(['disable', 'miri']);
    assert.equal(last.code, 1);
    assert.match(last.err, /last owner/);
    assert.equal((await add('Bori', '--role', 'owner')).code, 0);
    assert.equal((await run(['disable', 'MIRI'])).out, "Miri can't come in any more.\n");
    const listed = JSON.parse((await run(['list', '--json'])).out) as { name: string; disabled: boolean }[];
    assert.deepEqual(
      listed.map(({ name, disabled }) => [name, disabled]),
      [
        ['Miri', true],
        ['Bori', false],
      ],
    );
    assert.equal((await run(['enable', 'miri'])).out, 'Miri may come in again.\n');
    assert.equal((await run(['role', 'miri', 'viewer'])).out, 'Miri is viewer now.\n');
    assert.equal((await run(['remove', 'miri'])).out, 'Miri is removed.\n');
    const changed = await run(['password', 'bori', '--password-stdin'], 'nine herons at the lake');
    assert.equal(changed.out, 'Bori has a new password and is signed out everywhere.\n');
  });

  test('leaves no way in beside the new password', async (t) => {
    const { uploadsDir, run, add } = await openDesk(t);
    assert.equal((await add('Miri')).code, 0);
    const { accounts, photos } = openSqlite(uploadsDir, { mayCreate: false, now: Date.now });
    t.after(() => photos.close());
    const [miri] = await accounts.listUsers(machine);
    const key = { user: miri?.id ?? assert.fail('nobody'), publicKey: Uint8Array.of(1), counter: 0 };
    for (const credentialId of ['AAAA', 'BBBB'])
      await accounts.addPasskey({ ...key, credentialId, transports: [], name: 'phone' });
    const changed = await run(['password', 'miri', '--password-stdin'], 'nine herons at the lake');
    assert.match(changed.out, /All 2 passkeys are removed/);
    assert.deepEqual(await accounts.listPasskeys(key.user), []);
  });

  test('refuses what can be guessed, whom it does not know, and to ask nobody', async (t) => {
    const { run } = await openDesk(t);
    const common = await run(['add', 'Miri', '--password-stdin'], 'password1234\n');
    assert.equal(common.code, 1);
    assert.match(common.err, /soon guessed/);
    const nobody = await run(['password', 'Miri', '--password-stdin'], password);
    assert.deepEqual([nobody.code, nobody.err], [1, 'There is no user Miri; see sajin user list.\n']);
    const blind = await run(['add', 'Miri']);
    assert.equal(blind.code, 1);
    assert.match(blind.err, /--password-stdin/);
  });

  test('begins no new database beside photos', async (t) => {
    const { uploadsDir, add } = await openDesk(t);
    await mkdir(join(uploadsDir, 'originals', 'ab'), { recursive: true });
    await writeFile(join(uploadsDir, 'originals', 'ab', 'photo.jpg'), 'x');
    const { code, err } = await add('Miri');
    assert.equal(code, 78);
    assert.match(err, /missing although there are photos/);
  });

  const unclear: readonly (readonly string[])[] = [
    ['add'],
    ['add', 'Miri', password],
    ['add', 'Miri', '--role', 'king'],
    ['crown', 'Miri'],
    ['role', 'Miri'],
    ['list', 'Miri'],
  ];
  for (const words of unclear)
    test(`asks what is meant by: ${words.join(' ')}`, () => assert.rejects(user.run(words), UsageError));
});
