// Serves the real pages with the made-up gallery and the policy that the real server sends. Answers GET only.

import { createReadStream, existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shownLabels, type Threshold } from '../../src/gallery/detection.ts';
import type { Photo } from '../../src/gallery/photo.ts';
import { machine } from '../../src/gallery/viewer.ts';
import { photoRightsOf, rightsOf } from '../../src/http/access.ts';
import { openAssets } from '../../src/http/assets.ts';
import { parseThreshold } from '../../src/http/threshold.ts';
import { openViews, type PageContext, type Views } from '../../src/http/views.ts';
import { reasonOf } from '../../src/http/words.ts';
import type { Language, LooksGallery } from './looks-gallery.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export const policy = [
  "default-src 'none'; script-src 'self'; script-src-attr 'none'; style-src 'self'; style-src-attr 'none'",
  "img-src 'self' blob: data:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'",
  "base-uri 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types sajin",
].join('; ');

const may = photoRightsOf(machine, undefined);

/** Every page that is worth a look, by its path. */
export function pagesOf(
  gallery: LooksGallery,
  threshold: Threshold,
): Record<string, (views: Views, context: PageContext) => string> {
  const { photos } = gallery;
  const [first, second, third] = photos as [Photo, Photo, Photo];
  const totals = new Map<string, number>();
  for (const { label } of photos.flatMap((photo) => shownLabels(photo.labels, threshold)))
    totals.set(label, (totals.get(label) ?? 0) + 1);
  const labels = [...totals]
    .map(([label, count]) => ({ label, photos: count }))
    .sort((a, b) => b.photos - a.photos);
  const { placeholder: _placeholder, ...bare } = second;
  const waiting: Photo = {
    ...bare,
    state: 'developing',
    renditions: [],
    labels: [],
    detections: [],
    title: '',
  };
  const failure = { code: 'damaged', detail: 'the file ends too early' } as const;
  const failed: Photo = { ...third, state: 'failed', failure, labels: [], detections: [] };
  const mixed = [
    { ...waiting, id: `${first.id.slice(0, -1)}a` as Photo['id'], state: 'waiting' as const },
    waiting,
    failed,
    ...photos.slice(3),
  ];
  const place = { latitude: 37.57963, longitude: 126.97704, altitude: 38 };
  const around = { newer: second.id, older: third.id };
  return {
    '/': (views, context) => views.list(context, { page: { photos, next: first.id }, labels, first: true }),
    '/end': (views, context) => views.list(context, { page: { photos: [] }, labels: [], first: false }),
    '/states': (views, context) => views.list(context, { page: { photos: mixed }, labels, first: true }),
    '/empty': (views, context) => views.list(context, { page: { photos: [] }, labels: [], first: true }),
    '/label': (views, context) => {
      const label = labels[0]?.label ?? 'person';
      const shown = photos.filter((photo) =>
        shownLabels(photo.labels, threshold).some((one) => one.label === label),
      );
      return views.list(context, { page: { photos: shown }, labels, label, first: true });
    },
    '/problem': (views, context) =>
      views.list({ ...context, problem: 'No model was found.' }, { page: { photos }, labels, first: true }),
    '/labels': (views, context) => views.labels(context, { labels, covers: coversOf(photos, threshold) }),
    '/photos/new': (views, context) => views.newPhoto(context, {}),
    '/offline': (views, context) => views.offline(context),
    '/shoot': (views, context) => views.shoot(context, { title: '', isPrivate: false }),
    '/shot': (views, context) =>
      views.shoot(context, { title: 'Trip', isPrivate: false, last: `/photos/${first.id}` }),
    '/results': (views, context) =>
      views.uploadResults(context, {
        results: [
          { name: 'IMG_0001.jpg', status: 201, photo: first },
          { name: 'IMG_0002.jpg', status: 200, photo: second },
          { name: 'notes.txt', status: 415, error: reasonOf(failure, context.language) },
        ],
      }),
    '/waiting': (views, context) => views.photo(context, { photo: waiting, may, neighbours: {} }),
    '/failed': (views, context) => views.photo(context, { photo: failed, may, neighbours: {} }),
    '/refused': (views, context) =>
      views.photo(context, {
        photo: first,
        may,
        neighbours: around,
        refusal: {
          sentence: 'Somebody changed this photo meanwhile. Look at it again and repeat your change.',
          typed: { label: 'sunset', left: '10' },
        },
      }),
    '/conflict': (views, context) =>
      views.photo(context, { photo: first, may, neighbours: around, conflict: { title: 'Mine' } }),
    '/error/404': (views, context) =>
      views.error(context, { status: 404, sentence: 'There is nothing here.' }),
    '/error/500': (views, context) =>
      views.error(context, { status: 500, sentence: 'Something broke.', reference: '0f8c-42' }),
    ...Object.fromEntries(
      photos.map((photo, index) => [
        `/photos/${photo.id}`,
        (views: Views, context: PageContext) =>
          views.photo(context, {
            photo,
            may,
            neighbours: around,
            ownLabels: ['노을'],
            ...(index < 2 ? { place } : {}),
          }),
      ]),
    ),
  };
}

export async function openLooksServer(galleries: Readonly<Record<Language, LooksGallery>>) {
  const views = openViews({ viewsFolder: join(root, 'views'), assets: openAssets(join(root, 'static')) });
  const server = createServer((request, response) => answer(request, response, views, galleries));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  views: Views,
  galleries: Readonly<Record<Language, LooksGallery>>,
): void {
  const url = new URL(request.url ?? '/', 'http://looks');
  const language: Language = /lang=ko/.test(`${url.search}${request.headers.cookie ?? ''}`) ? 'ko' : 'en';
  const gallery = galleries[language];
  const file = join(root, normalize(url.pathname));
  response.setHeader('Content-Security-Policy', policy);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  if (url.pathname === '/events') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(': hello\n\n');
  } else if (url.pathname.startsWith('/static/') && existsSync(file)) {
    response.setHeader('Content-Type', types[/\.(\w+)$/.exec(file)?.[1] ?? ''] ?? 'text/plain');
    createReadStream(file).pipe(response);
  } else if (gallery.media.has(url.pathname)) {
    const media = gallery.media.get(url.pathname);
    response.setHeader('Content-Type', media?.type ?? '').end(media?.bytes);
  } else {
    // The made-up gallery has one page: what is older than its last photo is nothing.
    const threshold = parseThreshold(url.searchParams.get('sure') ?? undefined);
    const page = pagesOf(gallery, threshold)[url.searchParams.has('before') ? '/end' : url.pathname];
    const context = {
      language,
      threshold,
      path: url.pathname + url.search,
      today: new Date(Date.UTC(2026, 10, 20, 4)),
      maxUploadMb: 100,
      rights: rightsOf(machine),
    };
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(page?.(views, context) ?? views.error(context, { status: 404, sentence: url.pathname }));
  }
}

const types: Readonly<Record<string, string>> = {
  css: 'text/css',
  js: 'text/javascript',
  svg: 'image/svg+xml',
};

/** The first photo of each label. */
function coversOf(photos: readonly Photo[], threshold: Threshold): Map<string, Photo> {
  return new Map(
    photos
      .toReversed()
      .flatMap((photo) => shownLabels(photo.labels, threshold).map(({ label }) => [label, photo] as const)),
  );
}
