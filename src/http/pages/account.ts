// One's own account, as its page shows it. Plain strings; the template escapes them.
import type { Passkey, Session, User } from '../../gallery/accounts.ts';
import { accountPath } from '../links.ts';
import type { Speech } from '../words.ts';
import { deviceName, isHandheld } from './device.ts';

export interface AccountModel {
  readonly user: User;
  /** The one that this page was asked for with. */
  readonly current: Session;
  readonly sessions: readonly Session[];
  readonly passkeys: readonly Passkey[];
  readonly hasPassword: boolean;
  /** Why the password was not changed. */
  readonly refusal?: string | undefined;
  /** What was just done. */
  readonly done?: 'password' | undefined;
}

export function accountOf(model: AccountModel, speech: Speech) {
  const { user, current, sessions, passkeys, hasPassword, refusal, done } = model;
  const { words } = speech;
  // The one in hand first, whatever was seen last.
  const sorted = [...sessions].sort((a, b) => Number(b.id === current.id) - Number(a.id === current.id));
  return {
    name: user.name,
    role: words.roles[user.role],
    roleText: words.roleTexts[user.role],
    refusal,
    hasPassword,
    done: done === 'password' ? words.account.passwordChanged : undefined,
    sessions: sorted.map((session) => sessionRow(session, current, speech)),
    mayEndOthers: sessions.length > 1,
    passkeys: passkeys.map((passkey, index) => passkeyRow(passkey, index, speech)),
    says: JSON.stringify(words.account.passkeySays),
  };
}

function sessionRow(
  { id, agent, address, lastSeenAt, createdAt }: Session,
  current: Session,
  speech: Speech,
) {
  const t = speech.words.account;
  const name = deviceName(agent, speech);
  const isCurrent = id === current.id;
  return {
    name,
    icon: isHandheld(agent) ? 'smartphone' : 'laptop',
    isCurrent,
    seen: isCurrent ? t.thisDevice : t.seen(speech.moment(lastSeenAt)),
    since: [t.since(speech.day(createdAt)), ...(address === undefined ? [] : [address])].join(' · '),
    action: `${accountPath}/sessions/${id}/end`,
    endSpoken: t.endOf(name),
  };
}

function passkeyRow(passkey: Passkey, index: number, speech: Speech) {
  const { credentialId, createdAt, lastUsedAt } = passkey;
  const t = speech.words.account;
  const name = passkey.name === '' ? t.passkeyUnnamed : passkey.name;
  return {
    id: credentialId,
    field: `passkey-${index}`,
    name,
    made: t.passkeyMade(speech.day(createdAt)),
    used: lastUsedAt === undefined ? t.passkeyNeverUsed : t.passkeyUsed(speech.moment(lastUsedAt)),
    changeSpoken: t.passkeyChangeOf(name),
    renameSpoken: t.passkeyRenameOf(name),
    removeSpoken: t.passkeyRemoveOf(name),
  };
}
