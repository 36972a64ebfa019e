// Writes down what somebody did, for whoever runs the gallery. What can't be written down is said in the log and stops nobody:
// a full disk must not keep its owner out.
import type { Log } from '../log.ts';
import type { AccountDatabase, NewAuditEntry } from './account-database.ts';

/** Never rejects. */
export type Note = (entry: NewAuditEntry) => Promise<void>;

export interface NoteParts {
  readonly accounts: Pick<AccountDatabase, 'appendAudit'>;
  readonly log: Log;
}

export function openNotes({ accounts, log }: NoteParts): Note {
  return async (entry) => {
    try {
      await accounts.appendAudit(entry);
    } catch (error) {
      log.error({ err: error, action: entry.action }, 'what was done could not be written down');
    }
  };
}
