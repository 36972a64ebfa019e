// What the browser does with passkeys. Both ways are one: the server says what to ask, the browser asks the person, the server hears.

/** On secure addresses, by a name: a number can't own a key. Without it nothing is offered. */
export const hasPasskeys = (): boolean =>
  isSecureContext &&
  typeof PublicKeyCredential === 'function' &&
  typeof PublicKeyCredential.parseCreationOptionsFromJSON === 'function' &&
  !/^[\d.]+$|:/.test(location.hostname);

/** The browser offers keys in the field for the name, beside passwords. */
export const canFillIn = async (): Promise<boolean> =>
  typeof PublicKeyCredential.isConditionalMediationAvailable === 'function' &&
  (await PublicKeyCredential.isConditionalMediationAvailable());

export interface Told {
  readonly ok: boolean;
  /** The server's own word for what was wrong. */
  readonly code: string | undefined;
  /** The server's own sentence about what was wrong. */
  readonly detail: string | undefined;
}

/** Rejects when there was no answer, and when the person or the device would not. */
export async function makePasskey(address: string, name: string): Promise<Told> {
  const options = await ask(`${address}/options`, {});
  if (!options.ok) return await toldIn(options);
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    (await options.json()) as PublicKeyCredentialCreationOptionsJSON,
  );
  const answer = answerOf(await navigator.credentials.create({ publicKey }));
  return await toldIn(await ask(address, { name, answer }));
}

/** Rejects as makePasskey, and when it is given up. */
export async function usePasskey(
  address: string,
  how: Pick<CredentialRequestOptions, 'mediation' | 'signal'> = {},
): Promise<Told> {
  const options = await ask(`${address}/options`, {});
  if (!options.ok) return await toldIn(options);
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    (await options.json()) as PublicKeyCredentialRequestOptionsJSON,
  );
  const answer = answerOf(await navigator.credentials.get({ ...how, publicKey }));
  return await toldIn(await ask(address, { answer }));
}

function answerOf(credential: Credential | null): unknown {
  if (credential instanceof PublicKeyCredential) return credential.toJSON();
  throw new Error('the browser answered with nothing');
}

const ask = (address: string, body: object): Promise<Response> =>
  fetch(address, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
  });

async function toldIn(response: Response): Promise<Told> {
  const body: unknown = await response.json().catch(() => undefined);
  const textIn = (name: string) => {
    const text: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
    return typeof text === 'string' ? text : undefined;
  };
  return { ok: response.ok, code: textIn('code'), detail: textIn('detail') };
}
