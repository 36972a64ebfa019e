// The pages: domain objects in, HTML out. The only file that knows the template engine; escaping is on for every value.
import { Eta } from 'eta';
import type { Threshold } from '../gallery/detection.ts';
import type { Photo } from '../gallery/photo.ts';
import { mediaTypes } from '../gallery/photo.ts';
import type { UserId } from '../gallery/user.ts';
import type { Rights } from './access.ts';
import { type AccountViews, openAccountViews } from './account-views.ts';
import type { Assets } from './assets.ts';
import { type Language, languages } from './languages.ts';
import { type LinkViews, openLinkViews } from './link-views.ts';
import { listPath, signInPath } from './links.ts';
import { frameOf } from './pages/around.ts';
import { cardOf } from './pages/card.ts';
import { detailOf, type PhotoModel } from './pages/detail.ts';
import { type DetectionModel, detectionOf } from './pages/detection.ts';
import { type FailedModel, failedOf } from './pages/failed.ts';
import {
  detectionPage,
  failedPage,
  offlinePage,
  type Page,
  rerunPage,
  shootPage,
  trashPage,
  verificationPage,
} from './pages/frame.ts';
import { type LabelsModel, labelsPageOf } from './pages/labels.ts';
import { type ListModel, listOf } from './pages/list.ts';
import { type RerunModel, rerunOf } from './pages/reruns.ts';
import { type TrashModel, trashOf } from './pages/trash.ts';
import { type VerificationModel, verificationOf } from './pages/verification.ts';
import { openSpeech, type Speech } from './words.ts';

export interface PageContext {
  readonly language: Language;
  /** What the reader wants to be shown. */
  readonly threshold: Threshold;
  /** Path and query of this page. */
  readonly path: string;
  /** One sentence for a banner, for example that detection does not work. */
  readonly problem?: string | undefined;
  /** Photos that ended as failed, for the menu; absent when nobody counted. */
  readonly failed?: number | undefined;
  /** Photos that guests sent and this reader may let in. */
  readonly waiting?: number | undefined;
  readonly today: Date;
  readonly maxUploadMb: number;
  readonly rights: Rights;
  /** Somebody came by a link, and sees nothing of the gallery around it. */
  readonly byLink?: true;
  /** Others can read what is typed here, on its way. */
  readonly isReadable?: true;
  /** Whoever has signed in. */
  readonly user?: { readonly id: UserId; readonly name: string };
}

export interface UploadResult {
  /** The file's own name, as the visitor's machine called it. */
  readonly name: string;
  readonly status: number;
  readonly photo?: Photo | undefined;
  readonly error?: string | undefined;
}

export interface ShootModel {
  /** What the title field begins with. */
  readonly title: string;
  /** Whether only the reader is to see the shots. */
  readonly isPrivate: boolean;
  /** The path of the photo that was just taken. */
  readonly last?: string | undefined;
}

/** Every method returns a whole HTML document. */
export interface Views extends AccountViews, LinkViews {
  list(context: PageContext, model: ListModel): string;
  photo(context: PageContext, model: PhotoModel): string;
  newPhoto(context: PageContext, model: { readonly error?: string | undefined }): string;
  /** For a browser without a connection: holds nothing of what is in the gallery. */
  offline(context: PageContext): string;
  shoot(context: PageContext, model: ShootModel): string;
  labels(context: PageContext, model: LabelsModel): string;
  detection(context: PageContext, model: DetectionModel): string;
  rerun(context: PageContext, model: RerunModel): string;
  failed(context: PageContext, model: FailedModel): string;
  verification(context: PageContext, model: VerificationModel): string;
  trash(context: PageContext, model: TrashModel): string;
  uploadResults(context: PageContext, model: { readonly results: readonly UploadResult[] }): string;
  error(
    context: PageContext,
    model: { readonly status: number; readonly sentence: string; readonly reference?: string | undefined },
  ): string;
}

export interface ViewsOptions {
  readonly viewsFolder: string;
  readonly assets: Pick<Assets, 'address'>;
}

