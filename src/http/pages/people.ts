// Who may come in, as the page of whoever runs the gallery shows it. Plain strings; the template escapes them.
import type { Grant, User } from '../../gallery/accounts.ts';
import { parseRole } from '../../gallery/accounts.ts';
import { type Role, roles, type UserId } from '../../gallery/user.ts';
import { auditPath, peoplePath } from '../links.ts';
import type { Speech } from '../words.ts';

export interface PeopleModel {
  readonly users: readonly User[];
  readonly invitations: readonly Grant[];
  /** Whoever looks, if they are one of them. */
  readonly self?: UserId | undefined;
  /** Nobody else gets in, whoever is on the list. */
  readonly isLocal: boolean;
  readonly refusal?: string | undefined;
}

export function peopleOf({ users, invitations, self, isLocal, refusal }: PeopleModel, speech: Speech) {
  const { words } = speech;
  return {
    refusal,
    isLocal,
    audit: auditPath(),
    invite: `${peoplePath}/invitations`,
    // A member is what most are invited to be.
    roles: roles.map((role) => ({ ...roleOf(role, speech), isUsual: role === 'member' })),
    people: users.map((user) => personRow(user, user.id === self, speech)),
    invitations: invitations.map(({ id, payload, expiresAt }) => ({
      role: words.roles[parseRole(payload) ?? 'viewer'],
      until: words.people.invitedUntil(speech.moment(expiresAt)),
      action: `${peoplePath}/invitations/${id}/end`,
    })),
  };
}

function personRow({ id, name, role, createdAt, disabled }: User, isSelf: boolean, speech: Speech) {
  const { words, day } = speech;
  const t = words.people;
  return {
    id,
    name,
    isSelf,
    disabled,
    role: words.roles[role],
    since: t.since(day(createdAt)),
    roles: roles.map((one) => ({ ...roleOf(one, speech), isNow: one === role })),
    actions: {
      role: `${peoplePath}/${id}/role`,
      toggle: `${peoplePath}/${id}/${disabled ? 'enable' : 'disable'}`,
      remove: `${peoplePath}/${id}/remove`,
    },
    roleSpoken: t.roleOf(name),
    toggle: disabled ? t.enable : t.disable,
    toggleSpoken: disabled ? t.enableOf(name) : t.disableOf(name),
    removeSpoken: t.removeOf(name),
    removeTitle: t.removeTitle(name),
  };
}

const roleOf = (role: Role, { words }: Speech) => ({
  role,
  name: words.roles[role],
  text: words.roleTexts[role],
});
