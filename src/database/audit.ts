// The audit of AccountDatabase on SQLite: added to, and shortened by what is a year old and by what is only repeated.
import type { AccountDatabase } from '../gallery/account-database.ts';
import {
  type AuditEntry,
  auditKeptMs,
  auditLimitMs,
  auditRepeatedMs,
  limitedInAudit,
  moreDone,
  mostPhotoAuditPerHour,
  repeatedInAudit,
} from '../gallery/accounts.ts';
import { mayOperate } from '../gallery/viewer.ts';
import type { Connection } from './connection.ts';

export type Audit = Pick<AccountDatabase, 'appendAudit' | 'listAudit'>;

interface AuditRow {
  readonly id: number;
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly address: string | null;
}

export function openAudit({ handle, read, write }: Connection, now: () => number): Audit {
  const insert = handle.prepare<Omit<AuditRow, 'id'>, AuditRow>(
    'INSERT INTO audit (at, actor, action, subject, address) VALUES (@at, @actor, @action, @subject, @address) RETURNING *',
  );
  const dropOld = handle.prepare<[number]>('DELETE FROM audit WHERE at <= ?');
  const dropSame = handle.prepare<Omit<AuditRow, 'id' | 'address'>>(
    'DELETE FROM audit WHERE at > @at AND actor = @actor AND action = @action AND subject = @subject',
  );
  const countLimited = handle
    .prepare<[number, string, string], number>(
      'SELECT count(*) FROM audit WHERE at > ? AND actor = ? AND action IN (SELECT value FROM json_each(?))',
    )
    .pluck();
  const page = handle.prepare<[number, number], AuditRow>(
    'SELECT * FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?',
  );

  const limited = JSON.stringify(limitedInAudit);
  const isTooMuch = (actor: string, action: string, at: number) =>
    limitedInAudit.includes(action) &&
    (countLimited.get(at - auditLimitMs, actor, limited) ?? 0) >= mostPhotoAuditPerHour;

  return {
    appendAudit: ({ actor, action, subject, address = null }) =>
      write(() => {
        const at = now();
        dropOld.run(at - auditKeptMs);
        if (repeatedInAudit.includes(action))
          dropSame.run({ at: at - auditRepeatedMs, actor, action, subject });
        const more = { actor, action: moreDone, subject: '' };
        const isMore = isTooMuch(actor, action, at);
        if (isMore) dropSame.run({ at: at - auditLimitMs, ...more });
        const row = insert.get({ at, ...(isMore ? more : { actor, action, subject }), address });
        if (row === undefined) throw new Error('an entry is not there that was just written');
        return toEntry(row);
      }),
    listAudit: (viewer, { before = Number.MAX_SAFE_INTEGER, limit }) =>
      read(() => {
        const rows = mayOperate(viewer) ? page.all(before, limit + 1) : [];
        const entries = rows.slice(0, limit).map(toEntry);
        const last = entries.at(-1);
        return { entries, ...(rows.length > limit && last ? { next: last.id } : {}) };
      }),
  };
}

const toEntry = ({ id, at, actor, action, subject, address }: AuditRow): AuditEntry => ({
  id,
  at: new Date(at),
  actor,
  action,
  subject,
  ...(address === null ? {} : { address }),
});
