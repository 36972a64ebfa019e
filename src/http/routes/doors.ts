// The doors: set-up, sign-in, invitation, pairing, and the way out. Each is one form. What opens a door once is looked at by GET and used by
// POST only, so that a link that was looked at by a program of some mail or chat still works for the person.
import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import { GalleryError } from '../../gallery/errors.ts';
import type { Admission } from '../../gallery/front-door.ts';
import { userJson } from '../account-json.ts';
import { askedBy, queryText } from '../asking.ts';
import { clientAddress } from '../client.ts';
import { parse } from '../fields.ts';
import { orAgain } from '../form-again.ts';
import { identityOf } from '../identity.ts';
import { signInPath } from '../links.ts';
import type { DoorModel } from '../pages/door.ts';
import type { HttpParts } from '../parts.ts';
import { clearSessionCookies } from '../session-cookie.ts';
import { expectDoor, letIn, nextIn, tokenIn, visitOf } from '../visit.ts';

// Longer than any password that is taken, so that one that is too long is told so.
const secret = z.string().max(1_000);
const signInFields = z.object({ name: z.string().max(1_000), password: secret, next: z.string().optional() });
const newUserFields = z.object({ name: z.string().max(1_000), password: secret, again: secret.optional() });

export function showSignIn(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const next = nextIn(queryText(request, 'next'));
    const { viewer } = identityOf(request);
    if (viewer.kind === 'user' || viewer.kind === 'machine') response.redirect(303, next);
    else response.send(await signInPage(parts, request, { next }));
  };
}

export function signIn(parts: HttpParts): RequestHandler {
  const work = async (request: Request, response: Response) => {
    expectDoor(parts);
    const { name, password, next } = parse(signInFields, request.body);
    const admission = await parts.membership.frontDoor.signIn({ name, password }, visitOf(request));
    welcome(parts, request, response, admission, nextIn(next));
  };
  return orAgain(parts, work, (request, refusal) => {
    const { name, next } = parse(signInFields, request.body);
    return signInPage(parts, request, { next: nextIn(next), name, refusal });
  });
}

async function signInPage(
  parts: HttpParts,
  request: Request,
  more: { readonly next: string; readonly name?: string; readonly refusal?: string },
): Promise<string> {
  const isSetUp = (await parts.accounts.countOwners()) > 0;
  const context = { ...askedBy(parts, request).context, path: signInPath(more.next) };
  return parts.views.door(context, { kind: 'sign-in', isSetUp, ...more });
}

/**
 * Only the cache is cleared, where pictures lie. Not the storage: there wait photos that were taken and are not sent yet, perhaps the only
 * copies; nothing else is in it but what everybody may read. Nor the cookies: language and threshold are no secrets.
 */
export function signOut(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { session } = identityOf(request);
    if (session !== undefined) await parts.membership.frontDoor.signOut(session, clientAddress(request));
    clearSessionCookies(response);
    response.set({ 'Clear-Site-Data': '"cache"', 'Cache-Control': 'no-store' });
    if (askedBy(parts, request).json) response.status(204).end();
    else response.redirect(303, signInPath());
  };
}

export function showSetUp(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    expectDoor(parts);
    await parts.membership.frontDoor.expectSetUp(tokenIn(request));
    response.send(page(parts, request, { kind: 'set-up', token: tokenIn(request) }));
  };
}

export function setUp(parts: HttpParts): RequestHandler {
  const { frontDoor } = parts.membership;
  const work = async (request: Request, response: Response) => {
    expectDoor(parts);
    await frontDoor.expectSetUp(tokenIn(request));
    welcome(
      parts,
      request,
      response,
      await frontDoor.setUp(tokenIn(request), chosenIn(request), visitOf(request)),
    );
  };
  return orAgain(parts, work, (request, refusal) =>
    page(parts, request, { kind: 'set-up', token: tokenIn(request), name: nameIn(request), refusal }),
  );
}

export function showInvitation(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    expectDoor(parts);
    const role = await parts.membership.frontDoor.findInvitation(tokenIn(request));
    response.send(page(parts, request, { kind: 'invite', role, token: tokenIn(request) }));
  };
}

export function acceptInvitation(parts: HttpParts): RequestHandler {
  const { frontDoor } = parts.membership;
  const work = async (request: Request, response: Response) => {
    expectDoor(parts);
    await frontDoor.findInvitation(tokenIn(request));
    const admission = await frontDoor.acceptInvitation(tokenIn(request), chosenIn(request), visitOf(request));
    welcome(parts, request, response, admission);
  };
  return orAgain(parts, work, async (request, refusal) => {
    const token = tokenIn(request);
    const role = await frontDoor.findInvitation(token);
    return page(parts, request, { kind: 'invite', role, token, name: nameIn(request), refusal });
  });
}

export function showPairing(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    expectDoor(parts);
    const { name } = await parts.membership.frontDoor.findPairing(tokenIn(request));
    response.send(page(parts, request, { kind: 'pair', who: name, token: tokenIn(request) }));
  };
}

export function pair(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    expectDoor(parts);
    const admission = await parts.membership.frontDoor.pair(tokenIn(request), visitOf(request));
    welcome(parts, request, response, admission);
  };
}

/** The cookie, and on to where they wanted to go; programs hear who they are now. */
export function welcome(
  parts: HttpParts,
  request: Request,
  response: Response,
  admission: Admission,
  next = '/',
): void {
  letIn(request, response, admission);
  if (askedBy(parts, request).json) response.json({ user: userJson(admission.session.user) });
  else response.redirect(303, next);
}

const page = (parts: HttpParts, request: Request, model: DoorModel) =>
  parts.views.door(askedBy(parts, request).context, model);

const nameIn = (request: Request) => parse(newUserFields, request.body).name;

/** A program need not say it twice. */
function chosenIn(request: Request) {
  const { name, password, again } = parse(newUserFields, request.body);
  expectSame(password, again);
  return { name, password };
}

export function expectSame(password: string, again: string | undefined): void {
  if (again === undefined || again === password) return;
  throw new GalleryError('passwords-differ', 'These are two different passwords; type the same twice.');
}
