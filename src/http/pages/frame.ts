// What a page asks of the frame around it: title, styles, scripts, its place in the navigation. Those of detection stand here, too.
import { accountPath, detectionPath, offlinePath, peoplePath, shootPath } from '../links.ts';
import type { Speech } from '../words.ts';

export type Current =
  | 'photos'
  | 'labels'
  | 'new'
  | 'shoot'
  | 'detection'
  | 'failed'
  | 'trash'
  | 'account'
  | 'people'
  | 'verification'
  | 'links'
  | 'moderation';

export interface Page {
  readonly template: string;
  /** What stands around it; that of the gallery if absent. */
  readonly frame?: './guest';
  readonly title: string;
  /** What is to be seen here, for whoever sees no more than that. */
  readonly description?: string;
  readonly styles: readonly string[];
  readonly scripts?: readonly string[];
  /** The place in the main navigation. */
  readonly current?: Current;
  /** Without navigation: for whoever is not in yet. */
  readonly bare?: boolean;
  /** Where the arrow in the header leads. */
  readonly back?: string;
  /** What the arrow says; the list of photos if absent. */
  readonly backName?: string;
  /** The page to come back to in another language, when it is not this address. */
  readonly path?: string;
}

export const detectionPage = ({ words }: Speech): Page => ({
  template: './detection',
  title: words.detection.title,
  current: 'detection',
  styles: ['note', 'detection'],
  scripts: ['detection'],
  // Also when it answers a file that was refused, which has no address to come back to.
  path: detectionPath,
});

export const rerunPage = (title: string, { words }: Speech): Page => ({
  template: './rerun',
  title,
  current: 'detection',
  styles: ['ratio', 'empty', 'rerun'],
  scripts: ['rerun'],
  back: detectionPath,
  backName: words.reruns.back,
});

export const failedPage = ({ words }: Speech): Page => ({
  template: './failed',
  title: words.failed.title,
  current: 'failed',
  styles: ['empty', 'failed'],
  scripts: ['detection'],
});

export const verificationPage = ({ words }: Speech): Page => ({
  template: './verification',
  title: words.verification.title,
  current: 'verification',
  styles: ['failed'],
  scripts: ['detection'],
});

export const trashPage = ({ words }: Speech): Page => ({
  template: './trash',
  title: words.trash.title,
  current: 'trash',
  styles: ['note', 'empty', 'trash'],
  scripts: ['detection'],
});

/** Its form is that of "Add photos", and so are its scripts: what is chosen waits in the queue. */
export const offlinePage = ({ words }: Speech): Page => ({
  template: './offline',
  title: words.offline.title,
  styles: ['upload'],
  scripts: ['upload', 'offline'],
  path: offlinePath,
});

export const shootPage = ({ words }: Speech): Page => ({
  template: './shoot',
  title: words.camera.title,
  current: 'shoot',
  styles: ['upload', 'shoot'],
  scripts: ['shoot'],
  path: shootPath,
});

/** @param path to come back to in another language, with what opens the door */
export const doorPage = (title: string, path: string): Page => ({
  template: './door',
  title,
  styles: ['door'],
  scripts: ['door'],
  path,
  bare: true,
});

export const accountPage = ({ words }: Speech): Page => ({
  template: './account',
  title: words.account.title,
  current: 'account',
  styles: ['note', 'account'],
  scripts: ['account'],
  path: accountPath,
});

export const peoplePage = ({ words }: Speech): Page => ({
  template: './people',
  title: words.people.title,
  current: 'people',
  styles: ['note', 'account'],
  path: peoplePath,
});

export const auditPage = ({ words }: Speech): Page => ({
  template: './audit',
  title: words.audit.title,
  current: 'people',
  styles: ['note', 'account'],
  back: peoplePath,
  backName: words.people.title,
});

/** In another language there is nothing to see any more: it is shown once. */
export const offerPage = ({ heading, back, backName }: OfferPage): Page => ({
  template: './offer',
  title: heading,
  styles: ['note', 'code', 'offer'],
  scripts: ['copy'],
  path: back,
  back,
  backName,
});

interface OfferPage {
  readonly heading: string;
  readonly back: string;
  readonly backName: string;
}
