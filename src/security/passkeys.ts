// Passkeys: what a browser is asked, and whether what it answers is true. Keeps nothing: challenges and keys are the caller's.
// Knows WebAuthn's rules only through its library, whose types end here.
import type { RegistrationResponseJSON } from '@simplewebauthn/server';
import { parseToken, type Token } from './tokens.ts';

/** The site that a key belongs to. */
export interface PasskeySite {
  /** A domain name without port, the RP ID: `sajin.example`. A key is good for it and what lies below it, and for nothing else. */
  readonly domain: string;
  /** What the browser shows. */
  readonly name: string;
  /** Where pages come from, as browsers say it: `https://sajin.example:3000`. One that is not in it is refused. */
  readonly origins: readonly string[];
}

/** For `navigator.credentials`, as JSON: see `parseCreationOptionsFromJSON` and `parseRequestOptionsFromJSON`. */
export type PasskeyOptions = Readonly<Record<string, unknown>> & { readonly challenge: string };

export interface PasskeyHint {
  readonly credentialId: string;
  readonly transports: readonly string[];
}

/** What is kept of a key. */
export interface PasskeyFacts extends PasskeyHint {
  /** COSE. */
  readonly publicKey: Uint8Array;
  readonly counter: number;
}

export interface PasskeyUse {
  /** To be kept, unless a larger one has been kept meanwhile: then somebody else was faster, or the key was copied. */
  readonly counter: number;
  /** A finger, a face or a PIN; otherwise somebody only touched the key. */
  readonly userVerified: boolean;
}

/** The answer is not to be believed. `cause` is for the log and not for the visitor. */
export class PasskeyRefused extends Error {
  override readonly name = 'PasskeyRefused';
}

/** A challenge is good for so long, and once: whoever keeps it takes it before the answer is looked at, whatever comes of it. */
export const challengeLifeMs = 5 * 60_000;

/** EdDSA, ES256, RS256: what devices make today and this Node can check. */
const algorithms = [-8, -7, -257];

/** WebAuthn 5.8.4. What else an answer calls a way is not kept. */
const waysKnown = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'];

/**
 * What to ask a browser that shall make a key.
 * @param user `handle` is kept inside the key and comes back with every use: an id, nothing personal. `name` is what people choose by.
 * @param known the user's keys: a device that has one of them makes no second one
 */
export async function registrationOptions(
  site: PasskeySite,
  challenge: Token,
  user: { readonly handle: string; readonly name: string },
  known: readonly PasskeyHint[],
): Promise<PasskeyOptions> {
  const { generateRegistrationOptions } = await library();
  const options = await generateRegistrationOptions({
    rpName: site.name,
    rpID: site.domain,
    userID: new Uint8Array(Buffer.from(user.handle, 'utf8')),
    userName: user.name,
    userDisplayName: user.name,
    challenge: bytesOf(challenge),
    timeout: challengeLifeMs,
    // Who made the device is none of our business, and asking for it makes browsers warn.
    attestationType: 'none',
    excludeCredentials: known.map(asDescriptor),
    // It opens the door alone, and to who has not said their name yet: a key that can't do that is to say so now, not at the door.
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    supportedAlgorithmIDs: algorithms,
  });
  return { ...options };
}

/** What to ask a browser that shall use one. @param known the user's keys; none: whoever it is chooses in the browser */
export async function authenticationOptions(
  site: PasskeySite,
  challenge: Token,
  known: readonly PasskeyHint[] = [],
): Promise<PasskeyOptions> {
  const { generateAuthenticationOptions } = await library();
  const options = await generateAuthenticationOptions({
    rpID: site.domain,
    challenge: bytesOf(challenge),
    timeout: challengeLifeMs,
    allowCredentials: known.map(asDescriptor),
    userVerification: 'required',
  });
  return { ...options };
}

/** The challenge that an answer claims to belong to, for finding what was kept of it. Undefined for what is no answer. */
export function challengeIn(answer: unknown): Token | undefined {
  try {
    const { response } = answer as RegistrationResponseJSON;
    const client: unknown = JSON.parse(Buffer.from(response.clientDataJSON, 'base64url').toString('utf8'));
    return parseToken((client as { challenge: string }).challenge);
  } catch {
    return undefined;
  }
}

