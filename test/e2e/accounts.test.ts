// Accounts in a real browser: the first owner, signing in, a phone by code, passkeys of a device that Chromium makes up, an invitation, and
// what each role is shown.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import Database from 'better-sqlite3';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { confirmedForMs } from '../../src/gallery/accounts.ts';
import {
  accessibilityFaults,
  becomes,
  desktop,
  fewLooks,
  type OpenPage,
  openPage,
  phone,
} from '../support/browser.ts';
import { launchChromium, skipWithoutChromium } from '../support/chromium.ts';
import { createClient } from '../support/client.ts';
import { type Cleaner, makeFolder } from '../support/folder.ts';
import { goodPassword } from '../support/members.ts';
import { filePart } from '../support/multipart.ts';
import { drawPng } from '../support/pictures.ts';
import { type Program, startProgram } from '../support/start-program.ts';
import { until } from '../support/until.ts';

const another = 'nine herons under the bridge';
const plain = { ...phone, javaScriptEnabled: false };

describe('accounts', { skip: skipWithoutChromium }, () => {
  const cleaners: (() => unknown)[] = [];
  const cleaner: Cleaner = { after: (clean) => void cleaners.push(clean) };
  let browser: Browser;
  let program: Program;
  let origin: string;

  /** What a browser remembers of its owner, for opening more pages of theirs. */
  type Jar = Awaited<ReturnType<OpenPage['context']['storageState']>>;
  let miri: Jar;

  const open = async (path: string, options: BrowserContextOptions = phone): Promise<OpenPage> => {
    const opened = await openPage(browser, options);
    await opened.page.goto(new URL(path, origin).href);
    return opened;
  };
  const as = (jar: Jar, options: BrowserContextOptions = phone) => ({ ...options, storageState: jar });
  const heading = (page: Page, text: RegExp) => page.locator('h1', { hasText: text }).waitFor();
  /** A photo that nobody but whose jar it is sees. */
  const keepPrivate = async ({ cookies }: Jar): Promise<string> => {
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    const parts = [{ name: 'private', body: '1' }, filePart('a.png', drawPng({ seed: 5 }))];
    return (JSON.parse((await createClient(origin, cookie).post(parts)).text) as { id: string }).id;
  };
  const offered = async (page: Page) => await page.inputValue('.offer #address');

  /** As if everybody had shown long ago who they are. */
  const ageSessions = () => {
    const database = new Database(join(program.uploadsDir, 'gallery.db'));
    database.exec(`UPDATE sessions SET confirmed_at = confirmed_at - ${confirmedForMs}`);
    database.close();
  };

  before(async () => {
    program = await startProgram({
      uploadsDir: await makeFolder(cleaner),
      env: { ACCESS: 'members', DETECTOR: 'off' },
    });
    // Keys belong to a name.
    origin = program.url.replace('127.0.0.1', 'localhost');
    browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
    await program?.stop();
    for (const clean of cleaners.toReversed()) await clean();
  });

  test('the printed link makes an owner, without scripts, and works once', async () => {
    const link = await until('the link', () =>
      program.lines
        .map((line) => /(\/set-up\?token=\S+)$/.exec(line)?.[1])
        .find((found) => found !== undefined),
    );
    const { page, context, close } = await open(link, plain);
    assert.equal(await page.locator('nav').count(), 0);
    const fill = async (name: string, password: string, again = password) => {
      await page.fill('#door-name', name);
      await page.fill('#door-password', password);
      await page.fill('#door-again', again);
      await page.locator('#door [type=submit]').tap();
    };
    await fill('Miri', 'password1234');
    await page.locator('.refusal', { hasText: 'soon guessed' }).waitFor();
    assert.equal(await page.inputValue('#door-name'), 'Miri');
    await fill('Miri', goodPassword, another);
    await page.locator('.refusal', { hasText: 'two different' }).waitFor();
    await fill('Miri', goodPassword);
    await page.waitForURL(`${origin}/`);
    await page.locator('nav.bar .shutter').waitFor();
    miri = await context.storageState();
    await page.goto(origin + link);
    await heading(page, /Not as things are now/);
    await close(/409|422/);
  });

  test('whoever is not signed in comes to the door, and from there to where they wanted to go', async () => {
    const { page, close } = await open('/labels?x=1', plain);
    assert.equal(new URL(page.url()).pathname, '/sign-in');
    assert.equal(await page.locator('#by-passkey').isVisible(), false, 'only a script can use passkeys');
    await page.locator('.languages a[lang=ko]').tap();
    await heading(page, /로그인/);
    await page.fill('#door-name', 'miri');
    await page.fill('#door-password', another);
    await page.locator('#door [type=submit]').tap();
    await page.locator('.refusal').waitFor();
    await page.fill('#door-password', goodPassword);
    await page.locator('#door [type=submit]').tap();
    await page.waitForURL(`${origin}/labels?x=1`);
    await page.locator('[popovertarget=more]').tap();
    await page.locator('#more form[action="/sign-out"] button').tap();
    await page.waitForURL(`${origin}/sign-in`);
    await page.goto(`${origin}/labels`);
    assert.equal(new URL(page.url()).pathname, '/sign-in');
    await close(/401/);
  });

  test('a phone is signed in by the code on the screen of another device', async () => {
    const screen = await open('/account', as(miri, desktop));
    await screen.page.locator('form[action="/account/pair"] button').click();
    await screen.page.locator('.code svg[role=img]').waitFor();
    const link = await offered(screen.page);
    await screen.close();

    const { page, close } = await open(link, plain);
    await heading(page, /Sign in here as Miri\?/);
    await page.locator('#door [type=submit]').tap();
    await page.waitForURL(`${origin}/`);
    await page.goto(`${origin}/account`);
    assert.ok((await page.locator('.rows li', { hasText: 'Chrome' }).count()) >= 2);
    await page.goto(link);
    await heading(page, /Not any more/);
    await page.goto(`${origin}/account`);
    await page.locator('form[action="/account/sessions/end"] button').tap();
    await page.locator('form[action="/account/sessions/end"]').waitFor({ state: 'detached' });
    assert.equal(await page.locator('.rows li', { hasText: 'This device' }).count(), 1);
    await page.goto(`${origin}/sign-in`);
    miri = await page.context().storageState();
    await close(/410/);
  });

  test('a passkey is made in the account and signs in at the door', async () => {
    const { page, context, close } = await open('/account', as(miri, desktop));
    // A device that Chromium makes up chooses a key by itself wherever one is offered.
    await context.addInitScript(
      `if (localStorage.fillsIn !== 'yes') PublicKeyCredential.isConditionalMediationAvailable = async () => false;`,
    );
    const chromium = await context.newCDPSession(page);
    await chromium.send('WebAuthn.enable');
    await chromium.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await page.fill('#passkey-name', 'My <laptop>');
    await page.locator('.add-passkey button').click();
    // A code let this session in: nobody has shown in it who they are.
    await heading(page, /Is it still you\?/);
    await page.fill('#door-password', goodPassword);
    await page.locator('#door [type=submit]').click();
    await page.waitForURL(`${origin}/account`);
    await page.fill('#passkey-name', 'My <laptop>');
    await page.locator('.add-passkey button').click();
    await page.locator('#passkeys .rows b', { hasText: 'My <laptop>' }).waitFor();
    await page.fill('#passkey-name', 'Again');
    await page.locator('.add-passkey button').click();
    await page.locator('.add-passkey .says', { hasText: 'already' }).waitFor();

    await page.locator('#passkeys .rows summary').click();
    await page.locator('#passkeys .rows [name=name]').fill('Kitchen');
    await page.locator('#passkeys form[action$="/rename"] button').click();
    await page.locator('#passkeys .rows b', { hasText: /^Kitchen$/ }).waitFor();

    await page.locator('.account-head form button').click();
    await page.waitForURL('**/sign-in');
    await page.goto(`${origin}/sign-in?next=/labels`);
    await page.locator('#by-passkey button').click();
    await page.waitForURL(`${origin}/labels`);

    await page.evaluate(`localStorage.fillsIn = 'yes'`);
    await context.clearCookies();
    await page.goto(`${origin}/sign-in?next=/labels`);
    await page.waitForURL(`${origin}/labels`);
    await page.evaluate(`localStorage.clear()`);
    miri = await context.storageState();

    ageSessions();
    await page.goto(`${origin}/account`);
    await page.locator('#passkeys .rows summary').click();
    await page.locator('form[action="/account/passkeys/remove"] button').click();
    await heading(page, /Is it still you\?/);
    await page.locator('#by-passkey button').click();
    await page.waitForURL(`${origin}/account`);
    await page.locator('#passkeys .rows').waitFor({ state: 'detached' });
    await page.context().clearCookies();
    await page.goto(`${origin}/sign-in`);
    await page.locator('#by-passkey button').click();
    await page.locator('#by-passkey .says', { hasText: 'passkey' }).waitFor();
    await close(/403|422/);
  });

  test('who is invited chooses a name, sees what their role allows, and can be kept out', async () => {
    const owner = await open('/people', as(miri, desktop));
    await owner.page.locator('.choice', { hasText: 'Viewer' }).click();
    await owner.page.locator('form[action="/people/invitations"] [type=submit]').click();
    const link = await offered(owner.page);
    await owner.page.getByRole('button', { name: 'Copy', exact: true }).click();
    await owner.page.locator('#copied', { hasText: 'Copied' }).waitFor();

    const { page, close } = await open(link, plain);
    await heading(page, /You are invited/);
    await page.fill('#door-name', 'Juno');
    await page.fill('#door-password', goodPassword);
    await page.fill('#door-again', goodPassword);
    await page.locator('#door [type=submit]').tap();
    await page.waitForURL(`${origin}/`);
    assert.equal(await page.locator('.shutter').count(), 0, 'who only looks has no shutter');
    assert.deepEqual(await page.locator('nav.bar li').allInnerTexts(), ['Photos', 'Labels', 'More']);
    const menu = () => page.locator('#more li').allInnerTexts();
    assert.ok(!(await menu()).some((text) => /People|Add photos|What Sajin sees/.test(text)));
    const line = `getComputedStyle(document.querySelector('.menu-self')).borderTopWidth`;
    assert.equal(await page.evaluate(line), '0px', 'nothing stands before it');
    for (const path of ['/people', '/audit', '/photos/new']) {
      await page.goto(origin + path);
      await page.locator('.trouble .status', { hasText: '403' }).waitFor();
    }

    await owner.page.goto(`${origin}/people`);
    const row = owner.page.locator('.rows > li', { hasText: 'Juno' });
    await row.locator('summary').click();
    await row.locator('select').selectOption('member');
    await row.locator('form[action$="/role"] button').click();
    await owner.page.locator('.rows > li small', { hasText: 'Member' }).waitFor();
    // Another role begins at the door.
    await page.goto(origin);
    await page.fill('#door-name', 'Juno');
    await page.fill('#door-password', goodPassword);
    await page.locator('#door [type=submit]').tap();
    await page.locator('.shutter').waitFor();

    const mine = await keepPrivate(await page.context().storageState());
    ageSessions();
    await owner.page.reload();
    await row.locator('summary').click();
    await row.locator('[popovertarget^=remove]').first().click();
    await owner.page.locator('[popover]:popover-open', { hasText: 'Their photos stay' }).waitFor();
    await owner.page.locator('[popover]:popover-open .choice', { hasText: 'Take them over' }).click();
    await owner.page.locator('[popover]:popover-open [type=submit]').click();
    await heading(owner.page, /Is it still you\?/);
    await owner.page.fill('#door-password', another);
    await owner.page.keyboard.press('Enter');
    await owner.page.locator('.refusal', { hasText: 'not your present password' }).waitFor();
    await owner.page.fill('#door-password', goodPassword);
    await owner.page.keyboard.press('Enter');
    await owner.page.waitForURL(`${origin}/people`);
    await row.waitFor({ state: 'detached' });
    await owner.page.goto(`${origin}/photos/${mine}`);
    await owner.page.locator('h1').waitFor();
    await page.goto(origin);
    assert.equal(new URL(page.url()).pathname, '/sign-in');
    await owner.page.goto(`${origin}/audit`);
    await owner.page.locator('.log li', { hasText: 'Miri removed Juno' }).waitFor();
    await owner.page.locator('.log li', { hasText: 'took over private photos' }).waitFor();
    await owner.close(/403/);
    await close(/403/);
  });

  test('another password signs out everywhere else', async () => {
    const { page, context, close } = await open('/account', as(miri, plain));
    const change = async (present: string) => {
      await page.fill('#present', present);
      await page.fill('#next', another);
      await page.fill('#again', another);
      await page.locator('#password [type=submit]').tap();
    };
    await change('not this one');
    await page.locator('#password .refusal').waitFor();
    await becomes(page, `document.activeElement.id === 'present'`);
    const isInView = (selector: string) =>
      page.evaluate<boolean>(
        `(({ top, bottom }) => top >= 0 && bottom <= innerHeight)(document.querySelector('${selector}').getBoundingClientRect())`,
      );
    assert.deepEqual([await isInView('#password .refusal'), await isInView('#present')], [true, true]);
    await change(goodPassword);
    await page.locator('.note', { hasText: 'changed' }).waitFor();
    assert.ok(await isInView('.note'));
    const old = await open('/account', as(miri));
    assert.equal(new URL(old.page.url()).pathname, '/sign-in');
    await old.close();
    miri = await context.storageState();
    await close(/403/);
  });

  for (const { name, options } of fewLooks)
    test(`axe finds nothing, and nothing is cut off: ${name}`, async () => {
      const faults: string[] = [];
      const check = async (page: Page, what: string) => {
        faults.push(...(await accessibilityFaults(page)).map((fault) => `${what}: ${fault}`));
        const isWide = await page.evaluate<boolean>(
          'document.documentElement.scrollWidth > document.documentElement.clientWidth',
        );
        if (isWide) faults.push(`${what}: wider than the window`);
      };
      const stranger = await open('/sign-in', options);
      await check(stranger.page, 'the door');
      await stranger.close();
      const { page, close } = await open('/account', as(miri, options));
      await check(page, 'account');
      await page.locator('form[action="/account/pair"] button').click();
      await page.locator('.code svg').waitFor();
      await check(page, 'code');
      await page.goto(`${origin}/people`);
      await page.locator('.rows summary').first().click();
      await check(page, 'people');
      await page.goto(`${origin}/audit`);
      await check(page, 'audit');
      await page.locator('[popovertarget=more]').click();
      await becomes(page, `document.querySelector('#more').matches(':popover-open')`);
      await check(page, 'menu');
      assert.deepEqual(faults, []);
      await close();
    });

  test('the door works by keyboard alone', async () => {
    const { page, close } = await open('/sign-in', desktop);
    await page.keyboard.type('Miri');
    await page.keyboard.press('Tab');
    await page.keyboard.type(another);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${origin}/`);
    await close();
  });
});
