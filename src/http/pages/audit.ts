// What was done about accounts, newest first, in sentences. Plain strings; the template escapes them.

import type { AuditPage } from '../../gallery/account-database.ts';
import type { AuditEntry } from '../../gallery/accounts.ts';
import { parseRole } from '../../gallery/accounts.ts';
import { auditPath } from '../links.ts';
import type { Speech } from '../words.ts';

export interface AuditModel {
  readonly page: AuditPage;
  /** This is the newest page, not a later one. */
  readonly first: boolean;
}

export function auditOf({ page, first }: AuditModel, speech: Speech) {
  return {
    entries: page.entries.map((entry) => ({
      at: speech.moment(entry.at),
      iso: entry.at.toISOString(),
      text: sentenceOf(entry, speech),
      address: entry.address ?? '',
      isRefusal: entry.action === 'sign-in-failed',
    })),
    newest: first ? undefined : auditPath(),
    older: page.next === undefined ? undefined : auditPath(page.next),
  };
}

function sentenceOf({ actor, action, subject }: AuditEntry, { words }: Speech): string {
  const { actions, atCommandLine, atMachine, somebody } = words.audit;
  const who = actor === '' ? atMachine : actor === 'command line' ? atCommandLine : actor;
  const role = parseRole(subject);
  const whom = role === undefined ? subject : words.roles[role];
  const known: Readonly<Record<string, (who: string, whom: string) => string>> = actions;
  // Who failed to sign in is not known by that.
  if (action === 'sign-in-failed') return actions['sign-in-failed'](subject === '' ? somebody : subject);
  // Written by another version.
  return known[action]?.(who, whom) ?? [who, action, subject].filter((part) => part !== '').join(' · ');
}
