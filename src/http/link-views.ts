// The pages about links: those of who makes them, and those of who comes by one. Shows them in the frame that views.ts gives.
import type { Language } from './languages.ts';
import { linksPath, sharedPath } from './links.ts';
import type { Page } from './pages/frame.ts';
import {
  type ChooseModel,
  chooseOf,
  type LinksModel,
  linksOf,
  type MadeModel,
  madeOf,
  type NewLinkModel,
  newLinkOf,
} from './pages/links.ts';
import { type ModerationModel, moderationOf } from './pages/moderation.ts';
import {
  type GuestFormModel,
  type GuestResultModel,
  guestFormOf,
  guestResultOf,
  headingOf,
  type LockedModel,
  type SharedModel,
  type SharedPhotoModel,
  sharedOf,
  sharedPhotoOf,
} from './pages/shared.ts';
import type { PageContext } from './views.ts';
import type { Speech } from './words.ts';

export interface LinkViews {
  links(context: PageContext, model: LinksModel): string;
  newLink(context: PageContext, model: NewLinkModel): string;
  chooseForLink(context: PageContext, model: ChooseModel): string;
  linkMade(context: PageContext, model: MadeModel): string;
  moderation(context: PageContext, model: ModerationModel): string;
  /** From here on for whoever comes by a link: without the gallery's navigation, and without a script but that of the form. */
  shared(context: PageContext, model: SharedModel): string;
  sharedPhoto(context: PageContext, model: SharedPhotoModel): string;
  locked(context: PageContext, model: LockedModel): string;
  guestForm(context: PageContext, model: GuestFormModel): string;
  guestResult(context: PageContext, model: GuestResultModel): string;
}

type Show = (context: PageContext, page: Page, model: object) => string;

export function openLinkViews(show: Show, speeches: Readonly<Record<Language, Speech>>): LinkViews {
  const speechOf = ({ language }: PageContext) => speeches[language];
  const ours = (context: PageContext, page: Omit<Page, 'styles'>, model: object) =>
    show(
      context,
      { current: 'links', back: linksPath(), styles: ['empty', 'failed', 'code', 'links'], ...page },
      model,
    );
  const byLink = (context: PageContext, page: Omit<Page, 'styles'>, model: object) =>
    show(
      context,
      { frame: './guest', styles: ['ratio', 'grid', 'photo', 'empty', 'upload', 'links'], ...page },
      model,
    );

  return {
    links(context, model) {
      const speech = speechOf(context);
      const page = { template: './links', title: speech.words.links.title, back: '/' };
      return ours(context, page, linksOf(model, speech, context));
    },
    newLink(context, model) {
      const speech = speechOf(context);
      const form = newLinkOf(model, speech, context);
      const page = { template: './new-link', title: form.heading, backName: speech.words.links.all };
      return ours(context, page, form);
    },
    chooseForLink(context, model) {
      const speech = speechOf(context);
      const { chooseTitle: title, all: backName } = speech.words.links;
      return ours(context, { template: './choose', title, backName }, chooseOf(model, speech, context));
    },
    linkMade(context, model) {
      const speech = speechOf(context);
      const { newTitle: title, all: backName } = speech.words.links;
      const page = { template: './link-made', title, backName, path: linksPath(), scripts: ['copy'] };
      return ours(context, page, madeOf(model, speech));
    },
    moderation(context, model) {
      const speech = speechOf(context);
      const page = {
        template: './moderation',
        title: speech.words.moderation.title,
        back: '/',
        current: 'moderation',
      } as const;
      return ours(context, page, moderationOf(model, speech, context));
    },
    shared(context, model) {
      const speech = speechOf(context);
      const title = headingOf(model.link, speech);
      return byLink(context, { template: './shared', title }, sharedOf(model, speech, context));
    },
    sharedPhoto(context, model) {
      const speech = speechOf(context);
      const photo = sharedPhotoOf(model, speech, context);
      const page = {
        template: './shared-photo',
        title: photo.heading,
        ...(photo.back === undefined
          ? {}
          : { back: sharedPath(model.token), backName: speech.words.shared.back }),
      };
      return byLink(context, page, photo);
    },
    locked(context, model) {
      const { shared } = speechOf(context).words;
      return byLink(context, { template: './locked', title: shared.lockedTitle, path: model.action }, model);
    },
    guestForm(context, model) {
      const form = guestFormOf(model, speechOf(context), context);
      return byLink(
        context,
        { template: './guest-form', title: form.heading, scripts: ['guest-form'] },
        form,
      );
    },
    guestResult(context, model) {
      const speech = speechOf(context);
      const result = guestResultOf(model, speech);
      const page = { template: './guest-result', title: speech.words.guests.title, path: result.again };
      return byLink(context, page, result);
    },
  };
}
