// Passkeys, for the page's script: what to ask the browser, and what it answered. Renaming and removing one are forms; the rest can't be done without
// scripts, and nobody has to.
import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import type { PasskeySite } from '../../security/passkeys.ts';
import { passkeyJson } from '../account-json.ts';
import { askedBy } from '../asking.ts';
import { clientAddress } from '../client.ts';
import { parse } from '../fields.ts';
import { accountPath } from '../links.ts';
import type { HttpParts } from '../parts.ts';
import { expectDoor, visitOf } from '../visit.ts';
import { selfIn } from './account.ts';
import { welcome } from './doors.ts';

// What is in an answer is looked at by whoever believes it.
const answer = z.looseObject({});
const signInFields = z.object({ answer });
const newFields = z.object({ name: z.string().max(200), answer });
const removeFields = z.object({ id: z.string().max(1_400) });
const renameFields = removeFields.extend({ name: z.string().trim().min(1).max(200) });

export function offerPasskeySignIn(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    expectDoor(parts);
    const { passkeyDoor } = parts.membership;
    response.json(await passkeyDoor.offerSignIn(siteOf(parts, request), clientAddress(request)));
  };
}

export function signInByPasskey(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    expectDoor(parts);
    const { answer } = parse(signInFields, request.body);
    const admission = await parts.membership.passkeyDoor.signIn(
      siteOf(parts, request),
      answer,
      visitOf(request),
    );
    welcome(parts, request, response, admission);
  };
}

export function offerNewPasskey(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { user } = selfIn(request);
    response.json(await parts.membership.passkeyDoor.offerNew(user, siteOf(parts, request)));
  };
}

export function addPasskey(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { user } = selfIn(request);
    const made = parse(newFields, request.body);
    const passkey = await parts.membership.passkeyDoor.add(
      user,
      siteOf(parts, request),
      made,
      clientAddress(request),
    );
    response.status(201).location(accountPath).json(passkeyJson(passkey));
  };
}

export function renamePasskey(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { user } = selfIn(request);
    const { id, name } = parse(renameFields, request.body);
    await parts.membership.passkeyDoor.rename(user, id, name, clientAddress(request));
    if (askedBy(parts, request).json) response.status(204).end();
    else response.redirect(303, `${accountPath}#passkeys`);
  };
}

export function removePasskey(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { user } = selfIn(request);
    const { id } = parse(removeFields, request.body);
    await parts.membership.passkeyDoor.remove(user, id, clientAddress(request));
    if (askedBy(parts, request).json) response.status(204).end();
    else response.redirect(303, accountPath);
  };
}

export function offerPasskeyConfirmation(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { session } = selfIn(request);
    const { passkeyDoor } = parts.membership;
    const site = siteOf(parts, request);
    response.json(await passkeyDoor.offerConfirmation(session, site, clientAddress(request)));
  };
}

export function confirmByPasskey(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { session } = selfIn(request);
    const { answer } = parse(signInFields, request.body);
    await parts.membership.passkeyDoor.confirm(
      session,
      siteOf(parts, request),
      answer,
      clientAddress(request),
    );
    response.status(204).end();
  };
}

/**
 * The name that the browser came by, which is one of ours. Of both schemes: whether a proxy took the `s` of https away is not known here,
 * and on plain http no browser makes or uses a key, but on its own machine.
 */
function siteOf({ speeches }: HttpParts, request: Request): PasskeySite {
  const { host, hostname } = new URL(`http://${request.headers.host}`);
  return {
    domain: hostname,
    name: speeches.en.words.appName,
    origins: [`https://${host}`, `http://${host}`],
  };
}