export function openViews({ viewsFolder, assets }: ViewsOptions): Views {
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
      accept: acceptedInForms,
      rights: context.rights,
      user: context.user,
    };
    const body = eta.render(page.template, { ...shared, ...model });
    return eta.render(page.frame ?? './layout', { ...shared, ...frameOf(context, page, speech), body });
  };

  const uploadModel = ({ language, maxUploadMb }: PageContext) => {
    const { words, number } = speeches[language];
    return {
      hint: words.upload.chooseHint(number(maxUploadMb)),
      says: JSON.stringify(words.queue.says),
    };
  };

  return {
    ...openAccountViews(show, speeches),
    ...openLinkViews(show, speeches),
    list(context, model) {
      const speech = speeches[context.language];
      const list = listOf(model, context, speech);
      const title = list.name ?? speech.words.pages.photos;
      const page: Page = {
        template: './list',
        title,
        current: 'photos',
        styles: ['ratio', 'grid', 'empty', 'sure'],
        scripts: ['live', 'sure'],
      };
      return show(context, page, list);
    },
    photo(context, model) {
      const detail = detailOf(model, context, speeches[context.language]);
      const page = {
        template: './photo',
        title: detail.name,
        styles: ['ratio', 'photo', 'boxes', 'sure', 'correct'],
        scripts: ['live', 'photo', 'sure', ...(model.may.change ? ['correct'] : [])],
        description: detail.frame.alt,
        path: detail.self,
        back: detail.back,
        ...(detail.backName === undefined ? {} : { backName: detail.backName }),
      };
      return show(context, page, detail);
    },
    newPhoto(context, { error }) {
      const { words } = speeches[context.language];
      const page: Page = {
        template: './new-photo',
        title: words.pages.newPhoto,
        current: 'new',
        styles: ['upload'],
        scripts: ['upload'],
        path: '/photos/new',
      };
      return show(context, page, { error, ...uploadModel(context) });
    },
    offline(context) {
      const page = offlinePage(speeches[context.language]);
      return show({ ...context, problem: undefined }, page, { error: undefined, ...uploadModel(context) });
    },
    shoot(context, model) {
      return show(context, shootPage(speeches[context.language]), model);
    },
    labels(context, model) {
      const speech = speeches[context.language];
      const page: Page = {
        template: './labels',
        title: speech.words.pages.labels,
        current: 'labels',
        styles: ['labels', 'empty', 'sure'],
        scripts: ['sure'],
      };
      return show(context, page, labelsPageOf(model, context, speech));
    },
    detection(context, model) {
      const speech = speeches[context.language];
      // The page itself says what is wrong, and at length.
      return show({ ...context, problem: undefined }, detectionPage(speech), detectionOf(model, speech));
    },
    rerun(context, model) {
      const speech = speeches[context.language];
      const rerun = rerunOf(model, speech, context.threshold);
      return show(context, rerunPage(rerun.heading, speech), rerun);
    },
    failed(context, model) {
      const speech = speeches[context.language];
      return show(context, failedPage(speech), failedOf(model, speech, context.threshold));
    },
    verification(context, model) {
      const speech = speeches[context.language];
      return show(context, verificationPage(speech), verificationOf(model, speech, context.threshold));
    },
    trash(context, model) {
      const speech = speeches[context.language];
      return show(context, trashPage(speech), trashOf(model, speech, context));
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
        results: results.map((result, index) => resultOf(result, index, context, speech)),
      });
    },
    error(context, { status, sentence, reference }) {
      const { problems } = speeches[context.language].words;
      const titles: Readonly<Record<string, string>> = problems.titles;
      const heading = titles[status] ?? problems.titles.other;
      return show(
        context,
        {
          template: './error',
          title: heading,
          ...(context.byLink ? { frame: './guest', styles: ['empty', 'links'] } : { styles: ['empty'] }),
        },
        {
          status,
          heading,
          sentence,
          reference,
          byLink: context.byLink,
          chooseAnother: context.byLink !== true && [413, 415, 422].includes(status) && context.rights.add,
          signIn: status === 401 && context.byLink !== true ? signInPath() : undefined,
          again: status >= 500 || status === 408 ? context.path : undefined,
        },
      );
    },
  };
}

// `<%~ icon('camera') %>` in a template: raw, so it takes names written in templates and models only, never data.
const iconFunction = `const icon=(name)=>'<svg class="icon" aria-hidden="true"><use href="'+it.icons+'#'+name+'"/></svg>';`;

const resultOf = (
  { name, status, photo, error }: UploadResult,
  index: number,
  { threshold }: PageContext,
  speech: Speech,
) => ({
  name,
  error,
  says: status === 200 ? speech.words.upload.resultDuplicate : speech.words.upload.resultStored,
  card: photo === undefined ? undefined : cardOf(photo, index, speech, { threshold }),
});

// Both names of one family, and the endings for systems that know no type for them. iPhones send HEIC as it is to whoever asks for it.
const acceptedInForms = [...mediaTypes, 'image/heif', '.heic', '.heif'].join(',');
