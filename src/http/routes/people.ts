// All people, for whoever runs the gallery: who there is, inviting, roles, keeping out, and what was done.
import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import { invitationIn, noSuchUser, parseGrantId, parseUserId } from '../../gallery/accounts.ts';
import { GalleryError } from '../../gallery/errors.ts';
import { roles, type UserId } from '../../gallery/user.ts';
import type { Viewer } from '../../gallery/viewer.ts';
import { auditJson, userJson } from '../account-json.ts';
import { askedBy, queryText } from '../asking.ts';
import { limitIn, parse } from '../fields.ts';
import { orAgain } from '../form-again.ts';
import { identityOf } from '../identity.ts';
import { auditPath, invitePath, peoplePath } from '../links.ts';
import { ownAddress } from '../own-address.ts';
import { makerOf } from '../pages/people.ts';
import type { HttpParts } from '../parts.ts';
import { actorOf } from '../visit.ts';

const leftFields = z.object({ private: z.enum(['hidden', 'mine', 'trash']).default('hidden') });
const settleFields = z.object({ private: z.enum(['mine', 'trash']) });
const roleFields = z.object({ role: z.enum(roles) });
const auditPageSize = 50;

export function showPeople(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    response.vary('Accept').vary('Cookie');
    const { viewer, json } = askedBy(parts, request);
    if (!json) {
      response.send(await peoplePage(parts, request));
      return;
    }
    const { users, invitations, left } = await readPeople(parts, viewer);
    response.json({
      users: users.map(userJson),
      invitations: invitations.map((one) => {
        const { role } = invitationIn(one.payload);
        const maker = makerOf(one, users);
        const { id, expiresAt } = one;
        return { id, role, expiresAt: expiresAt.toISOString(), ...(maker ? { by: maker.name } : {}) };
      }),
      left,
    });
  };
}

/** Its link is shown once. */
export function invite(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { json, context } = askedBy(parts, request);
    const { role } = parse(roleFields, request.body);
    const { token, expiresAt } = await parts.membership.people.invite(actorOf(request), role);
    const { origin, isLoopback } = ownAddress(parts, request);
    const link = `${origin}${invitePath(token)}`;
    if (json) response.status(201).json({ link, role, expiresAt: expiresAt.toISOString() });
    else response.send(parts.views.offer(context, { kind: 'invite', role, link, expiresAt, isLoopback }));
  };
}

export function endInvitation(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const id = parseGrantId(String(request.params['id']));
    if (id === undefined)
      throw new GalleryError('not-found', 'There is no such invitation; look at the list of people.');
    await parts.membership.people.endInvitation(actorOf(request), id);
    if (askedBy(parts, request).json) response.status(204).end();
    else response.redirect(303, peoplePath);
  };
}

export const setRole = changePerson((parts, request, id) =>
  parts.membership.people.setRole(actorOf(request), id, parse(roleFields, request.body).role),
);
export const disable = changePerson((parts, request, id) =>
  parts.membership.people.setDisabled(actorOf(request), id, true),
);
export const enable = changePerson((parts, request, id) =>
  parts.membership.people.setDisabled(actorOf(request), id, false),
);

export function removePerson(parts: HttpParts): RequestHandler {
  return orAgain(
    parts,
    async (request, response) => {
      const { private: left } = parse(leftFields, request.body ?? {});
      await parts.membership.people.remove(actorOf(request), userIdIn(request), left);
      if (askedBy(parts, request).json) response.status(204).end();
      else response.redirect(303, peoplePath);
    },
    (request, refusal) => peoplePage(parts, request, refusal),
  );
}

/** What people kept for themselves alone who were removed. */
export function settleLeft(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { private: to } = parse(settleFields, request.body);
    const settled = await parts.membership.leftPhotos.settle(actorOf(request), to);
    if (askedBy(parts, request).json) response.json({ settled });
    else response.redirect(303, peoplePath);
  };
}

export function showAudit(parts: HttpParts): RequestHandler {
  return async (request, response) => {
    const { viewer, json, context } = askedBy(parts, request);
    const before = entryIn(queryText(request, 'before'));
    const limit = limitIn(queryText(request, 'limit'), auditPageSize);
    const page = await parts.accounts.listAudit(viewer, {
      limit,
      ...(before === undefined ? {} : { before }),
    });
    response.vary('Accept').vary('Cookie');
    if (!json) response.send(parts.views.audit(context, { page, first: before === undefined }));
    else
      response.json({
        entries: page.entries.map(auditJson),
        ...(page.next === undefined ? {} : { next: `${auditPath(page.next)}&limit=${limit}` }),
      });
  };
}

function changePerson(
  change: (parts: HttpParts, request: Request, id: UserId) => Promise<Parameters<typeof userJson>[0]>,
) {
  return (parts: HttpParts): RequestHandler =>
    orAgain(
      parts,
      async (request, response) => {
        const user = await change(parts, request, userIdIn(request));
        if (askedBy(parts, request).json) response.json(userJson(user));
        else response.redirect(303, peoplePath);
      },
      (request, refusal) => peoplePage(parts, request, refusal),
    );
}

function userIdIn(request: Request): UserId {
  const id = parseUserId(String(request.params['id']));
  if (id === undefined) throw noSuchUser();
  return id;
}

function entryIn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new GalleryError('bad-request', 'This page does not exist; begin with the first one.');
}

async function readPeople({ accounts, membership }: HttpParts, viewer: Viewer) {
  const [users, invitations, left] = await Promise.all([
    accounts.listUsers(viewer),
    accounts.listGrants('invite'),
    membership.leftPhotos.count(viewer),
  ]);
  return { users, invitations, left };
}

async function peoplePage(parts: HttpParts, request: Request, refusal?: string): Promise<string> {
  const { viewer, context } = askedBy(parts, request);
  return parts.views.people(context, {
    ...(await readPeople(parts, viewer)),
    kept: await parts.membership.leftPhotos.countKept(viewer),
    self: identityOf(request).user?.id,
    isLocal: parts.access === 'local',
    refusal,
  });
}
