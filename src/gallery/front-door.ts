// How somebody comes in: as the first of all, by name and password, by invitation, by a device that is in already. Tokens are handed out
// here and nowhere else; what is kept of them is a digest.
import type { Passwords } from '../security/passwords.ts';
import type { Share } from '../security/shares.ts';
import { neighbourhoodOf, type SignInLimit, type SignInTry } from '../security/sign-in-limit.ts';
import { hashToken, newToken, type Token } from '../security/tokens.ts';
import type { AccountDatabase } from './account-database.ts';
import {
  alreadySetUp,
  cleanUserName,
  type Grant,
  type GrantPurpose,
  grantOver,
  invitationIn,
  parseUserId,
  type Session,
  shortAgent,
  type User,
  userNameKey,
} from './accounts.ts';
import { GalleryError } from './errors.ts';
import { sharesOf } from './holders.ts';
import type { Note } from './notes.ts';
import { busyOrSo, choosePassword } from './password-choice.ts';
import type { Role, UserId } from './user.ts';
import { asViewer, mayOperate, stranger } from './viewer.ts';

/** Who knocks. */
export interface Visit {
  /** What the browser calls itself. */
  readonly agent: string;
  readonly address: string;
  /** What the browser came with. It ends when another one begins: whoever planted it must not be in, too. */
  readonly session?: Session;
}

export interface Admission {
  readonly session: Session;
  /** For the browser alone. */
  readonly token: Token;
}

/** What opens a door once. */
export interface Offer {
  readonly token: Token;
  readonly expiresAt: Date;
}

export interface NewName {
  readonly name: string;
  readonly password: string;
}

export interface FrontDoor {
  /** Undefined when there is an owner already. Whatever was offered before is over. */
  offerSetUp(): Promise<Offer | undefined>;
  /** Whether it may still be used. Rejects `already-set-up`, `grant-over`. */
  expectSetUp(token: Token | undefined): Promise<void>;
  /** The first owner. Rejects as `expectSetUp`, as `choosePassword`, and `bad-user-name`. */
  setUp(token: Token | undefined, chosen: NewName, visit: Visit): Promise<Admission>;
  /** Rejects `wrong-sign-in`, whatever of it is wrong; `too-many-tries`; `busy`. */
  signIn(given: NewName, visit: Visit): Promise<Admission>;
  signOut(session: Session, address: string): Promise<void>;
  /** @param by over when they are removed or disabled, or do not run the gallery any more; absent for this machine */
  offerInvitation(role: Role, by?: UserId): Promise<Offer>;
  /** What the invited will be. Rejects `grant-over`. */
  findInvitation(token: Token | undefined): Promise<Role>;
  /** Rejects as `findInvitation`, as `choosePassword`, `bad-user-name`, `name-taken`: then it may be used once more. */
  acceptInvitation(token: Token | undefined, chosen: NewName, visit: Visit): Promise<Admission>;
  /** For another device of whom this session belongs to, as long as the session lasts. */
  offerPairing(session: Session): Promise<Offer>;
  /** Who would be signed in. Rejects `grant-over`. */
  findPairing(token: Token | undefined): Promise<User>;
  /** Rejects `grant-over`. */
  pair(token: Token | undefined, visit: Visit): Promise<Admission>;
  /** A session, confirmed, for somebody who has just shown who they are. Rejects `not-found` for who is gone or disabled. */
  admit(user: User, visit: Visit): Promise<Admission>;
  /** Rejects `too-many-tries`; until `succeeded` is called, it counts as a failure. */
  begin(attempt: SignInTry): { succeeded(): void };
}

