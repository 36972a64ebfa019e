// Accounts as JSON, as docs/api.md describes them. Holds no secret: of tokens, passwords and keys nothing is kept that could stand here.
import type { AuditEntry, Passkey, Session, User } from '../gallery/accounts.ts';

export const userJson = ({ id, name, role, createdAt, disabled }: User) => ({
  id,
  name,
  role,
  createdAt: createdAt.toISOString(),
  disabled,
});

export const sessionJson = (session: Session, current: Session | undefined) => ({
  id: session.id,
  agent: session.agent,
  ...(session.address === undefined ? {} : { address: session.address }),
  createdAt: session.createdAt.toISOString(),
  lastSeenAt: session.lastSeenAt.toISOString(),
  expiresAt: session.expiresAt.toISOString(),
  current: session.id === current?.id,
});

export const passkeyJson = ({ credentialId, name, createdAt, lastUsedAt }: Passkey) => ({
  id: credentialId,
  name,
  createdAt: createdAt.toISOString(),
  ...(lastUsedAt === undefined ? {} : { lastUsedAt: lastUsedAt.toISOString() }),
});

export const auditJson = ({ id, at, actor, action, subject, address }: AuditEntry) => ({
  id,
  at: at.toISOString(),
  actor,
  action,
  subject,
  ...(address === undefined ? {} : { address }),
});
