// What phones send goes the whole way: the original whole to the last byte, the main picture shown, and said what moves.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Client, createClient } from '../support/client.ts';
import { fixturesFolder } from '../support/data.ts';
import { makeFolder } from '../support/folder.ts';
import { phoneFiles } from '../support/phone-files.ts';
import { type Program, startProgram } from '../support/start-program.ts';

const fixture = (name: string) => readFileSync(join(fixturesFolder, name));

let program: Program;
let client: Client;
before(async () => {
  program = await startProgram({ uploadsDir: await makeFolder(), env: { DETECTOR: 'off' } });
  client = createClient(program.url);
});
after(() => program?.stop());

const keep = async (bytes: Buffer) => client.developed((await client.keep(bytes)).id);

for (const [what, bytes] of Object.entries({ 'a HEIC': fixture('phone.heic'), ...phoneFiles() }))
  test(`the original of ${what} stays whole`, async () => {
    const photo = await keep(bytes);
    assert.equal(photo.state, 'done', photo.reason);
    assert.equal(photo.links.renditions.length, 3);
    assert.ok((await client.bytes(photo.links.original)).equals(bytes));
  });

test('the original of a HEIC is for saving, since browsers can not show it', async () => {
  const photo = await keep(fixture('phone.heic'));
  const answer = await fetch(new URL(photo.links.original, program.url));
  assert.equal(answer.headers.get('content-type'), 'image/heic');
  assert.match(answer.headers.get('content-disposition') ?? '', /^attachment; filename=.*\.heic/);
  assert.equal((await answer.arrayBuffer()).byteLength, fixture('phone.heic').length);
});

test('forms offer to take HEIC, by both names and by the endings', async () => {
  const page = await (await fetch(new URL('/photos/new', program.url))).text();
  for (const type of ['image/heic', 'image/heif', '.heic', '.heif'])
    assert.match(page, new RegExp(`accept="[^"]*${type.replace('.', '\\.')}[,"]`));
});

describe('a moving picture', () => {
  const moving = [
    ['animated.gif', 3],
    ['animated.webp', 3],
    ['moving.png', 3],
    ['moving.avif', 5],
  ] as const;
  for (const [name, frames] of moving)
    test(`says of itself how many frames there are: ${name}`, async () => {
      const photo = await keep(fixture(name));
      assert.equal(photo.state, 'done', photo.reason);
      assert.equal(photo.frames, frames);
    });

  test('says on its page that this is its first frame, and what to do; a still says nothing (T14)', async () => {
    const page = async (name: string, language: string) => {
      const { links } = await keep(fixture(name));
      const headers = { Accept: 'text/html', 'Accept-Language': language };
      return await (await fetch(new URL(links.self, program.url), { headers })).text();
    };
    assert.match(
      await page('animated.gif', 'en'),
      /Moving picture[\s\S]*3 frames[\s\S]*Download the original/,
    );
    assert.match(await page('animated.gif', 'ko'), /움직이는 사진[\s\S]*장면 3개[\s\S]*원본을 내려받으면/);
    assert.doesNotMatch(await page('kite.jpg', 'en'), /Moving picture/);
    const still = await keep(fixture('kite.jpg'));
    assert.ok(!('frames' in still));
  });
});
