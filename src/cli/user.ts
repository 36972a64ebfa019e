// `sajin user`: who may come in, from the command line: for the first owner, for whoever forgot their password, for machines without a
// browser. Works beside a running gallery, where everything counts from the next request on.
import { parseArgs } from 'node:util';
import { mayBegin } from '../assemble/originals.ts';
import { makeFolder } from '../assemble.ts';
import { type Config, ConfigError, readConfig } from '../config.ts';
import { StartRefused } from '../database/open.ts';
import { openAccountsAlone } from '../database/sqlite.ts';
import type { AccountDatabase } from '../gallery/account-database.ts';
import { cleanUserName, nameTaken, parseRole, type User } from '../gallery/accounts.ts';
import { GalleryError } from '../gallery/errors.ts';
import { choosePassword } from '../gallery/password-choice.ts';
import type { Role, UserId } from '../gallery/user.ts';
import { machine } from '../gallery/viewer.ts';
import { openPasswords, type PasswordHash } from '../security/passwords.ts';
import { columnsOf } from './columns.ts';
import { type Command, configFault, UsageError } from './command.ts';
import { askSecrets, NoSecret, readSecret } from './secret.ts';

export const user: Command = {
  usage: `user list [--json]       who may come in
user add NAME            asks for a password; --role owner|member|viewer, where there is no owner it is one
user password NAME       asks for a new password, ends all sessions, removes all passkeys
user role NAME ROLE      owner: everything; member: look and add; viewer: look
user disable NAME        can't come in any more; user enable NAME: can again
user remove NAME         for good; what they kept private is hidden until an owner decides, on the page of people
                         with --password-stdin add and password read it from standard input`,
  async run(args) {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    const [verb = 'list', ...words] = positionals;
    const known = verbs.get(verb);
    if (known === undefined) throw new UsageError(`user ${verb} is no command.`);
    if (words.length > known.words)
      throw new UsageError('That is too much; a name with spaces needs quotes.');
    if (words.length < known.words) throw new UsageError(`user ${verb} needs to know whom or what.`);
    const role = values.role === undefined ? undefined : roleOf(values.role);
    return await withSettings((config) => known.work({ ...deskOf(config), ...values, role }, ...words));
  },
};

const options = {
  json: { type: 'boolean', default: false },
  role: { type: 'string' },
  'password-stdin': { type: 'boolean', default: false },
} as const;

interface Desk {
  /** Opens the accounts for as long as `work` takes: nobody is kept waiting while a person types. */
  open<T>(work: (accounts: AccountDatabase) => Promise<T>): Promise<T>;
  readonly json: boolean;
  readonly role: Role | undefined;
  readonly 'password-stdin': boolean;
}

interface Verb {
  /** How many must follow. */
  readonly words: number;
  work(desk: Desk, ...words: string[]): Promise<void>;
}

const verbs = new Map<string, Verb>([
  ['list', { words: 0, work: list }],
  ['add', { words: 1, work: add }],
  ['password', { words: 1, work: setPassword }],
  ['role', { words: 2, work: setRole }],
  ['disable', { words: 1, work: (desk, name) => setDisabled(desk, name, true) }],
  ['enable', { words: 1, work: (desk, name) => setDisabled(desk, name, false) }],
  ['remove', { words: 1, work: remove }],
]);

function roleOf(text: string): Role {
  const role = parseRole(text);
  if (role === undefined) throw new UsageError(`${text} is no role; give owner, member or viewer.`);
  return role;
}

async function withSettings(work: (config: Config) => Promise<void>): Promise<number> {
  try {
    await work(readConfig());
    return 0;
  } catch (error) {
    if (error instanceof ConfigError) {
      complain(`Some settings can't be used:\n${error.message}`);
      return configFault;
    }
    const isExpected = error instanceof GalleryError || error instanceof NoSecret;
    if (!isExpected && !(error instanceof StartRefused)) throw error;
    complain(error.message);
    return error instanceof StartRefused ? error.exitCode : 1;
  }
}

function deskOf(config: Config): Pick<Desk, 'open'> {
  const { uploadsDir } = config;
  return {
    async open(work) {
      const mayCreate = mayBegin(config, false);
      await makeFolder(uploadsDir);
      const { accounts, close } = openAccountsAlone(uploadsDir, { mayCreate, now: Date.now });
      try {
        return await work(accounts);
      } finally {
        await close();
      }
    },
  };
}

