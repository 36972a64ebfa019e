// What the pages say and how they are built, asserted by selector on the HTML that the real templates produce.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type HTMLElement, parse } from 'node-html-parser';
import { defaultThreshold, labelsOf } from '../../src/gallery/detection.ts';
import type { ChangeId, Detection, DetectionId, Photo } from '../../src/gallery/photo.ts';
import type { Role, UserId } from '../../src/gallery/user.ts';
import { machine, type Viewer } from '../../src/gallery/viewer.ts';
import { photoRightsOf, rightsOf } from '../../src/http/access.ts';
import { languages } from '../../src/http/languages.ts';
import { openViews, type PageContext, type Views } from '../../src/http/views.ts';
import { pretendDetection, pretendId, pretendPhoto } from '../support/pretend-photos.ts';

const viewsFolder = fileURLToPath(new URL('../../views', import.meta.url));
// An address as long as a real one; what it leads to is not asked here.
const views = openViews({ viewsFolder, assets: { address: (name) => `/static/${name}?v=0123456789ab` } });

const english: PageContext = {
  language: 'en',
  threshold: defaultThreshold,
  path: '/',
  today: new Date(2026, 10, 20, 12),
  maxUploadMb: 100,
  rights: rightsOf(machine),
};
const korean: PageContext = { ...english, language: 'ko' };
const at = (all: number, labels: Record<string, number> = {}, context = english): PageContext => ({
  ...context,
  threshold: { all, labels: new Map(Object.entries(labels)) },
});

const mina = '019a0000-0000-7000-8000-00000000000a' as UserId;

/** All that is right for whoever sits at the machine. */
const may = photoRightsOf(machine, undefined);

const list = (
  photos: readonly Photo[],
  context = english,
  more: Partial<Parameters<Views['list']>[1]> = {},
) => parse(views.list(context, { page: { photos }, labels: [], first: true, ...more }));
const photo = (
  changes: Partial<Photo> = {},
  context = english,
  more: Partial<Parameters<Views['photo']>[1]> = {},
) => parse(views.photo(context, { photo: pretendPhoto(1, changes), may, neighbours: {}, ...more }));
const one = (page: HTMLElement, selector: string): HTMLElement => {
  const found = page.querySelectorAll(selector);
  assert.equal(found.length, 1, `${found.length} elements match ${selector}`);
  return found[0] as HTMLElement;
};

