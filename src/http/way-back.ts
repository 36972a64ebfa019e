// The way back from an address that takes POST only. A form that was refused stands at the address that it was sent to: whoever loads that
// again, or comes back to it, is led to where the form stands. Looks nothing up, so that it tells nobody what there is.
import type { RequestHandler } from 'express';
import { detectionPath, newPhotoPath } from './links.ts';

/** Of what is sent to these, or below them, the form is not on a page above. */
const formsElsewhere: Readonly<Record<string, string>> = {
  '/photos': newPhotoPath,
  '/share': newPhotoPath,
  '/models': detectionPath,
};

/** The page with the form that is sent to an address without a page of its own. Both are patterns of routes, with `:id`. */
export function formAbove(path: string, isPage: (path: string) => boolean): string {
  for (let at = path; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
    const page = isPage(at) ? at : formsElsewhere[at];
    if (page !== undefined) return page;
  }
  return '/';
}

/** For browsers. Programs, which name no page among what they take, are told that there is nothing to get. */
export function leadBack(page: string): RequestHandler {
  return (request, response, next) => {
    if (request.accepts(['json', 'html']) !== 'html') {
      next();
      return;
    }
    const own = (name: string) => encodeURIComponent(String(request.params[name]));
    const path = page.replace(/:(\w+)/g, (_whole, name: string) => own(name));
    response.set('Cache-Control', 'no-store').redirect(303, path);
  };
}