/** The key that an answer claims to be made with. Undefined for what is no answer. */
export function credentialIdIn(answer: unknown): string | undefined {
  const id = typeof answer === 'object' && answer !== null && 'id' in answer ? answer.id : undefined;
  // WebAuthn allows 1023 bytes.
  return typeof id === 'string' && /^[\w-]{1,1364}$/.test(id) ? id : undefined;
}

/** What to keep of a key that was just made. @param answer the browser's JSON. Rejects PasskeyRefused. */
export async function verifyRegistration(
  site: PasskeySite,
  challenge: Token,
  answer: unknown,
): Promise<PasskeyFacts & Pick<PasskeyUse, 'userVerified'>> {
  return await believing(async () => {
    const response = answer as RegistrationResponseJSON;
    await refuseCertificates(response);
    const { verifyRegistrationResponse } = await library();
    const { registrationInfo } = await verifyRegistrationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: [...site.origins],
      expectedRPID: site.domain,
      requireUserVerification: false,
      supportedAlgorithmIDs: algorithms,
    });
    if (registrationInfo === undefined) throw new Error('the attestation is not right');
    const { id, publicKey, counter } = registrationInfo.credential;
    if (credentialIdIn({ id }) === undefined || id !== response.id) throw new Error('two ids, or none');
    const { userVerified } = registrationInfo;
    return { credentialId: id, publicKey, counter, transports: waysIn(response), userVerified };
  });
}

/**
 * How a key that is known was used.
 * @param key with the handle of the user it belongs to
 * @param answer the browser's JSON. Rejects PasskeyRefused, also when the counter did not grow: the key may have been copied.
 */
export async function verifyAuthentication(
  site: PasskeySite,
  challenge: Token,
  key: PasskeyFacts & { readonly handle: string },
  answer: unknown,
): Promise<PasskeyUse> {
  return await believing(async () => {
    const { verifyAuthenticationResponse } = await library();
    type Options = Parameters<typeof verifyAuthenticationResponse>[0];
    const response = answer as Options['response'];
    if (response.id !== key.credentialId) throw new Error('the answer is of another key');
    const { userHandle } = response.response;
    if (userHandle !== undefined && userHandle !== null && !isHandle(userHandle, key.handle))
      throw new Error('the key says that it belongs to another user');
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: [...site.origins],
      expectedRPID: site.domain,
      credential: { id: key.credentialId, publicKey: new Uint8Array(key.publicKey), counter: key.counter },
      requireUserVerification: false,
    });
    if (!verified) throw new Error('the signature is not right');
    return { counter: authenticationInfo.newCounter, userVerified: authenticationInfo.userVerified };
  });
}

// A sixth of a second and 23 MB: for whoever uses passkeys.
const library = () => import('@simplewebauthn/server');

const bytesOf = (challenge: Token) => new Uint8Array(Buffer.from(challenge, 'base64url'));

const asDescriptor = ({ credentialId: id, transports }: PasskeyHint) => ({ id, transports: [...transports] });

const isHandle = (given: string, handle: string) =>
  Buffer.from(given, 'base64url').equals(Buffer.from(handle, 'utf8'));

/** Whatever an answer makes the library stumble over, it is a refusal: its parts are a stranger's. */
async function believing<T>(check: () => Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (cause) {
    throw new PasskeyRefused('This passkey was not accepted', { cause });
  }
}

/**
 * We asked for none. To check some the library would load what addresses inside them name, so that a stranger could make this machine
 * ask others of its network.
 */
async function refuseCertificates({ response }: RegistrationResponseJSON): Promise<void> {
  const { decodeAttestationObject } = await import('@simplewebauthn/server/helpers');
  const attestation = decodeAttestationObject(
    new Uint8Array(Buffer.from(response.attestationObject, 'base64url')),
  );
  const [format, statement] = [attestation.get('fmt'), attestation.get('attStmt')];
  // `packed` without certificates is signed by the key itself: some devices send that, asked or not.
  if (format === 'none' || (format === 'packed' && statement.get('x5c') === undefined)) return;
  throw new Error(`attestation ${format} was not asked for`);
}

function waysIn({ response }: RegistrationResponseJSON): string[] {
  const ways: unknown = response.transports;
  return Array.isArray(ways) ? waysKnown.filter((way) => ways.includes(way)) : [];
}