describe('the list', () => {
  it('describes every picture by its title and what is in it', () => {
    assert.equal(
      one(list([pretendPhoto(1)]), '.card img[srcset]').getAttribute('alt'),
      'Photo 1. 2 people, 1 dog',
    );
    assert.equal(
      one(list([pretendPhoto(1, { title: '산책' })], korean), '.card img[srcset]').getAttribute('alt'),
      '산책. 사람 2명, 개 1마리',
    );
  });

  it('describes a picture without title and labels by its day', () => {
    const page = list([pretendPhoto(1, { title: '', labels: [] })]);
    assert.equal(one(page, '.card img[srcset]').getAttribute('alt'), 'Photo of 20 November 2026');
    assert.equal(page.querySelector('.caption'), null);
  });

  it('gives every picture its size, its two smaller renditions and a placeholder', () => {
    const page = list([pretendPhoto(1)]);
    const picture = one(page, '.card img[srcset]');
    assert.deepEqual([picture.getAttribute('width'), picture.getAttribute('height')], ['4000', '3000']);
    assert.equal(
      picture.getAttribute('srcset'),
      `/media/${pretendId(1)}/320-aaaaaaaaaaaa.webp 320w, /media/${pretendId(1)}/800-bbbbbbbbbbbb.webp 800w`,
    );
    assert.match(one(page, '.card img.under').getAttribute('src') ?? '', /^data:image\/webp;base64,A/);
    assert.equal(one(page, '.card').classNames, 'card ratio i1 d3 e3 f3');
  });

  it('groups by the day of upload, in words for today and yesterday', () => {
    const days = [20, 20, 19, 3].map((day, index) =>
      pretendPhoto(index, { uploadedAt: new Date(2026, 10, day, 1) }),
    );
    const headings = (context: PageContext) =>
      list(days, context)
        .querySelectorAll('.day h2')
        .map((heading) => heading.text);
    assert.deepEqual(headings(english), ['Today', 'Yesterday', 'Tuesday 3 November']);
    assert.deepEqual(headings(korean), ['오늘', '어제', '11월 3일 화요일']);
    assert.equal(list(days).querySelectorAll('.day')[0]?.querySelectorAll('.card').length, 2);
  });

  it('says on the card that a photo waits, develops or failed', () => {
    const words = (['waiting', 'developing', 'failed'] as const).map((state) => {
      const page = list([pretendPhoto(1, { state, renditions: [], labels: [] })]);
      assert.equal(one(page, '.card').getAttribute('data-state'), state);
      return one(page, '.card .state').text.trim();
    });
    assert.deepEqual(words, ['Waiting its turn', 'Developing', 'Needs a look']);
    assert.equal(list([pretendPhoto(1)]).querySelector('.card .state'), null);
  });

  it('offers labels with counts, and the way back from the one that is shown', () => {
    const labels = [
      { label: 'person', photos: 12 },
      { label: 'wine glass', photos: 1200 },
    ];
    const chips = list([pretendPhoto(1)], english, { labels }).querySelectorAll('a.chip small');
    assert.deepEqual(
      chips.map(({ text }) => text),
      ['12', '1,200'],
    );
    const filtered = list([pretendPhoto(1)], korean, { labels, label: 'person' });
    assert.equal(one(filtered, '.chip[aria-current]').getAttribute('href'), '/');
    assert.equal(one(filtered, '.chip[href^="/?label"]').getAttribute('href'), '/?label=wine+glass');
    assert.equal(one(filtered, '.card a').getAttribute('href'), `/photos/${pretendId(1)}?label=person`);
  });

  it('leads on to older photos and back to the newest', () => {
    const next = pretendId(9);
    const page = list([pretendPhoto(1)], english, {
      page: { photos: [pretendPhoto(1)], next },
      first: false,
    });
    assert.equal(one(page, '#pager [rel=next]').getAttribute('href'), `/?before=${next}`);
    assert.equal(one(page, '#pager a:not([rel])').getAttribute('href'), '/');
    assert.equal(list([pretendPhoto(1)]).querySelector('#pager'), null);
  });

  it('invites when there is nothing yet', () => {
    const page = list([]);
    assert.equal(one(page, '.empty h2').text, 'Take your first photo');
    assert.equal(one(page, '.empty label').getAttribute('for'), 'shot');
    assert.equal(one(page, '.empty a').getAttribute('href'), '/photos/new');
  });

  it('counts in captions as people speak, and only what is sure enough', () => {
    const caption = (context: PageContext) =>
      list([pretendPhoto(1)], context).querySelector('.caption i')?.text;
    assert.equal(caption(english), '2 people, 1 dog');
    assert.equal(caption(korean), '사람 2명, 개 1마리');
    assert.equal(caption(at(85)), '1 person');
    assert.equal(caption(at(10)), '2 people, 1 dog, 1 cat');
    assert.equal(caption(at(50, { person: 95 })), '1 dog');
    assert.equal(caption(at(95)), undefined);
    const alt = one(list([pretendPhoto(1)], at(85)), '.card img[srcset]').getAttribute('alt');
    assert.equal(alt, 'Photo 1. 1 person');
  });

  it('offers the slider in a form that comes back to this page, and one for the label that is shown', () => {
    const page = list([pretendPhoto(1)], { ...at(60, { dog: 80 }), path: '/?label=dog' }, { label: 'dog' });
    const forms = page.querySelectorAll('#sure form.slider');
    assert.deepEqual(
      forms.map((form) => [
        form.getAttribute('action'),
        form.getAttribute('method'),
        one(form, '[name=back]').getAttribute('value'),
        one(form, '[type=range]').getAttribute('name'),
        one(form, '[type=range]').getAttribute('value'),
      ]),
      [
        ['/threshold', 'post', '/?label=dog', 'value', '80'],
        ['/threshold', 'post', '/?label=dog', 'all', '60'],
      ],
    );
    assert.equal(one(page, '.sure-open').text, '80%', 'what counts on this page');
    assert.equal(one(page, '#sure .own-one').text, 'dog: from 80%');
    assert.equal(one(page, '#sure .own-list [name=label]').getAttribute('value'), 'dog');
    assert.equal(list([pretendPhoto(1)]).querySelector('.own-one'), null);
  });

  it('says on an empty label that it may be the slider that hides photos', () => {
    const page = list([], at(90), { label: 'dog' });
    assert.match(one(page, '.hides').text, /at least 90% sure/);
    assert.equal(one(page, '.hides button').getAttribute('popovertarget'), 'sure');
  });

  it('has a form to look again at the photos of a label', () => {
    const form = one(list([pretendPhoto(1)], english, { label: 'dog' }), 'form[action="/reruns"]');
    assert.equal(one(form, '[name=label]').getAttribute('value'), 'dog');
    assert.equal(list([pretendPhoto(1)]).querySelector('form[action="/reruns"]'), null);
  });

  it('stays under 50 KB for 48 photos', () => {
    const photos = Array.from({ length: 48 }, (_, index) =>
      pretendPhoto(index, { title: 'A walk along the river in the evening' }),
    );
    const labels = Array.from({ length: 80 }, (_, index) => ({
      label: `label ${index}`,
      photos: 80 - index,
    }));
    const html = views.list(korean, { page: { photos, next: pretendId(99) }, labels, first: true });
    assert.ok(Buffer.byteLength(html) < 50_000, `${Buffer.byteLength(html)} bytes`);
  });
});

