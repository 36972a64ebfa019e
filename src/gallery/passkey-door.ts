// Passkeys: a device's own key in place of a password. What a browser is asked lives as a challenge that is good once; what it answers is
// believed by security/passkeys.ts or not at all.
import {
  authenticationOptions,
  challengeIn,
  challengeLifeMs,
  credentialIdIn,
  type PasskeyOptions,
  PasskeyRefused,
  type PasskeySite,
  registrationOptions,
  verifyAuthentication,
  verifyRegistration,
} from '../security/passkeys.ts';
import { openRateLimit } from '../security/rates.ts';
import { neighbourhoodOf } from '../security/sign-in-limit.ts';
import { hashToken, newToken, type Token } from '../security/tokens.ts';
import type { AccountDatabase } from './account-database.ts';
import { notConfirmed, type Passkey, type Session, type SessionId, type User } from './accounts.ts';
import { cutTitle } from './cut-title.ts';
import { GalleryError } from './errors.ts';
import { type Admission, type FrontDoor, tooManyTries, type Visit } from './front-door.ts';
import type { Note } from './notes.ts';

export interface PasskeyDoor {
  /** What to ask the browser of somebody who shall get another key. */
  offerNew(user: User, site: PasskeySite): Promise<PasskeyOptions>;
  /** @param answer the browser's JSON. Rejects `bad-passkey`, `passkey-taken`. */
  add(
    user: User,
    site: PasskeySite,
    made: { readonly name: string; readonly answer: unknown },
    address: string,
  ): Promise<Passkey>;
  /** Rejects `not-found`; the next one, too. */
  rename(user: User, credentialId: string, name: string, address: string): Promise<void>;
  remove(user: User, credentialId: string, address: string): Promise<void>;
  /** What to ask the browser of whoever wants in. Rejects `too-many-tries`: each is kept for a while. */
  offerSignIn(site: PasskeySite, address: string): Promise<PasskeyOptions>;
  /** @param answer the browser's JSON. Rejects `bad-passkey`. */
  signIn(site: PasskeySite, answer: unknown, visit: Visit): Promise<Admission>;
  /** What to ask the browser of somebody who shall show once more who they are. Rejects `too-many-tries`. */
  offerConfirmation(session: Session, site: PasskeySite, address: string): Promise<PasskeyOptions>;
  /** With one of their own keys; from now on the session is confirmed. Rejects `bad-passkey`, `not-confirmed`. */
  confirm(session: Session, site: PasskeySite, answer: unknown, address: string): Promise<void>;
}

