// Who may come in, as the page of whoever runs the gallery shows it. Plain strings; the template escapes them.
import type { Grant, User } from '../../gallery/accounts.ts';
import { invitationIn } from '../../gallery/accounts.ts';
import type { PrivateTotal } from '../../gallery/photo-database.ts';
import { type Role, roles, type UserId } from '../../gallery/user.ts';
import { auditPath, peoplePath } from '../links.ts';
import { personName, type Speech } from '../words.ts';

export interface PeopleModel {
  readonly users: readonly User[];
  readonly invitations: readonly Grant[];
  /** Private photos of who is gone. */
  readonly left: PrivateTotal;
  /** Private photos by whose they are. */
  readonly kept: ReadonlyMap<UserId, PrivateTotal>;
  /** Whoever looks, if they are one of them. */
  readonly self?: UserId | undefined;
  /** Nobody else gets in, whoever is on the list. */
  readonly isLocal: boolean;
  readonly refusal?: string | undefined;
}

export function peopleOf(model: PeopleModel, speech: Speech) {
  const { users, invitations, left, kept, self, isLocal, refusal } = model;
  const { words } = speech;
  return {
    refusal,
    isLocal,
    audit: auditPath(),
    invite: `${peoplePath}/invitations`,
    // A member is what most are invited to be.
    roles: roles.map((role) => ({ ...roleOf(role, speech), isUsual: role === 'member' })),
    people: users.map((user) => personRow(user, kept.get(user.id)?.hidden ?? 0, user.id === self, speech)),
    left: leftOf(left, speech),
    settle: `${peoplePath}/left`,
    mayTake: self !== undefined,
    invitations: invitations.map((one) => {
      const maker = makerOf(one, users);
      const until = words.people.invitedUntil(speech.moment(one.expiresAt));
      return {
        role: words.roles[invitationIn(one.payload).role ?? 'viewer'],
        facts:
          maker === undefined || maker.id === self
            ? until
            : `${until} · ${words.people.invitedBy(maker.name)}`,
        action: `${peoplePath}/invitations/${one.id}/end`,
      };
    }),
  };
}

/** Whose an invitation is; undefined for the machine's. */
export function makerOf({ payload }: Pick<Grant, 'payload'>, users: readonly User[]): User | undefined {
  const { by } = invitationIn(payload);
  return by === undefined ? undefined : users.find(({ id }) => id === by);
}

/** Undefined for nothing. */
function leftOf({ hidden, trashed }: PrivateTotal, { words, number }: Speech): string | undefined {
  if (hidden + trashed === 0) return undefined;
  return [
    ...(hidden === 0 ? [] : [words.people.leftHidden(hidden, number(hidden))]),
    ...(trashed === 0 ? [] : [words.people.leftTrashed(trashed, number(trashed))]),
  ].join(' ');
}

function personRow(
  { id, name: calledSo, role, createdAt, disabled }: User,
  kept: number,
  isSelf: boolean,
  speech: Speech,
) {
  const { words, day, number } = speech;
  const t = words.people;
  const name = personName(calledSo, speech);
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
    // What lies in their trash can wait: after they are gone it is asked for below.
    keptPrivate: kept === 0 ? undefined : t.keptPrivate(name, kept, number(kept)),
  };
}

const roleOf = (role: Role, { words }: Speech) => ({
  role,
  name: words.roles[role],
  text: words.roleTexts[role],
});
