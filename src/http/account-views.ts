// The pages about who comes in, for views.ts: the doors, one's own account, all people, what was done, and links that work once.
import type { Language } from './languages.ts';
import { type AccountModel, accountOf } from './pages/account.ts';
import { type AuditModel, auditOf } from './pages/audit.ts';
import { type DoorModel, doorOf } from './pages/door.ts';
import type { Page } from './pages/frame.ts';
import { accountPage, auditPage, doorPage, offerPage, peoplePage } from './pages/frame.ts';
import { type OfferModel, offerOf } from './pages/offer.ts';
import { type PeopleModel, peopleOf } from './pages/people.ts';
import type { PageContext } from './views.ts';
import type { Speech } from './words.ts';

export interface AccountViews {
  door(context: PageContext, model: DoorModel): string;
  account(context: PageContext, model: AccountModel): string;
  people(context: PageContext, model: PeopleModel): string;
  audit(context: PageContext, model: AuditModel): string;
  offer(context: PageContext, model: OfferModel): string;
}

export function openAccountViews(
  show: (context: PageContext, page: Page, model: object) => string,
  speeches: Readonly<Record<Language, Speech>>,
): AccountViews {
  return {
    door(context, model) {
      const speech = speeches[context.language];
      const door = doorOf(model, speech);
      const isReadable = context.isReadable && door.asks !== 'nothing';
      const page = doorPage(door.heading, door.path);
      return show({ ...context, problem: undefined }, page, { ...door, isReadable });
    },
    account(context, model) {
      const speech = speeches[context.language];
      return show(context, accountPage(speech), {
        ...accountOf(model, speech),
        isReadable: context.isReadable,
      });
    },
    people(context, model) {
      const speech = speeches[context.language];
      return show(context, peoplePage(speech), peopleOf(model, speech));
    },
    audit(context, model) {
      const speech = speeches[context.language];
      return show(context, auditPage(speech), auditOf(model, speech));
    },
    offer(context, model) {
      const speech = speeches[context.language];
      const offer = offerOf(model, speech);
      return show(context, offerPage(offer), offer);
    },
  };
}