export interface PasskeyDoorParts {
  readonly accounts: AccountDatabase;
  readonly frontDoor: Pick<FrontDoor, 'admit'>;
  readonly note: Note;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A household has some people with some devices. */
const mostOffers = { most: 60, perMs: 15 * 60_000 };

const maxNameLength = 40;

export function openPasskeyDoor({ accounts, frontDoor, note, now }: PasskeyDoorParts): PasskeyDoor {
  const offers = openRateLimit({ ...mostOffers, now });
  /** @param payload whose key it shall become; '' for signing in */
  const challenge = async (payload: string): Promise<Token> => {
    const token = newToken();
    const expiresAt = new Date(now() + challengeLifeMs);
    await accounts.createGrant({
      purpose: 'passkey-challenge',
      tokenHash: hashToken(token),
      expiresAt,
      payload,
    });
    return token;
  };
  /** Taken whatever comes of it. */
  const takeChallenge = async (answer: unknown, payload: string): Promise<Token> => {
    const token = challengeIn(answer);
    if (token === undefined) throw badPasskey();
    const grant = await accounts.takeGrant('passkey-challenge', hashToken(token));
    if (grant?.payload !== payload) throw badPasskey();
    return token;
  };
  const takeOffer = (address: string) => {
    const allowance = offers.take(neighbourhoodOf(address));
    if (!allowance.allowed) throw tooManyTries(allowance.retryAfterMs);
  };
  /** That this key was used, with a finger, a face or a PIN, and for the first time with this count. */
  const believe = async (
    site: PasskeySite,
    token: Token,
    { passkey, user }: { readonly passkey: Passkey; readonly user: User },
    answer: unknown,
  ) => {
    const key = { ...passkey, handle: user.id };
    const { counter, userVerified } = await verifyAuthentication(site, token, key, answer).catch(refuse);
    const isNew = userVerified && (await accounts.usePasskey(passkey.credentialId, counter));
    if (!isNew || user.disabled) throw badPasskey();
  };

  return {
    async offerNew(user, site) {
      const known = await accounts.listPasskeys(user.id);
      const { id: handle, name } = user;
      return await registrationOptions(site, await challenge(user.id), { handle, name }, known);
    },
    async add(user, site, { name, answer }, address) {
      const token = await takeChallenge(answer, user.id);
      const { userVerified, ...facts } = await verifyRegistration(site, token, answer).catch(refuse);
      // It stands in for a password, so touching a key that somebody found must not be enough.
      if (!userVerified) throw badPasskey();
      const passkey = await accounts.addPasskey({
        ...facts,
        user: user.id,
        name: cutTitle(name, maxNameLength),
      });
      await note({ actor: user.name, action: 'passkey-added', subject: passkey.name, address });
      return passkey;
    },
    async rename(user, credentialId, name, address) {
      const called = cutTitle(name, maxNameLength);
      if (!(await accounts.renamePasskey(user.id, credentialId, called))) throw noSuchPasskey();
      await note({ actor: user.name, action: 'passkey-renamed', subject: called, address });
    },
    async remove(user, credentialId, address) {
      const passkey = (await accounts.listPasskeys(user.id)).find((one) => one.credentialId === credentialId);
      if (passkey === undefined || !(await accounts.removePasskey(user.id, credentialId)))
        throw noSuchPasskey();
      await note({ actor: user.name, action: 'passkey-removed', subject: passkey.name, address });
    },
    async offerSignIn(site, address) {
      takeOffer(address);
      return await authenticationOptions(site, await challenge(''));
    },
    async signIn(site, answer, visit) {
      const token = await takeChallenge(answer, '');
      const passkey = await accounts.findPasskey(credentialIdIn(answer) ?? '');
      const user = passkey === undefined ? undefined : await accounts.findUser(passkey.user);
      if (passkey === undefined || user === undefined) throw badPasskey();
      const { address } = visit;
      try {
        await believe(site, token, { passkey, user }, answer);
      } catch (error) {
        await note({ actor: '', action: 'sign-in-failed', subject: user.name, address });
        throw error;
      }
      const admission = await frontDoor.admit(user, visit);
      await note({ actor: user.name, action: 'signed-in-by-passkey', subject: passkey.name, address });
      return admission;
    },
    async offerConfirmation({ id, user }, site, address) {
      takeOffer(address);
      const known = await accounts.listPasskeys(user.id);
      return await authenticationOptions(site, await challenge(confirming(id)), known);
    },
    async confirm({ id, user }, site, answer, address) {
      const token = await takeChallenge(answer, confirming(id));
      const passkey = await accounts.findPasskey(credentialIdIn(answer) ?? '');
      try {
        if (passkey?.user !== user.id) throw badPasskey();
        await believe(site, token, { passkey, user }, answer);
      } catch (error) {
        await note({ actor: user.name, action: 'confirmation-failed', subject: 'passkey', address });
        throw error;
      }
      if (!(await accounts.confirmSession(user.id, id))) throw notConfirmed();
      await note({ actor: user.name, action: 'confirmed-by-passkey', subject: passkey.name, address });
    },
  };
}

/** What a challenge is for that only this session may answer. */
const confirming = (id: SessionId) => `confirm ${id}`;

const noSuchPasskey = () =>
  new GalleryError('not-found', 'There is no such passkey; it may be removed already.');

const badPasskey = (cause?: unknown) =>
  new GalleryError('bad-passkey', 'This passkey was not accepted; try again.', {}, { cause });

function refuse(error: unknown): never {
  throw error instanceof PasskeyRefused ? badPasskey(error) : error;
}