describe('the page of a photo', () => {
  it('draws the boxes that are shown, in fractions of the picture, the largest first', () => {
    const boxes = photo().querySelectorAll('.boxes > .box:not([hidden])');
    assert.deepEqual(
      boxes.map((box) => ['data-label', 'x', 'y', 'width', 'height'].map((name) => box.getAttribute(name))),
      [
        ['person', '10%', '50%', '25%', '12.5%'],
        ['person', '60%', '50%', '25%', '12.5%'],
        ['dog', '25%', '50%', '25%', '12.5%'],
      ],
    );
  });

  it('draws an unsure box differently from a sure one', () => {
    const classes = photo()
      .querySelectorAll('.boxes > .box:not([hidden])')
      .map((box) => box.classList.contains('unsure'));
    assert.deepEqual(classes, [false, false, true]);
  });

  it('pairs every label with its boxes and with all photos that show it', () => {
    const page = photo();
    const chips = page.querySelectorAll('.found-chip:not([hidden])');
    assert.deepEqual(
      chips.map((chip) => chip.querySelector('a')?.getAttribute('href')),
      ['/?label=person', '/?label=dog'],
    );
    assert.deepEqual(
      chips.map((chip) => chip.querySelector('.chip-text')?.text),
      ['2 people', '1 dog'],
    );
    const number = (element: HTMLElement | null | undefined) =>
      /\bl\d+\b/.exec(element?.classNames ?? '')?.[0];
    assert.equal(number(chips[1]), number(page.querySelector('.box[data-label=dog]')));
    assert.notEqual(number(chips[0]), number(chips[1]));
  });

  it('has a hue of its own for each of eight labels', () => {
    const detections = ['person', 'cat', 'dog', 'horse', 'cup', 'car', 'tie', 'bus'].map((label) =>
      pretendDetection(label, 90),
    );
    const page = photo({ labels: labelsOf(detections), detections });
    const hues = page.querySelectorAll('.found-chip').map((chip) => /\bh\d\b/.exec(chip.classNames)?.[0]);
    assert.equal(new Set(hues).size, 8);
  });

  it('edits the title in a plain form that says which title was seen', () => {
    const form = one(photo({ title: 'Old' }), '.edit form');
    assert.equal(form.getAttribute('method'), 'post');
    assert.equal(form.getAttribute('action'), `/photos/${pretendId(1)}`);
    assert.equal(one(form, '[name=was]').getAttribute('value'), 'Old');
    assert.equal(one(form, '[name=title]').getAttribute('value'), 'Old');
  });

  it('shows both titles when somebody else was faster', () => {
    const page = photo({ title: 'Theirs' }, english, { conflict: { title: 'Mine' } });
    assert.equal(one(page, '.conflict .theirs b').text, 'Theirs');
    assert.equal(one(page, '.conflict [name=title]').getAttribute('value'), 'Mine');
    assert.equal(one(page, '.conflict [name=was]').getAttribute('value'), 'Theirs');
  });

  it('deletes, downloads and retries without scripts', () => {
    const page = photo({ state: 'failed', failure: { code: 'damaged', detail: 'the file ends too early.' } });
    assert.equal(one(page, '#remove form').getAttribute('action'), `/photos/${pretendId(1)}/delete`);
    assert.equal(one(page, '.failure form').getAttribute('action'), `/photos/${pretendId(1)}/retry`);
    assert.equal(one(page, 'a[download]').getAttribute('href'), `/media/${pretendId(1)}/original?download`);
    for (const form of page.querySelectorAll('form')) assert.equal(form.getAttribute('method'), 'post');
    assert.match(
      one(page, '.failure p').text,
      /^damaged: .*\(the file ends too early\)\. The original is kept\./,
    );
  });

  it('keeps the label on the way to its neighbours and back to the list', () => {
    const neighbours = { newer: pretendId(2), older: pretendId(3) };
    const page = photo({}, english, { neighbours, label: 'dog' });
    assert.equal(one(page, '.step.newer').getAttribute('href'), `/photos/${pretendId(2)}?label=dog`);
    assert.equal(one(page, '.step.older').getAttribute('href'), `/photos/${pretendId(3)}?label=dog`);
    assert.equal(one(page, '[data-back]').getAttribute('href'), `/?label=dog#${pretendId(1)}`);
    assert.equal(photo().querySelector('.step'), null);
  });

  it('reads the time of the camera as it was written', () => {
    assert.match(one(photo(), '.facts').text, /19 November 2026 at 23:50/);
    assert.match(one(photo({}, korean), '.facts').text, /2026년 11월 19일 23:50/);
  });

  it('shows the place with a promise, and only when it is given', () => {
    const place = { latitude: -33.5, longitude: 151.25 };
    assert.match(
      one(photo({}, english, { place }), '.facts').text,
      /33\.5° S, 151\.25° E[\s\S]*never shared/,
    );
    assert.doesNotMatch(one(photo(), '.facts').text, /Place/);
  });
});