async function list({ open, json }: Desk): Promise<void> {
  const users = await open((accounts) => accounts.listUsers(machine));
  if (json) return say(JSON.stringify(users, undefined, 2));
  const rows = users.map(({ name, role, createdAt, disabled }) => [
    role,
    createdAt.toISOString().slice(0, 10),
    disabled ? 'disabled' : 'enabled',
    name,
  ]);
  // Names last: in a terminal many take more room than they have characters.
  say(columnsOf([['ROLE', 'SINCE', 'STATE', 'NAME'], ...rows]).join('\n'));
}

async function add(desk: Desk, text: string): Promise<void> {
  const name = cleanUserName(text);
  const isFirst = await desk.open(async (accounts) => {
    const known = await accounts.findUserByName(name);
    const isSetUp = (await accounts.countOwners()) > 0;
    // Said before anybody thinks of a password. The first owner may be who came back from sidecars, without one.
    if (known !== undefined && (isSetUp || (await accounts.passwordHashOf(known.id)) !== undefined))
      throw nameTaken();
    return !isSetUp;
  });
  const { role = isFirst ? 'owner' : 'member' } = desk;
  if (isFirst && role !== 'owner') throw new UsageError('The first user of a gallery is its owner.');
  const passwordHash = await newPassword(desk, name);
  await desk.open(async (accounts) => {
    if (isFirst) await accounts.createFirstOwner({ name, passwordHash });
    else await accounts.createUser({ name, role, passwordHash });
    await note(accounts, 'user-added', name);
  });
  say(`${name} may come in as ${role}.`);
}

async function setPassword(desk: Desk, text: string): Promise<void> {
  const { name, id } = await desk.open((accounts) => getUser(accounts, text));
  const passwordHash = await newPassword(desk, name);
  const keys = await desk.open(async (accounts) => {
    await accounts.setPasswordHash(id, passwordHash);
    await note(accounts, 'password-changed', name);
    return removePasskeys(accounts, id);
  });
  const without = keys === 0 ? '' : ` ${keys === 1 ? 'The passkey is' : `All ${keys} passkeys are`} removed.`;
  say(`${name} has a new password and is signed out everywhere.${without}`);
}

/** One that somebody else made would open the door whatever the password is; how many there were. */
async function removePasskeys(accounts: AccountDatabase, user: UserId): Promise<number> {
  const keys = await accounts.listPasskeys(user);
  for (const { credentialId } of keys) await accounts.removePasskey(user, credentialId);
  return keys.length;
}

async function setRole({ open }: Desk, text: string, word: string): Promise<void> {
  const role = roleOf(word);
  const { name } = await open(async (accounts) => {
    const found = await getUser(accounts, text);
    await accounts.setRole(found.id, role);
    await note(accounts, `made-${role}`, found.name);
    return found;
  });
  say(`${name} is ${role} now.`);
}

async function setDisabled({ open }: Desk, text: string, disabled: boolean): Promise<void> {
  const { name } = await open(async (accounts) => {
    const found = await getUser(accounts, text);
    await accounts.setDisabled(found.id, disabled);
    await note(accounts, disabled ? 'user-disabled' : 'user-enabled', found.name);
    return found;
  });
  say(disabled ? `${name} can't come in any more.` : `${name} may come in again.`);
}

async function remove({ open }: Desk, text: string): Promise<void> {
  const { name } = await open(async (accounts) => {
    const found = await getUser(accounts, text);
    await accounts.removeUser(found.id);
    await note(accounts, 'user-removed', found.name);
    return found;
  });
  say(`${name} is removed.`);
}

async function getUser(accounts: AccountDatabase, text: string): Promise<User> {
  const found = await accounts.findUserByName(text);
  if (found !== undefined) return found;
  throw new GalleryError('not-found', `There is no user ${text}; see sajin user list.`);
}

const note = (accounts: AccountDatabase, action: string, subject: string) =>
  accounts.appendAudit({ actor: 'command line', action, subject });

async function newPassword(desk: Desk, name: string): Promise<PasswordHash> {
  const password = desk['password-stdin'] ? await readSecret(process.stdin) : await askTwice(name);
  return await choosePassword(openPasswords(), password, name);
}

async function askTwice(name: string): Promise<string> {
  const questions = [`Password for ${name}: `, 'Repeat the password: '];
  const [password = '', again] = await askSecrets(questions, process.stdin, process.stderr);
  if (password === again) return password;
  throw new NoSecret('These were two different passwords; nothing was changed.');
}

const say = (text: string) => void process.stdout.write(`${text}\n`);
const complain = (text: string) => process.stderr.write(`${text}\n`);
