// One's own account: what there is, another password, where one is signed in, and a phone that shall be, too.
import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import { confirmedForMs, parseSessionId, type Session, type User } from '../../gallery/accounts.ts';
import { GalleryError } from '../../gallery/errors.ts';
import { passkeyJson, sessionJson, userJson } from '../account-json.ts';
import { askedBy, queryText } from '../asking.ts';
import { clientAddress } from '../client.ts';
import { confirmationPage } from '../confirmation.ts';
import { parse } from '../fields.ts';
import { orAgain } from '../form-again.ts';
import { identityOf } from '../identity.ts';
import { accountPath, confirmPath, pairPath } from '../links.ts';
import { ownAddress } from '../own-address.ts';
import type { HttpParts } from '../parts.ts';
import { nextIn, visitOf } from '../visit.ts';
import { expectSame, welcome } from './doors.ts';

const secret = z.string().max(1_000);
const presentFields = z.object({ present: secret, next: z.string().optional() });
const passwordFields = z.object({ present: secret.default(''), password: secret, again: secret.optional() });

export function showAccount(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    response.vary('Accept').vary('Cookie');
    const { user, session } = selfIn(request);
    if (!askedBy(parts, request).json) {
      const done = queryText(request, 'done') === 'password' ? 'password' : undefined;
      response.send(await accountPage(parts, request, { done }));
      return;
    }
    const { sessions, passkeys } = await readAccount(parts, user);
    response.json({
      user: userJson(user),
      sessions: sessions.map((one) => sessionJson(one, session)),
      passkeys: passkeys.map(passkeyJson),
    });
  };
}

export function changePassword(parts: HttpParts): RequestHandler {
  const work = async (request: Request, response: Response) => {
    const { session } = selfIn(request);
    const { present, password, again } = parse(passwordFields, request.body);
    expectSame(password, again);
    const change = { present, next: password };
    const admission = await parts.membership.ownAccount.changePassword(session, change, visitOf(request));
    // The form's own fragment would go along, and lead past what is said at the top.
    welcome(parts, request, response, admission, `${accountPath}?done=password#account`);
  };
  return orAgain(parts, work, (request, refusal) => accountPage(parts, request, { refusal }));
}

export function showConfirmation(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const next = nextIn(queryText(request, 'next') ?? accountPath);
    response.send(await askToConfirm(parts, request, next));
  };
}

export function confirm(parts: HttpParts): RequestHandler {
  const work = async (request: Request, response: Response) => {
    const { session } = selfIn(request);
    const { present, next } = parse(presentFields, request.body);
    await parts.membership.confirmation.byPassword(session, present, clientAddress(request));
    const until = new Date(parts.now() + confirmedForMs);
    if (askedBy(parts, request).json) response.json({ confirmedUntil: until.toISOString() });
    else response.redirect(303, nextIn(next));
  };
  return orAgain(parts, work, (request, refusal) =>
    askToConfirm(parts, request, nextIn(parse(presentFields, request.body).next), refusal),
  );
}

const askToConfirm = (parts: HttpParts, request: Request, next: string, refusal?: string) =>
  confirmationPage(parts, request, {
    action: confirmPath(),
    fields: [{ name: 'next', value: next }],
    back: next,
    refusal,
  });

export function endSession(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { user } = selfIn(request);
    const id = parseSessionId(String(request.params['id']));
    if (id === undefined)
      throw new GalleryError('not-found', 'There is no such session; look at the list of sessions.');
    await parts.membership.ownAccount.endSession(user, id, clientAddress(request));
    if (askedBy(parts, request).json) response.status(204).end();
    else response.redirect(303, accountPath);
  };
}

export function endOtherSessions(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { user, session } = selfIn(request);
    const ended = await parts.membership.ownAccount.endOthers(user, session.id, clientAddress(request));
    if (askedBy(parts, request).json) response.json({ ended });
    else response.redirect(303, accountPath);
  };
}

/** Shown once, and made anew by every POST. */
export function offerPairing(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { json, context } = askedBy(parts, request);
    const { token, expiresAt } = await parts.membership.frontDoor.offerPairing(selfIn(request).session);
    const { origin, isLoopback } = ownAddress(parts, request);
    const link = `${origin}${pairPath(token)}`;
    if (json) response.status(201).json({ link, expiresAt: expiresAt.toISOString() });
    else response.send(parts.views.offer(context, { kind: 'pair', link, expiresAt, isLoopback }));
  };
}

/** Behind `self` there is always somebody. */
export function selfIn(request: Request): { readonly user: User; readonly session: Session } {
  const { user, session } = identityOf(request);
  if (user !== undefined && session !== undefined) return { user, session };
  throw new GalleryError('signed-out', 'Sign in first.');
}

async function readAccount({ accounts }: Pick<HttpParts, 'accounts'>, { id }: User) {
  const [sessions, passkeys, hash] = await Promise.all([
    accounts.listSessions(id),
    accounts.listPasskeys(id),
    accounts.passwordHashOf(id),
  ]);
  return { sessions, passkeys, hasPassword: hash !== undefined };
}

async function accountPage(
  parts: HttpParts,
  request: Request,
  more: { readonly refusal?: string; readonly done?: 'password' | undefined },
): Promise<string> {
  const { user, session } = selfIn(request);
  const { context } = askedBy(parts, request);
  return parts.views.account(context, {
    user,
    current: session,
    ...(await readAccount(parts, user)),
    ...more,
  });
}