describe('what a photo offers', () => {
  const user = (role: Role): Viewer => ({ kind: 'user', id: mina, role });
  const mina = '01990002-0000-7000-8000-000000000000' as UserId;
  const juno = '01990003-0000-7000-8000-000000000000' as UserId;
  /** The page of a photo of Mina's, as somebody sees it. */
  const seenBy = (viewer: Viewer, changes: Partial<Photo> = {}) => {
    const photo = pretendPhoto(1, { owner: mina, state: 'failed', failure: { code: 'damaged' }, ...changes });
    const change = { id: 4 as ChangeId, kind: 'reject', label: 'cow', at: english.today } as const;
    const model = { photo: { ...photo, lastChange: change }, neighbours: {} };
    return parse(
      views.photo(
        { ...english, rights: rightsOf(viewer) },
        { ...model, may: photoRightsOf(viewer, photo.owner) },
      ),
    );
  };
  const tools = ['.edit', '.mend', '.latest', '.chip-menu [value=reject-label]', '.failure form', '#remove'];

  it('is everything to whom it belongs, and to who runs the gallery', () => {
    for (const viewer of [user('member'), { ...user('owner'), id: juno } as Viewer, machine])
      for (const tool of tools) assert.ok(seenBy(viewer).querySelector(tool) !== null, tool);
  });

  it('is nothing but looking and keeping a copy to everybody else', () => {
    const others: readonly Viewer[] = [
      { kind: 'visitor' },
      user('viewer'),
      { kind: 'user', id: juno, role: 'member' },
    ];
    for (const viewer of others) {
      const page = seenBy(viewer);
      for (const tool of tools) assert.equal(page.querySelector(tool), null, tool);
      assert.equal(page.querySelector('script[src*="/correct.js"]'), null);
      assert.doesNotMatch(one(page, '#keys').text, /Correct/);
      one(page, 'a[download]');
      assert.match(one(page, '.failure').text, /damaged/);
      const actions = page.querySelectorAll('main form').map((form) => form.getAttribute('action'));
      assert.deepEqual([...new Set(actions)], ['/threshold'], 'what is shown stays everybody’s own choice');
    }
  });

  it('is to say who sees it only for whom it belongs to', () => {
    const form = one(seenBy(user('member')), '#privacy form');
    assert.deepEqual(
      [form.getAttribute('action'), form.getAttribute('method')],
      [`/photos/${pretendId(1)}/privacy`, 'post'],
    );
    const pressed = (page: HTMLElement) =>
      page
        .querySelectorAll('#privacy [name=private]')
        .map((button) => `${button.getAttribute('value')} ${button.getAttribute('aria-pressed')}`);
    assert.deepEqual(pressed(seenBy(user('member'))), ['1 false', '0 true']);
    assert.deepEqual(pressed(seenBy(user('member'), { isPrivate: true })), ['1 true', '0 false']);
    for (const viewer of [machine, user('viewer'), { ...user('owner'), id: juno } as Viewer])
      assert.equal(seenBy(viewer).querySelector('#privacy'), null);
  });

  it('shows a lock where nobody else sees it, here and in the list', () => {
    const page = seenBy(user('member'), { isPrivate: true });
    assert.equal(one(page, '.only-you').text, 'Only you see this');
    assert.equal(seenBy(user('member')).querySelector('.only-you'), null);
    const cards = list([pretendPhoto(1, { isPrivate: true }), pretendPhoto(2)], korean);
    assert.equal(one(cards, '.card .lock').text, '나만 볼 수 있어요');
  });

  it('is no looking again at a label to who does not run the gallery', () => {
    const page = list([pretendPhoto(1)], { ...english, rights: rightsOf(user('member')) }, { label: 'dog' });
    assert.equal(page.querySelector('form[action="/reruns"]'), null);
  });

  it('is another try only where it would be granted', () => {
    const failed = [1, 2].map((number) =>
      pretendPhoto(number, {
        state: 'failed',
        owner: number === 1 ? mina : juno,
        failure: { code: 'damaged' },
      }),
    );
    const seen = (viewer: Viewer) => {
      const mayRetry = ({ owner }: Photo) => photoRightsOf(viewer, owner).change;
      const model = { page: { photos: failed }, mayRetry, count: 2, first: true };
      return parse(views.failed({ ...english, rights: rightsOf(viewer), failed: 2 }, model))
        .querySelectorAll('main form')
        .map((form) => form.getAttribute('action'));
    };
    assert.deepEqual(seen(user('member')), [`/photos/${pretendId(1)}/retry`]);
    assert.equal(seen(machine).length, 3);
    const visitor = list([], { ...english, rights: rightsOf({ kind: 'visitor' }), failed: 2 });
    assert.equal(visitor.querySelector('#more a[href="/failed"]'), null);
  });

  it('invites nobody to add photos who may not', () => {
    const page = list([], { ...english, rights: rightsOf({ kind: 'visitor' }) });
    assert.equal(page.querySelector('.empty label, .empty a[href="/photos/new"]'), null);
    assert.equal(one(page, '.empty h2').text, 'No photos yet');
  });
});

describe('the trash', () => {
  const trashedAt = new Date(2026, 10, 10, 13);
  const trash = (photos: readonly Photo[], context = english, more = {}) =>
    parse(views.trash(context, { page: { photos }, first: true, ...more }));

  it('is where deleting leads, which the dialog says', () => {
    const page = photo({}, english, { label: 'dog' });
    const form = one(page, '#remove form');
    assert.equal(form.getAttribute('action'), `/photos/${pretendId(1)}/delete?label=dog`);
    assert.match(one(page, '#remove p').text, /to the trash for 30 days/);
    assert.equal(one(form, '[type=submit]').text, 'Delete');
    assert.match(one(photo({}, korean), '#remove p').text, /30일 동안 휴지통/);
  });

  it('is said in the list after deleting, with the way back in a plain form', () => {
    const page = list([], english, { deleted: pretendPhoto(1, { trashedAt }) });
    assert.equal(one(page, '.notice [role=status]').textContent.trim(), 'In the trash for 30 days: Photo 1');
    assert.equal(one(page, '.notice').getAttribute('action'), `/photos/${pretendId(1)}/restore`);
    assert.equal(one(page, '.notice').getAttribute('method'), 'post');
    assert.equal(list([]).querySelector('.notice'), null);
  });

  it('shows every photo with the days that are left and both ways out of it', () => {
    const back = trash([], english, { restored: pretendPhoto(2) });
    assert.equal(one(back, '.note a').getAttribute('href'), `/photos/${pretendId(2)}`);
    assert.match(one(back, '.note').text, /Among the photos: Photo 2/);
    const unseen = trash([], english, { restored: pretendPhoto(2, { isWaiting: true }) });
    assert.match(one(unseen, '.note').text, /Waits to be let in: Photo 2/);
    const page = trash([pretendPhoto(1, { trashedAt, isPrivate: true }), pretendPhoto(2, { trashedAt })]);
    const [first, second] = page.querySelectorAll('.trashed') as [HTMLElement, HTMLElement];
    assert.equal(one(first, '.trashed-says h2').text, 'Photo 1');
    assert.equal(one(second, '.trashed-says .hint').text, '21 days left');
    assert.match(one(first, '.trashed-lock').text, /Only you/);
    assert.equal(second.querySelector('.trashed-lock'), null);
    assert.deepEqual(
      first.querySelectorAll('form').map((form) => form.getAttribute('action')),
      [`/photos/${pretendId(1)}/restore?then=trash`, `/photos/${pretendId(1)}/remove`],
    );
    assert.equal(one(first, '.trashed-do .danger').getAttribute('popovertarget'), one(first, '.ask').id);
    assert.equal(one(page, '#empty form').getAttribute('action'), '/trash/empty');
  });

  it('says that there is nothing in it', () => {
    const page = trash([], korean);
    assert.equal(one(page, '.empty h2').text, '휴지통이 비어 있어요');
    assert.equal(page.querySelector('main form[method=post]'), null);
  });

  it('is in the menu of who adds photos', () => {
    const links = (rights: PageContext['rights']) =>
      list([], { ...english, rights }).querySelectorAll('#more a[href="/trash"]').length;
    assert.equal(links(rightsOf(machine)), 1);
    assert.equal(links(rightsOf({ kind: 'visitor' })), 0);
  });

  it('leaves of a photo’s page the picture, the facts and the two ways out', () => {
    const page = photo({ trashedAt, state: 'failed', failure: { code: 'damaged' } }, english, {
      neighbours: { newer: pretendId(2), older: pretendId(3) },
    });
    assert.match(one(page, '.in-trash').text, /In the trash since 10 November 2026/);
    assert.match(one(page, '.in-trash').text, /21 days left/);
    assert.deepEqual(
      page.querySelectorAll('main form').map((form) => form.getAttribute('action')),
      [`/photos/${pretendId(1)}/restore`, `/photos/${pretendId(1)}/remove`],
    );
    for (const tool of ['.edit', '.mend', '.box', '.found', '.step', 'a[download]', '.failure', '#privacy'])
      assert.equal(page.querySelector(tool), null, tool);
    assert.equal(one(page, '[data-back]').getAttribute('href'), '/trash');
    one(page, '.picture');
    one(page, '.facts');
  });
});

