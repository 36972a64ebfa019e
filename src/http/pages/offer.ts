// A link that works once, for somebody's phone: as a code to scan and as text to send. Plain strings but for the code, which is drawn from
// nothing but the link.
import type { Role } from '../../gallery/user.ts';
import { qrSvg } from '../../security/qr.ts';
import { accountPath, peoplePath } from '../links.ts';
import type { Speech } from '../words.ts';

export type OfferModel = {
  /** Whole, with scheme and host. */
  readonly link: string;
  readonly expiresAt: Date;
  /** No other device gets to that address. */
  readonly isLoopback: boolean;
} & ({ readonly kind: 'invite'; readonly role: Role } | { readonly kind: 'pair' });

export function offerOf(model: OfferModel, { words, moment }: Speech) {
  const { link, expiresAt, isLoopback } = model;
  const t = words.offer;
  const isInvitation = model.kind === 'invite';
  return {
    link,
    isLoopback,
    code: qrSvg(link, t.code),
    heading: isInvitation ? t.invite : t.pair,
    lead: isInvitation ? t.inviteLead(words.roles[model.role]) : t.pairLead,
    until: isInvitation ? t.inviteUntil(moment(expiresAt)) : t.pairUntil,
    back: isInvitation ? peoplePath : accountPath,
    backName: isInvitation ? words.people.title : words.account.title,
  };
}
