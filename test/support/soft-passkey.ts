// A device with passkeys, in software: makes real P-256 keys and signs as WebAuthn says, or lies about one thing when told to.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** What the device says; what is absent is said rightly. */
export interface Lie {
  readonly type?: string;
  readonly challenge?: string;
  readonly origin?: string;
  readonly domain?: string;
  readonly flags?: number;
  readonly counter?: number;
  readonly format?: string;
  readonly statement?: Cbor;
  readonly transports?: unknown;
}

export const flags = { present: 0x01, verified: 0x04, attested: 0x40 } as const;

export interface SoftPasskey {
  readonly credentialId: string;
  /** As `navigator.credentials.create()` answers, in JSON. */
  register(options: { readonly challenge: string }, lie?: Lie): RegistrationAnswer;
  /** As `navigator.credentials.get()` answers, in JSON. Counts up. */
  use(options: { readonly challenge: string }, lie?: Lie & { readonly userHandle?: string }): UseAnswer;
}

interface Answer<Response> {
  readonly id: string;
  readonly rawId: string;
  readonly type: 'public-key';
  readonly clientExtensionResults: object;
  readonly response: Response & { readonly clientDataJSON: string };
}
export type RegistrationAnswer = Answer<{ readonly attestationObject: string; readonly transports: unknown }>;
export type UseAnswer = Answer<{
  readonly authenticatorData: string;
  readonly signature: string;
  readonly userHandle?: string;
}>;

/** @param counts false for a key that lives on several devices: its counter stays at 0 */
export function makeSoftPasskey(home: { domain: string; origin: string }, counts = true): SoftPasskey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const id = randomBytes(32);
  const credentialId = id.toString('base64url');
  let counter = 0;

  const clientData = (type: string, challenge: string, lie: Lie) =>
    Buffer.from(
      JSON.stringify({ type, challenge, origin: home.origin, crossOrigin: false, ...onlyClient(lie) }),
    );
  const deviceData = (usual: number, lie: Lie, more: Buffer = Buffer.alloc(0)) => {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(lie.counter ?? counter);
    return Buffer.concat([sha256(lie.domain ?? home.domain), Buffer.from([lie.flags ?? usual]), count, more]);
  };
  const wrap = <Response>(
    client: Buffer,
    response: Response,
  ): Answer<Response & { clientDataJSON: string }> => ({
    id: credentialId,
    rawId: credentialId,
    type: 'public-key',
    clientExtensionResults: {},
    response: { ...response, clientDataJSON: client.toString('base64url') },
  });

  return {
    credentialId,
    register({ challenge }, lie = {}) {
      const client = clientData('webauthn.create', challenge, lie);
      const coordinates = [x, y].map((one) => Buffer.from(one, 'base64url')) as [Buffer, Buffer];
      // RFC 9053: key type EC2, algorithm ES256, curve P-256, x, y.
      const cose = encodeCbor(
        new Map<number, Cbor>([
          [1, 2],
          [3, -7],
          [-1, 1],
          [-2, coordinates[0]],
          [-3, coordinates[1]],
        ]),
      );
      const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, cose]);
      const { present, verified, attested: withKey } = flags;
      const data = deviceData(present | verified | withKey, lie, attested);
      const attestation = new Map<string, Cbor>([
        ['fmt', lie.format ?? 'none'],
        ['attStmt', lie.statement ?? new Map()],
        ['authData', data],
      ]);
      const attestationObject = encodeCbor(attestation).toString('base64url');
      return wrap(client, { attestationObject, transports: lie.transports ?? ['internal', 'hybrid'] });
    },
    use({ challenge }, lie = {}) {
      if (counts) counter += 1;
      const client = clientData('webauthn.get', challenge, lie);
      const data = deviceData(flags.present | flags.verified, lie);
      const signature = sign('sha256', Buffer.concat([data, sha256(client)]), privateKey);
      const { userHandle } = lie;
      return wrap(client, {
        authenticatorData: data.toString('base64url'),
        signature: signature.toString('base64url'),
        ...(userHandle === undefined ? {} : { userHandle: Buffer.from(userHandle).toString('base64url') }),
      });
    },
  };
}

const onlyClient = ({ type, challenge, origin }: Lie) =>
  Object.fromEntries(Object.entries({ type, challenge, origin }).filter(([, value]) => value !== undefined));

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest();

export type Cbor = number | string | Buffer | readonly Cbor[] | ReadonlyMap<string | number, Cbor>;

/** RFC 8949, as much as WebAuthn needs. */
function encodeCbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string')
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (value instanceof Map)
    return Buffer.concat([head(5, value.size), ...[...value].flat().map((one) => encodeCbor(one as Cbor))]);
  const list = value as readonly Cbor[];
  return Buffer.concat([head(4, list.length), ...list.map(encodeCbor)]);
}

function head(major: number, count: number): Buffer {
  if (count < 24) return Buffer.from([(major << 5) | count]);
  if (count < 256) return Buffer.from([(major << 5) | 24, count]);
  return Buffer.from([(major << 5) | 25, count >> 8, count & 0xff]);
}