describe('what is shown of a photo', () => {
  const shownBoxes = (page: HTMLElement) =>
    page.querySelectorAll('.box:not([hidden])').map((box) => box.getAttribute('data-label'));
  const shownChips = (page: HTMLElement) =>
    page.querySelectorAll('.found-chip:not([hidden])').map((chip) => chip.querySelector('.chip-text')?.text);

  it('follows the slider in boxes, chips, description and alt alike', () => {
    for (const [context, boxes, chips, alt] of [
      [at(10), ['person', 'person', 'dog', 'cat'], ['2 people', '1 dog', '1 cat'], '2 people, 1 dog, 1 cat'],
      [at(50), ['person', 'person', 'dog'], ['2 people', '1 dog'], '2 people, 1 dog'],
      [at(85), ['person'], ['1 person'], '1 person'],
      [at(50, { person: 95 }), ['dog'], ['1 dog'], '1 dog'],
    ] as const) {
      const page = photo({}, context);
      assert.deepEqual(shownBoxes(page), boxes);
      assert.deepEqual(shownChips(page), chips);
      assert.equal(one(page, '.picture').getAttribute('alt'), `Photo 1. ${alt}`);
      assert.equal(one(page, 'meta[name=description]').getAttribute('content'), `Photo 1. ${alt}`);
    }
  });

  it('names the window by what is in a photo without title', () => {
    assert.equal(one(photo({ title: '' }), 'title').text, '2 people, 1 dog · Sajin');
    assert.equal(one(photo({ title: '' }, korean), 'title').text, '사람 2명, 개 1마리 · 사진');
    assert.equal(one(photo(), 'title').text, 'Photo 1 · Sajin');
    assert.match(one(photo({ title: '', labels: [] }), 'title').text, /^Photo of 19 November/);
  });

  it('holds everything that the slider could show, with how sure it is', () => {
    const page = photo({}, at(95));
    assert.deepEqual(
      page.querySelectorAll('.box').map((box) => box.getAttribute('data-sure')),
      ['91', '80', '55', '20'],
    );
    assert.equal(one(page, '.found-chip[data-label=person]').getAttribute('data-sure'), '91 80');
    assert.equal(page.querySelector('.nothing-shown')?.hasAttribute('hidden'), false);
    assert.equal(photo().querySelector('.nothing-shown')?.hasAttribute('hidden'), true);
  });

  it('says what a dashed line means', () => {
    assert.match(one(photo(), '.dashes').text, /dashed line: less than 70% sure/);
    assert.match(one(photo({}, korean), '.dashes').text, /점선은 70%보다/);
  });

  it('shows a number of its own for one label where it is active, with a way to take it away', () => {
    const page = photo({}, at(50, { dog: 30 }));
    assert.equal(one(page, '.found-chip[data-label=dog] .own').text, 'from 30%');
    assert.equal(one(page, '.viewing .own-one').text, 'dog: from 30%');
    assert.equal(one(page, '.found-chip[data-label=dog] .chip-menu [name=clear]').tagName, 'BUTTON');
    assert.equal(page.querySelector('.found-chip[data-label=person] [name=clear]'), null);
  });
});

