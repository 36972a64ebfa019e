// Asks whoever is signed in to show once more who they are, before what somebody who finds a device unlocked must not do. Programs are told
// so. A page asks for the password, and carries what was wanted along as fields of a form to the same address: nothing of it is kept
// here, and it can lead nowhere else.
import type { Request, RequestHandler } from 'express';
import { notConfirmed } from '../gallery/accounts.ts';
import { askedBy, localPath } from './asking.ts';
import { readBodies } from './bodies.ts';
import { ifAny } from './body-guard.ts';
import { clientAddress } from './client.ts';
import { orAgain } from './form-again.ts';
import { identityOf } from './identity.ts';
import { accountPath, peoplePath, trashPath } from './links.ts';
import type { HttpParts } from './parts.ts';

/** Stands behind the readers of a route's body. Where nobody signs in it asks for nothing. */
export function guardConfirmed(parts: HttpParts): RequestHandler {
  const { confirmation } = parts.membership;
  return orAgain(
    parts,
    async (request, _response, next) => {
      const { viewer, session } = identityOf(request);
      const isFree = viewer.kind === 'machine' || (session !== undefined && confirmation.isRecent(session));
      if (!isFree) {
        const present = presentIn(request.body);
        if (session === undefined || present === '') throw notConfirmed();
        await confirmation.byPassword(session, present, clientAddress(request));
      }
      next();
    },
    (request, refusal, code) =>
      confirmationPage(parts, request, {
        action: localPath(request.originalUrl),
        fields: fieldsIn(request.body),
        back: sectionOf(request.path),
        refusal: code === 'not-confirmed' ? undefined : refusal,
      }),
  );
}

interface Wanted {
  readonly action: string;
  readonly fields: readonly { readonly name: string; readonly value: string }[];
  /** For who would rather not. */
  readonly back: string;
  readonly refusal?: string | undefined;
}

/** The page that asks. */
export async function confirmationPage(parts: HttpParts, request: Request, wanted: Wanted): Promise<string> {
  const { user } = identityOf(request);
  if (user === undefined) throw notConfirmed();
  const [hash, passkeys] = await Promise.all([
    parts.accounts.passwordHashOf(user.id),
    parts.accounts.listPasskeys(user.id),
  ]);
  const known = { name: user.name, hasPassword: hash !== undefined, hasPasskeys: passkeys.length > 0 };
  return parts.views.door(askedBy(parts, request).context, { kind: 'confirm', ...known, ...wanted });
}

const { formOrJson } = readBodies(100);

/** For routes that need no body, and whose form may come again with a password in it. */
export const bodyIfAny: readonly RequestHandler[] = formOrJson.map(ifAny);

const entriesOf = (body: unknown): [string, unknown][] =>
  typeof body === 'object' && body !== null ? Object.entries(body) : [];

function presentIn(body: unknown): string {
  const value = entriesOf(body).find(([name]) => name === 'present')?.[1];
  return typeof value === 'string' ? value : '';
}

const fieldsIn = (body: unknown) =>
  entriesOf(body)
    .filter(([name]) => name !== 'present')
    .flatMap(([name, values]) => [values].flat().map((value) => ({ name, value: String(value) })));

const sectionOf = (path: string) =>
  [accountPath, peoplePath].find((section) => path.startsWith(`${section}/`)) ?? trashPath();
