// What the pages say and how they are built, asserted by selector on the HTML that the real templates produce.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type HTMLElement, parse } from 'node-html-parser';
import type { Photo } from '../../src/gallery/photo.ts';
import { languages } from '../../src/http/languages.ts';
import { openViews, type PageContext, type Views } from '../../src/http/views.ts';
import { pretendDetection, pretendId, pretendPhoto } from '../support/pretend-photos.ts';

const viewsFolder = fileURLToPath(new URL('../../views', import.meta.url));
// An address as long as a real one; what it leads to is not asked here.
const views = openViews({ viewsFolder, assets: { address: (name) => `/static/${name}?v=0123456789ab` } });

const english: PageContext = {
  language: 'en',
  path: '/',
  today: new Date(2026, 10, 20, 12),
  maxUploadMb: 100,
};
const korean: PageContext = { ...english, language: 'ko' };

const list = (
  photos: readonly Photo[],
  context = english,
  more: Partial<Parameters<Views['list']>[1]> = {},
) => parse(views.list(context, { page: { photos }, labels: [], first: true, ...more }));
const photo = (
  changes: Partial<Photo> = {},
  context = english,
  more: Partial<Parameters<Views['photo']>[1]> = {},
) => parse(views.photo(context, { photo: pretendPhoto(1, changes), neighbours: {}, ...more }));
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
    const chips = list([pretendPhoto(1)], english, { labels }).querySelectorAll('.chip small');
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
    const boxes = photo().querySelectorAll('.boxes > .box');
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
      .querySelectorAll('.boxes > .box')
      .map((box) => box.classList.contains('unsure'));
    assert.deepEqual(classes, [false, false, true]);
  });

  it('pairs every label with its boxes and with all photos that show it', () => {
    const page = photo();
    const chips = page.querySelectorAll('.found-chip');
    assert.deepEqual(
      chips.map((chip) => chip.querySelector('a')?.getAttribute('href')),
      ['/?label=person', '/?label=dog'],
    );
    assert.deepEqual(
      chips.map((chip) => chip.querySelector('label')?.childNodes[1]?.text),
      ['2 people', 'dog'],
    );
    const number = (element: HTMLElement | null | undefined) =>
      /\bl\d+\b/.exec(element?.classNames ?? '')?.[0];
    assert.equal(number(chips[1]), number(page.querySelector('.box[data-label=dog]')));
    assert.notEqual(number(chips[0]), number(chips[1]));
  });

  it('has a hue of its own for each of eight labels', () => {
    const labels = ['person', 'cat', 'dog', 'horse', 'cup', 'car', 'tie', 'bus'].map((label) => ({
      label,
      count: 1,
      score: 0.9,
    }));
    const page = photo({ labels, detections: labels.map(({ label }) => pretendDetection(label, 0.9)) });
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
      form.querySelectorAll('input[type=file]').map((input) => input.getAttribute('name')),
      ['photo', 'photo'],
    );
    assert.equal(one(page, '[role=alert]').textContent.trim(), 'Too <large>.');
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
        const pictured = control.querySelector('img[alt]:not([alt=""])') !== null || control.id === 'news';
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

  it('come out as the text they are', () => {
    const page = photo({ title: hostile, camera: hostile });
    assert.equal(one(page, 'h1').textContent, hostile);
    assert.equal(one(page, '.edit [name=title]').getAttribute('value'), hostile);
    assert.equal(one(page, 'title').textContent, `${hostile} · Sajin`);
    assert.equal(one(list([pretendPhoto(1, { title: hostile })]), '.caption b').textContent, hostile);
  });

  it('start nothing on any page', () => {
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

  it('make no link of another site from an address', () => {
    for (const path of ['//evil.example/x', '/\\evil.example', '///evil.example?a=b', '/#//evil']) {
      const page = parse(views.labels({ ...english, path }, { labels: [], covers: new Map() }));
      for (const link of page.querySelectorAll('.languages a')) {
        assert.match(link.getAttribute('href') ?? '', /^\/(?![/\\])/);
      }
    }
  });
});

describe('every page', () => {
  it('has no inline style, script or event attribute', () => {
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
  const pages: [string, string][] = shown.map((one, index) => [
    `photo ${index}`,
    views.photo(context, { photo: one, neighbours: around, label: text }),
  ]);
  const [first] = shown as [Photo, ...Photo[]];
  return [
    ...pages,
    ['conflict', views.photo(context, { photo: first, neighbours: {}, conflict: { title: text } })],
    [
      'list',
      views.list(context, { page: { photos: shown, next: pretendId(9) }, labels, label: text, first: false }),
    ],
    ['empty list', views.list(context, { page: { photos: [] }, labels: [], first: true })],
    ['labels', views.labels(context, { labels, covers: new Map([[text, first]]) })],
    ['no labels', views.labels(context, { labels: [], covers: new Map() })],
    ['new photo', views.newPhoto(context, { error: text })],
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