describe('corrections without scripts', () => {
  const said: Detection = {
    id: 'p7' as DetectionId,
    label: '노을',
    confidence: 100,
    origin: { by: 'person', at: new Date(2026, 10, 20, 9) },
  };
  const corrected = (changes: Partial<Photo> = {}, context = english) => {
    const detections = [said, ...pretendPhoto(1).detections];
    return photo({ detections, labels: labelsOf(detections), ...changes }, context);
  };
  const row = (page: HTMLElement, id: string) => one(page, `.thing-row[data-key=${id}]`);

  it('list what is shown: what, how sure, and who says so', () => {
    const rows = corrected().querySelectorAll('.thing-row');
    assert.deepEqual(
      rows.map((one) => `${one.querySelector('b')?.text} | ${one.querySelector('.who')?.text.trim()}`),
      ['노을 | You · Today', 'person | 1/2 · YOLOX · 91%', 'person | 2/2 · YOLOX · 80%', 'dog | YOLOX · 55%'],
    );
    assert.equal(corrected({}, at(85)).querySelectorAll('.thing-row').length, 2);
  });

  it('say right, wrong, another name and another place in plain forms', () => {
    const page = corrected();
    const dog = row(page, 'e3055');
    const action = `/photos/${pretendId(1)}/corrections`;
    for (const form of dog.querySelectorAll('form')) {
      assert.deepEqual([form.getAttribute('method'), form.getAttribute('action')], ['post', action]);
      assert.equal(one(form, '[name=detection]').getAttribute('value'), 'e3055');
    }
    assert.deepEqual(
      dog.querySelectorAll('[name=kind]').map((field) => field.getAttribute('value')),
      ['rename', 'move', 'confirm', 'reject'],
    );
    assert.equal(one(dog, '[name=label]').getAttribute('value'), 'dog');
    assert.deepEqual(
      ['left', 'top', 'width', 'height'].map((side) => one(dog, `[name=${side}]`).getAttribute('value')),
      ['25', '50', '25', '12.5'],
    );
    assert.equal(one(dog, '[value=confirm]').getAttribute('aria-label'), 'Right: dog, 55% sure');
    assert.equal(one(row(corrected({}, korean), 'e3055'), '[name=label]').getAttribute('value'), '개');
  });

  it('only take away what a person said, and may say where it is', () => {
    const mine = row(corrected(), 'p7');
    assert.deepEqual(
      mine.querySelectorAll('[name=kind]').map((field) => field.getAttribute('value')),
      ['rename', 'move', 'reject'],
    );
    assert.equal(one(mine, '[name=left]').getAttribute('value'), '');
  });

  it('mark what a person said, in the box and in the chip', () => {
    const page = photo({
      detections: [{ ...pretendDetection('dog', 100), origin: said.origin }],
      labels: [{ label: 'dog', confidences: [100] }],
    });
    assert.equal(one(page, '.box').classList.contains('unsure'), false);
    assert.ok(one(page, '.box .tag use').getAttribute('href')?.endsWith('#person'));
    assert.match(one(page, '.found-chip .mine').text, /you said so/);
    assert.equal(page.querySelector('.box .sure'), null, 'no percent for what a person said');
  });

  it('offer the 80 names and the labels people made up, in the language of the reader', () => {
    const names = (context: PageContext) =>
      photo({}, context, { ownLabels: ['grandma'] })
        .querySelectorAll('#label-names option')
        .map((option) => option.getAttribute('value'));
    assert.equal(names(english).length, 81);
    assert.deepEqual([names(english)[16], names(korean)[16], names(korean).at(-1)], ['dog', '개', 'grandma']);
    const add = one(photo(), '.adding form');
    assert.equal(one(add, '[name=kind]').getAttribute('value'), 'add');
    assert.equal(one(add, '[name=label]').getAttribute('list'), 'label-names');
  });

  it('put back what was said not to be there', () => {
    const rejection = {
      id: 'p9' as DetectionId,
      label: 'cow',
      at: new Date(2026, 10, 19, 9),
      change: 4 as ChangeId,
    };
    const page = corrected({ rejections: [rejection] });
    assert.match(one(page, '.rejected li').text, /cow\s+anywhere · Yesterday/);
    assert.equal(one(page, '.rejected form').getAttribute('action'), `/photos/${pretendId(1)}/undo`);
    assert.equal(one(page, '.rejected [name=change]').getAttribute('value'), '4');
    assert.equal(corrected().querySelector('.rejected'), null);
  });

  it('tell the latest change with its undo, beside the labels only while it is fresh', () => {
    const change = { id: 4 as ChangeId, kind: 'reject', label: 'cow' } as const;
    const fresh = corrected({ lastChange: { ...change, at: new Date(2026, 10, 20, 11, 55) } });
    assert.equal(one(fresh, '.found .latest span').text, 'Taken away: cow');
    assert.equal(one(fresh, '.found .latest [name=change]').getAttribute('value'), '4');
    const old = corrected({ lastChange: { ...change, at: new Date(2026, 10, 19, 11) } });
    assert.equal(old.querySelector('.found .latest'), null);
    assert.equal(one(old, '#corrections .latest span').text, 'Taken away: cow');
  });

  it('say why something was refused, and keep what was typed', () => {
    const page = photo({}, english, {
      refusal: { sentence: 'Too small.', typed: { label: 'gr<andma', left: '1' } },
    });
    assert.equal(one(page, '.refusal').textContent.trim(), 'Too small.');
    assert.ok(one(page, '#correct').hasAttribute('open'));
    assert.equal(one(page, '#add-label').getAttribute('value'), 'gr<andma');
    assert.equal(one(page, '.adding [name=left]').getAttribute('value'), '1');
  });

  it('come back to the label the reader came from', () => {
    const page = photo({}, english, { label: 'dog' });
    assert.equal(
      one(page, '.adding form').getAttribute('action'),
      `/photos/${pretendId(1)}/corrections?label=dog`,
    );
  });

  it('ask to look again', () => {
    const form = one(photo(), 'form.look-again');
    assert.equal(form.getAttribute('action'), '/reruns');
    assert.equal(one(form, '[name=photo]').getAttribute('value'), pretendId(1));
  });
});

describe('the labels', () => {
  const labels = [
    { label: 'dog', photos: 3 },
    { label: 'cat', photos: 2 },
  ];

  it('say which of them have a number of their own, and let the reader set one', () => {
    const page = parse(
      views.labels({ ...at(50, { cat: 70 }), path: '/labels' }, { labels, covers: new Map() }),
    );
    assert.equal(one(page, 'section > ul .own-one').text, 'from 70%');
    assert.deepEqual(
      page.querySelectorAll('#sure-one option').map((option) => option.getAttribute('value')),
      ['dog', 'cat'],
    );
    const form = page.querySelector('.one-label form');
    assert.equal(form?.querySelector('[type=range]')?.getAttribute('name'), 'value');
  });
});

