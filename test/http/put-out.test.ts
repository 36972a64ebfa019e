// Whoever is put out is out: also while their upload is under way, and by an invitation that they made themselves.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type BrowserLike, openMembers } from '../support/members.ts';
import { filePart, formBody } from '../support/multipart.ts';
import { drawPng } from '../support/pictures.ts';
import { requestText, sendRaw } from '../support/raw-http.ts';

type Members = Awaited<ReturnType<typeof openMembers>>;

const idOf = async (owner: BrowserLike, name: string) => {
  const { users } = JSON.parse((await owner.ask('/people')).text) as {
    users: { id: string; name: string }[];
  };
  return users.find((user) => user.name === name)?.id ?? '';
};
const ways: readonly (readonly [
  what: string,
  act: (owner: BrowserLike, id: string) => Promise<{ status: number }>,
])[] = [
  ['removed', (owner, id) => owner.ask(`/people/${id}/remove`, { form: {} })],
  ['disabled', (owner, id) => owner.ask(`/people/${id}/disable`, { form: {} })],
  ['made a viewer', (owner, id) => owner.ask(`/people/${id}/role`, { form: { role: 'viewer' } })],
];

/** All but the last bytes, then what `meanwhile` does, then the rest. */
async function sendAround({ url }: Members, browser: BrowserLike, meanwhile: () => Promise<unknown>) {
  const { body, contentType } = formBody([filePart('a.png', drawPng({ seed: 1 }))]);
  const head = requestText('POST', '/photos', url, {
    'Content-Type': contentType,
    'Content-Length': body.length,
    Cookie: browser.cookie ?? '',
  });
  async function* chunks() {
    yield Buffer.concat([Buffer.from(head), body.subarray(0, -20)]);
    await meanwhile();
    yield body.subarray(-20);
  }
  return (await sendRaw({ url, chunks: chunks() })).status;
}

describe('whoever is put out', () => {
  for (const [what, act] of ways)
    test(`and ${what} while uploading adds no photo`, async (t) => {
      const members = await openMembers(t);
      const owner = await members.owner();
      const member = await members.invited(owner, 'member', 'Bori');
      const id = await idOf(owner, 'Bori');
      const status = await sendAround(members, member, async () => {
        const { status, text } = (await act(owner, id)) as { status: number; text: string };
        assert.ok(status < 400, `${status} ${text}`);
      });
      assert.ok([401, 403].includes(status), `${status}`);
      assert.deepEqual((JSON.parse((await owner.ask('/')).text) as { photos: unknown[] }).photos, []);
    });

  for (const [what, act] of ways)
    test(`and ${what} does not come back by an invitation of their own`, async (t) => {
      const members = await openMembers(t);
      const owner = await members.owner();
      const bad = await members.invited(owner, 'owner', 'Bad');
      const invitation = await bad.ask('/people/invitations', { form: { role: 'owner' } });
      const { link } = JSON.parse(invitation.text) as { link: string };
      const { invitations } = JSON.parse((await owner.ask('/people')).text) as {
        invitations: { by?: string }[];
      };
      assert.deepEqual(
        invitations.map(({ by }) => by),
        ['Bad'],
      );
      const { status } = await act(owner, await idOf(owner, 'Bad'));
      assert.ok(status < 400, `${status}`);
      const token = new URL(link).searchParams.get('token') ?? '';
      const form = { token, name: 'Again', password: 'seven geese over the river' };
      assert.equal((await members.browser().ask('/invite', { form })).status, 410);
      const after = JSON.parse((await owner.ask('/people')).text) as { invitations: unknown[] };
      assert.deepEqual(after.invitations, []);
    });
});
