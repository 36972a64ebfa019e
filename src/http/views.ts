// The pages: domain objects in, HTML out. The only file that knows the template engine; escaping is on for every value.
import { Eta } from 'eta';
import type { Photo, PhotoCard } from '../gallery/photo.ts';
import { mediaTypes } from '../gallery/photo.ts';
import type { LabelTotal } from '../gallery/ports.ts';
import type { Assets } from './assets.ts';
import { type Language, languages } from './languages.ts';
import { listPath } from './links.ts';
import { cardOf, coverOf } from './pages/card.ts';
import { detailOf, type PhotoModel } from './pages/detail.ts';
import { chipOf, type ListModel, listOf } from './pages/list.ts';
import { errorSentence, openSpeech, type Speech } from './words.ts';

export interface PageContext {
  readonly language: Language;
  /** Path and query of this page. */
  readonly path: string;
  /** One sentence for a banner, for example that detection does not work. */
  readonly problem?: string | undefined;
  readonly today: Date;
  readonly maxUploadMb: number;
}

export interface UploadResult {
  /** The file's own name, as the visitor's machine called it. */
  readonly name: string;
  readonly status: number;
  readonly photo?: Photo | undefined;
  readonly error?: string | undefined;
}

/** Every method returns a whole HTML document. */
export interface Views {
  list(context: PageContext, model: ListModel): string;
  photo(context: PageContext, model: PhotoModel): string;
  newPhoto(context: PageContext, model: { readonly error?: string | undefined }): string;
  labels(
    context: PageContext,
    model: { readonly labels: readonly LabelTotal[]; readonly covers: ReadonlyMap<string, PhotoCard> },
  ): string;
  uploadResults(context: PageContext, model: { readonly results: readonly UploadResult[] }): string;
  error(
    context: PageContext,
    model: { readonly status: number; readonly sentence: string; readonly reference?: string | undefined },
  ): string;
}

/** What a page asks of the frame around it. */
interface Page {
  readonly template: string;
  readonly title: string;
  readonly styles: readonly string[];
  readonly scripts?: readonly string[];
  /** The place in the main navigation. */
  readonly current?: 'photos' | 'labels' | 'new';
  /** Where the arrow in the header leads. */
  readonly back?: string;
  /** The page to come back to in another language, when it is not this address. */
  readonly path?: string;
}

export function openViews({ viewsFolder, assets }: { viewsFolder: string; assets: Assets }): Views {
  const eta = new Eta({
    views: viewsFolder,
    cache: true,
    autoEscape: true,
    rmWhitespace: true,
    functionHeader: iconFunction,
  });
  const speeches = Object.fromEntries(
    languages.map((language) => [language, openSpeech(language)]),
  ) as Record<Language, Speech>;
  const icons = assets.address('icons.svg');

  const show = (context: PageContext, page: Page, model: object): string => {
    const speech = speeches[context.language];
    const shared = {
      t: speech.words,
      icons,
      assets,
      language: context.language,
      accept: mediaTypes.join(','),
    };
    const body = eta.render(page.template, { ...shared, ...model });
    return eta.render('./layout', { ...shared, ...frameOf(context, page, speech), body });
  };

  return {
    list(context, model) {
      const speech = speeches[context.language];
      const list = listOf(model, speech, context.today);
      const title = list.name ?? speech.words.pages.photos;
      const page: Page = {
        template: './list',
        title,
        current: 'photos',
        styles: ['ratio', 'grid', 'empty'],
        scripts: ['live'],
      };
      return show(context, page, list);
    },
    photo(context, model) {
      const detail = detailOf(model, speeches[context.language]);
      const page = {
        template: './photo',
        title: detail.heading,
        styles: ['ratio', 'photo', 'boxes'],
        scripts: ['live', 'photo'],
        path: detail.self,
        back: detail.back,
      };
      return show(context, page, detail);
    },
    newPhoto(context, { error }) {
      const { language, maxUploadMb } = context;
      const { words, number } = speeches[language];
      const page: Page = {
        template: './new-photo',
        title: words.pages.newPhoto,
        current: 'new',
        styles: ['upload'],
        scripts: ['upload'],
        path: '/photos/new',
      };
      return show(context, page, {
        error,
        hint: words.upload.chooseHint(number(maxUploadMb)),
      });
    },
    labels(context, { labels, covers }) {
      const speech = speeches[context.language];
      const { words, number } = speech;
      const page: Page = {
        template: './labels',
        title: words.pages.labels,
        current: 'labels',
        styles: ['labels', 'empty'],
      };
      const rows = labels.map((total) => ({
        ...chipOf(total, speech),
        photos: words.labels.photos(total.photos, number(total.photos)),
        cover: coverOf(covers.get(total.label)),
      }));
      return show(context, page, { labels: rows });
    },
    uploadResults(context, { results }) {
      const speech = speeches[context.language];
      const { words, number } = speech;
      const stored = results.filter(({ photo }) => photo !== undefined).length;
      const page = {
        template: './results',
        title: words.pages.uploaded,
        styles: ['upload'],
        path: listPath({}),
      };
      return show(context, page, {
        lead: words.upload.resultsLead(number(stored), number(results.length)),
        results: results.map((result, index) => resultOf(result, index, speech)),
      });
    },
    error(context, { status, sentence, reference }) {
      const { problems } = speeches[context.language].words;
      const titles: Readonly<Record<string, string>> = problems.titles;
      const heading = titles[status] ?? problems.titles.other;
      return show(
        context,
        { template: './error', title: heading, styles: ['empty'] },
        {
          status,
          heading,
          sentence,
          reference,
          chooseAnother: [413, 415, 422].includes(status),
          again: status >= 500 || status === 408 ? context.path : undefined,
        },
      );
    },
  };
}

// `<%~ icon('camera') %>` in a template: raw, so it takes names written in templates and models only, never data.
const iconFunction = `const icon=(name)=>'<svg class="icon" aria-hidden="true"><use href="'+it.icons+'#'+name+'"/></svg>';`;

const resultOf = ({ name, status, photo, error }: UploadResult, index: number, speech: Speech) => ({
  name,
  error,
  says: status === 200 ? speech.words.upload.resultDuplicate : speech.words.upload.resultStored,
  card: photo === undefined ? undefined : cardOf(photo, index, speech, undefined),
});

function frameOf({ language, path, problem, maxUploadMb }: PageContext, page: Page, { words }: Speech) {
  return {
    page,
    problem,
    refusals: refusalsIn(language, maxUploadMb),
    title: `${page.title} · ${words.appName}`,
    languages: languages.map((one) => ({
      language: one,
      name: { en: 'English', ko: '한국어' }[one],
      short: { en: 'EN', ko: '한' }[one],
      href: inLanguage(page.path ?? path, one),
    })),
  };
}

/** What the page's scripts say about a file before it is sent: the server's own sentences. */
function refusalsIn(language: Language, maxUploadMb: number) {
  return {
    maxBytes: maxUploadMb * 1024 * 1024,
    tooLarge: errorSentence(language, 'too-large', { limitMb: maxUploadMb }),
    unsupported: errorSentence(language, 'unsupported-type'),
    heic: errorSentence(language, 'heic'),
    empty: errorSentence(language, 'empty-file'),
  };
}

// Only path and query are kept, so that whatever the address was, the link stays on this site.
function inLanguage(path: string, language: Language): string {
  const [pathname = '/', query = ''] = path.split('#', 1)[0]?.split('?', 2) ?? [];
  const asked = new URLSearchParams(query);
  asked.set('lang', language);
  return `${pathname.replace(/^[/\\]+/, '/')}?${asked}`;
}