describe('forms', () => {
  it('puts the shutter on every page as a real file input in a real form', () => {
    for (const [name, html] of everyPage(english)) {
      const form = one(parse(html), '#shoot');
      assert.deepEqual(
        ['action', 'method', 'enctype'].map((attribute) => form.getAttribute(attribute)),
        ['/photos', 'post', 'multipart/form-data'],
        name,
      );
      const input = one(form, 'input[type=file]');
      assert.deepEqual(
        ['name', 'accept', 'capture'].map((attribute) => input.getAttribute(attribute)),
        ['photo', 'image/*', 'environment'],
      );
      assert.ok(input.hasAttribute('required'));
      assert.equal(one(form, '.shutter').getAttribute('for'), input.id);
      one(form, 'input[name=title]');
    }
  });

  it('offers a camera and several files on the upload page, and repeats the refusal', () => {
    const page = parse(views.newPhoto(english, { error: 'Too <large>.' }));
    const form = one(page, '#upload');
    assert.equal(form.getAttribute('enctype'), 'multipart/form-data');
    assert.equal(one(form, '#take').getAttribute('capture'), 'environment');
    assert.ok(one(form, '#choose').hasAttribute('multiple'));
    assert.deepEqual(
      form.querySelectorAll('input[type=file][name]').map((input) => input.getAttribute('name')),
      ['photo', 'photo'],
    );
    assert.equal(one(page, '[role=alert]').textContent.trim(), 'Too <large>.');
  });

  it('lets whoever has signed in keep to themselves what they add', () => {
    const pages = (context: PageContext) => [
      parse(views.newPhoto(context, {})),
      parse(views.shoot(context, { title: '', isPrivate: true })),
    ];
    const [adding, shooting] = pages({ ...english, user: { id: mina, name: 'Mina' } }) as [
      HTMLElement,
      HTMLElement,
    ];
    for (const form of [one(adding, '#shoot'), one(adding, '#upload'), one(shooting, '#one-by-one')])
      assert.equal(one(form, '[type=checkbox][name=private]').getAttribute('value'), '1');
    assert.equal(one(adding, '#upload [name=private]').hasAttribute('checked'), false);
    for (const choice of shooting.querySelectorAll('#plain-private, #running-private'))
      assert.ok(choice.hasAttribute('checked'), 'as the last shot was');
    for (const page of pages(english)) assert.equal(page.querySelector('[type=checkbox]'), null);
  });

  it('says in each form that adds photos, and for the queue, who has signed in; nothing where nobody has', () => {
    const pages = (context: PageContext) => [
      parse(views.newPhoto(context, {})),
      parse(views.shoot(context, { title: '', isPrivate: false })),
    ];
    for (const page of pages({ ...english, user: { id: mina, name: 'Mina' } })) {
      assert.equal(one(page, 'body').getAttribute('data-user'), mina);
      const forms = page.querySelectorAll('form[enctype="multipart/form-data"]');
      assert.equal(forms.length, 2);
      for (const form of forms) assert.equal(one(form, '[name=for]').getAttribute('value'), mina);
    }
    for (const page of [...pages(english), parse(views.offline(english))])
      assert.equal(page.querySelector('[data-user], [name=for]'), null);
    const looking = { ...english, user: { id: mina, name: 'Mina' }, rights: rightsOf({ kind: 'visitor' }) };
    assert.equal(list([], looking).querySelector('[data-user]'), null, 'who only looks has no queue');
  });

  it('names every control', () => {
    for (const [name, html] of everyPage(korean)) {
      const page = parse(html);
      for (const input of page.querySelectorAll('input:not([type=hidden])')) {
        const named =
          input.hasAttribute('aria-label') ||
          input.closest('label') !== null ||
          page.querySelector(`label[for="${input.id}"]`) !== null;
        assert.ok(named, `${name}: ${input.outerHTML}`);
      }
      for (const control of page.querySelectorAll('a, button, summary')) {
        const says = control.getAttribute('aria-label') ?? control.text.trim();
        const pictured =
          control.querySelector('img[alt]:not([alt=""])') !== null ||
          ['news', 'sending'].includes(control.id);
        assert.ok(says !== '' || pictured, `${name}: ${control.outerHTML}`);
      }
    }
  });

  it('has no two elements of the same id', () => {
    for (const [name, html] of everyPage(english)) {
      const ids = parse(html)
        .querySelectorAll('[id]')
        .map(({ id }) => id);
      assert.deepEqual(
        ids.filter((id, index) => ids.indexOf(id) !== index),
        [],
        name,
      );
    }
  });
});

describe('hostile words', () => {
  const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)> <%= process.exit() %> {{7*7}} ' & 사진`;

  it('come out as the text they are (T41, T42)', () => {
    const page = photo({ title: hostile, camera: hostile });
    assert.equal(one(page, 'h1').textContent, hostile);
    assert.equal(one(page, '.edit [name=title]').getAttribute('value'), hostile);
    assert.equal(one(page, 'title').textContent, `${hostile} · Sajin`);
    assert.equal(one(list([pretendPhoto(1, { title: hostile })]), '.caption b').textContent, hostile);
  });

  it('start nothing on any page (T41)', () => {
    for (const context of [english, korean]) {
      for (const [name, html] of everyPage(
        { ...context, path: `/?label=${hostile}`, problem: hostile },
        hostile,
      )) {
        const page = parse(html);
        assert.equal(page.querySelectorAll('script:not([src^="/static/built/"])').length, 0, name);
        assert.equal(page.querySelectorAll('[onerror], img[src=x]').length, 0, name);
      }
    }
  });

  it('make no link of another site from an address (T38)', () => {
    for (const path of ['//evil.example/x', '/\\evil.example', '///evil.example?a=b', '/#//evil']) {
      const page = parse(views.labels({ ...english, path }, { labels: [], covers: new Map() }));
      for (const link of page.querySelectorAll('.languages a')) {
        assert.match(link.getAttribute('href') ?? '', /^\/(?![/\\])/);
      }
    }
  });
});