export interface DoorParts {
  readonly accounts: AccountDatabase;
  readonly passwords: Passwords;
  readonly limit: SignInLimit;
  readonly note: Note;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const minuteMs = 60_000;
export const setUpLifeMs = 24 * 60 * minuteMs;
export const invitationLifeMs = 7 * 24 * 60 * minuteMs;
export const pairingLifeMs = 5 * minuteMs;

export function openFrontDoor({ accounts, passwords, limit, note, now }: DoorParts): FrontDoor {
  const offer = async (purpose: GrantPurpose, lifeMs: number, payload: string): Promise<Offer> => {
    const token = newToken();
    const expiresAt = new Date(now() + lifeMs);
    await accounts.createGrant({ purpose, tokenHash: hashToken(token), expiresAt, payload });
    return { token, expiresAt };
  };
  const find = async (purpose: GrantPurpose, token: Token | undefined): Promise<Grant> => {
    const grant = token === undefined ? undefined : await accounts.findGrant(purpose, hashToken(token));
    if (grant === undefined) throw grantOver();
    return grant;
  };
  const enter = async (user: User, visit: Visit, isConfirmed: boolean): Promise<Admission> => {
    const { agent, address, session: old } = visit;
    const token = newToken();
    const session = await accounts.createSession({
      user: user.id,
      tokenHash: hashToken(token),
      isConfirmed,
      agent: shortAgent(agent),
      address,
    });
    if (old !== undefined) await accounts.endSession(old.user.id, old.id);
    return { session, token };
  };
  const admit = (user: User, visit: Visit) => enter(user, visit, true);
  const begin = (attempt: SignInTry) => {
    const allowance = limit.begin(attempt);
    if (!allowance.allowed) throw tooManyTries(allowance.retryAfterMs);
    return { succeeded: () => limit.succeeded(attempt) };
  };
  const expectSetUp = async (token: Token | undefined) => {
    if ((await accounts.countOwners()) > 0) throw alreadySetUp();
    await find('set-up', token);
  };
  const findInvitation = async (token: Token | undefined): Promise<Role> => {
    const { role, by } = invitationIn((await find('invite', token)).payload);
    const maker = by === undefined ? undefined : await accounts.findUser(by);
    const isMeant =
      by === undefined || (maker !== undefined && !maker.disabled && mayOperate(asViewer(maker)));
    if (role === undefined || !isMeant) throw grantOver();
    return role;
  };
  const ofPairing = async ({ payload }: Grant): Promise<User> => {
    const [id = '', session] = payload.split(' ');
    const userId = parseUserId(id);
    const user = userId === undefined ? undefined : await accounts.findUser(userId);
    if (user === undefined || user.disabled) throw grantOver();
    // Whoever ended that session, or changed the password, meant its offers as well.
    const sessions = await accounts.listSessions(user.id);
    if (!sessions.some((one) => one.id === session)) throw grantOver();
    return user;
  };
  /** The dear part, after everything that may be refused for less. */
  const chosenBy = async ({ name: typed, password }: NewName, { address }: Visit) => {
    const name = cleanUserName(typed);
    const shared = passwords.sharedBy(sharesOf(stranger, address));
    return { name, passwordHash: await choosePassword(shared, password, name) };
  };
  /** Whoever comes from where they are signed in already does not stand in line with everybody. */
  const sharesAt = async (user: User | undefined, address: string): Promise<readonly Share[]> => {
    const sessions = user === undefined ? [] : await accounts.listSessions(user.id);
    const here = neighbourhoodOf(address);
    const isKnown = sessions.some((one) => neighbourhoodOf(one.address ?? '') === here);
    return sharesOf(user !== undefined && isKnown ? asViewer(user) : stranger, address);
  };

  return {
    admit,
    begin,
    expectSetUp,
    findInvitation,
    async offerSetUp() {
      for (const { id } of await accounts.listGrants('set-up')) await accounts.endGrant(id);
      return (await accounts.countOwners()) === 0 ? await offer('set-up', setUpLifeMs, '') : undefined;
    },
    async setUp(token, chosen, visit) {
      await expectSetUp(token);
      if (token === undefined) throw grantOver();
      const user = await accounts.createFirstOwner(await chosenBy(chosen, visit), hashToken(token));
      await note({ actor: user.name, action: 'set-up', subject: '', address: visit.address });
      return await admit(user, visit);
    },
    async signIn({ name, password }, visit) {
      const { address } = visit;
      const { succeeded } = begin({ account: userNameKey(name), address });
      const user = await accounts.findUserByName(name);
      const hash = user === undefined || user.disabled ? undefined : await accounts.passwordHashOf(user.id);
      const shared = passwords.sharedBy(await sharesAt(user, address));
      const { isRight, needsRehash } = await shared.verify(password, hash).catch((error: unknown) => {
        throw busyOrSo(error);
      });
      if (user === undefined || hash === undefined || !isRight) {
        // Not what was typed, when it is nobody's name: it may have been the password.
        await note({ actor: '', action: 'sign-in-failed', subject: user?.name ?? '', address });
        throw wrongSignIn();
      }
      succeeded();
      if (needsRehash) await rehash(user, password, hash);
      const admission = await admit(user, visit).catch((error: unknown) => {
        // Gone or disabled while the password was looked at.
        throw error instanceof GalleryError && error.code === 'not-found' ? wrongSignIn() : error;
      });
      await note({ actor: user.name, action: 'signed-in', subject: '', address });
      return admission;
    },
    async signOut({ user, id }, address) {
      await accounts.endSession(user.id, id);
      await note({ actor: user.name, action: 'signed-out', subject: '', address });
    },
    offerInvitation: (role, by) =>
      offer('invite', invitationLifeMs, by === undefined ? role : `${role} ${by}`),
    async acceptInvitation(token, chosen, visit) {
      const role = await findInvitation(token);
      if (token === undefined) throw grantOver();
      const named = await chosenBy(chosen, visit);
      // Once more: whoever made it may have been put out while the password was hashed.
      await findInvitation(token);
      const user = await accounts.createUser({ ...named, role }, hashToken(token));
      await note({
        actor: user.name,
        action: 'invitation-accepted',
        subject: role,
        address: visit.address,
      });
      return await admit(user, visit);
    },
    offerPairing: ({ user, id }) => offer('pair', pairingLifeMs, `${user.id} ${id}`),
    findPairing: async (token) => await ofPairing(await find('pair', token)),
    async pair(token, visit) {
      const grant = token === undefined ? undefined : await accounts.takeGrant('pair', hashToken(token));
      if (grant === undefined) throw grantOver();
      const user = await ofPairing(grant);
      // Whoever held the code has not shown who they are.
      const admission = await enter(user, visit, false);
      await note({ actor: user.name, action: 'paired', subject: '', address: visit.address });
      return admission;
    },
  };

  /** That it could not be kept anew keeps nobody out; there will be another sign-in. */
  async function rehash({ id }: User, password: string, was: string): Promise<void> {
    try {
      await accounts.rehashPassword(id, was, await passwords.hash(password));
    } catch {
      // Busy, or a full disk.
    }
  }
}

/** The same for who is nobody, whose password is another one, and who is disabled. */
export const wrongSignIn = () =>
  new GalleryError('wrong-sign-in', 'Name and password do not belong together; try again.');

export const tooManyTries = (retryAfterMs: number) => {
  const seconds = Math.ceil(retryAfterMs / 1000);
  return new GalleryError('too-many-tries', `Too many tries; wait ${seconds} seconds.`, { seconds });
};