describe('every page', () => {
  it('has no inline style, script or event attribute (T41)', () => {
    for (const context of [english, korean]) {
      for (const [name, html] of everyPage(context)) {
        const page = parse(html);
        assert.equal(page.querySelectorAll('style, [style]').length, 0, name);
        for (const script of page.querySelectorAll('script')) assert.ok(script.hasAttribute('src'), name);
        for (const element of page.querySelectorAll('*')) {
          const handlers = Object.keys(element.attributes).filter((attribute) => /^on/i.test(attribute));
          assert.deepEqual(handlers, [], name);
        }
      }
    }
  });

  it('says its language and switches to the other, staying on the page', () => {
    for (const language of languages) {
      const page = parse(
        views.labels({ ...english, language, path: '/labels?x=1' }, { labels: [], covers: new Map() }),
      );
      assert.equal(one(page, 'html').getAttribute('lang'), language);
      assert.equal(one(page, '.languages [aria-current]').getAttribute('lang'), language);
      assert.deepEqual(
        page.querySelectorAll('.languages a').map((link) => link.getAttribute('href')),
        ['/labels?x=1&amp;lang=en', '/labels?x=1&amp;lang=ko'].map((href) => href.replace('&amp;', '&')),
      );
    }
  });

  it('leaves no word out in either language', () => {
    for (const context of [english, korean]) {
      for (const [name, html] of everyPage(context))
        assert.doesNotMatch(html, /undefined|\[object|NaN/, name);
    }
  });

  it('helps after an error, with a way on', () => {
    const links = (status: number) =>
      parse(views.error({ ...english, path: '/labels' }, { status, sentence: 'A sentence.' }))
        .querySelectorAll('main a')
        .map((link) => link.getAttribute('href'));
    assert.deepEqual(links(404), ['/']);
    assert.deepEqual(links(413), ['/photos/new', '/']);
    assert.deepEqual(links(503), ['/labels', '/']);
    const page = parse(views.error(korean, { status: 500, sentence: '문장.', reference: 'abc-1' }));
    assert.equal(one(page, '.reference code').text, 'abc-1');
    assert.equal(one(page, 'h1').text, '문제가 생겼어요');
  });
});

/** Everything about it was said by a person, in words of their own. */
function ownWords(text: string): Photo {
  const origin = { by: 'person', at: new Date(2026, 10, 20, 9) } as const;
  const detection = { ...pretendDetection(text, 100), origin };
  return pretendPhoto(7, {
    detections: [detection],
    labels: labelsOf([detection]),
    rejections: [{ id: 'p1' as DetectionId, label: text, at: new Date(2026, 10, 1), change: 1 as ChangeId }],
    lastChange: { id: 1 as ChangeId, kind: 'rename', label: text, at: new Date(2026, 10, 20, 11, 59) },
  });
}

/** Every page in several states, by name. */
function everyPage(context: PageContext, text = 'Words'): [string, string][] {
  const labels = [{ label: text, photos: 3 }];
  const shown = [
    pretendPhoto(1, { title: text }),
    pretendPhoto(2, { title: '', labels: [] }),
    pretendPhoto(3, { state: 'developing', renditions: [], labels: [], detections: [] }),
    pretendPhoto(4, { state: 'failed', failure: { code: 'damaged', detail: text }, camera: text }),
  ];
  const around = { newer: pretendId(5), older: pretendId(6) };
  const trashed = shown.map((one) => ({ ...one, trashedAt: new Date(2026, 10, 19, 9) }));
  const pages: [string, string][] = shown.map((one, index) => [
    `photo ${index}`,
    views.photo(context, { photo: one, may, neighbours: around, label: text }),
  ]);
  const [first] = shown as [Photo, ...Photo[]];
  return [
    ...pages,
    ['conflict', views.photo(context, { photo: first, may, neighbours: {}, conflict: { title: text } })],
    [
      'own words',
      views.photo(at(10, { [text]: 30 }, context), {
        photo: ownWords(text),
        may,
        neighbours: {},
        ownLabels: [text],
        refusal: { sentence: text, typed: { label: text } },
      }),
    ],
    [
      'list',
      views.list(context, { page: { photos: shown, next: pretendId(9) }, labels, label: text, first: false }),
    ],
    ['empty list', views.list(context, { page: { photos: [] }, labels: [], first: true })],
    [
      'deleted',
      views.list(context, {
        page: { photos: shown },
        labels,
        first: true,
        deleted: pretendPhoto(8, { title: text }),
      }),
    ],
    ['trash', views.trash(context, { page: { photos: trashed, next: pretendId(9) }, first: false })],
    ['empty trash', views.trash(context, { page: { photos: [] }, first: true })],
    ...trashed.map((one, index): [string, string] => [
      `trashed photo ${index}`,
      views.photo(context, { photo: one, may, neighbours: around }),
    ]),
    ['labels', views.labels(context, { labels, covers: new Map([[text, first]]) })],
    ['no labels', views.labels(context, { labels: [], covers: new Map() })],
    ['new photo', views.newPhoto(context, { error: text })],
    ['new photo of somebody', views.newPhoto({ ...context, user: { id: mina, name: text } }, {})],
    [
      'shooting',
      views.shoot({ ...context, user: { id: mina, name: text } }, { title: text, isPrivate: true }),
    ],
    [
      'results',
      views.uploadResults(context, {
        results: [
          { name: text, status: 201, photo: first },
          { name: text, status: 415, error: text },
        ],
      }),
    ],
    ['error', views.error(context, { status: 500, sentence: text, reference: text })],
  ];
}
