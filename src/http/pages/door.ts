// One door, as its page shows it: what it is called, which fields it has, what is sent along. Plain strings; the template escapes them.
import type { Role } from '../../gallery/user.ts';
import type { Token } from '../../security/tokens.ts';
import { invitePath, pairPath, setUpPath, signInPath } from '../links.ts';
import type { Speech } from '../words.ts';

interface Again {
  /** As it was typed; the password is not kept. */
  readonly name?: string;
  readonly refusal?: string;
}

interface ByToken extends Again {
  readonly token: Token | undefined;
}

export type DoorModel =
  | ({ readonly kind: 'sign-in'; readonly next: string; readonly isSetUp: boolean } & Again)
  | ConfirmModel
  | ({ readonly kind: 'set-up' } & ByToken)
  | ({ readonly kind: 'invite'; readonly role: Role } & ByToken)
  | ({ readonly kind: 'pair'; readonly who: string } & ByToken);

/** Somebody who is in, and shows once more who they are. */
interface ConfirmModel {
  readonly kind: 'confirm';
  readonly name: string;
  readonly hasPassword: boolean;
  readonly hasPasskeys: boolean;
  /** Where the form goes, with what was wanted in it. */
  readonly action: string;
  readonly fields: readonly Field[];
  readonly back: string;
  readonly refusal?: string | undefined;
}

interface Field {
  readonly name: string;
  readonly value: string;
}

/** What the script asks a passkey for, and where it goes then; to wherever the form goes if absent. */
interface ByPasskey {
  readonly address: string;
  readonly next?: string;
}

export interface Door {
  readonly kind: DoorModel['kind'];
  readonly path: string;
  readonly action: string;
  readonly heading: string;
  readonly lead: string | undefined;
  /** Absent where only a passkey helps. */
  readonly submit: string | undefined;
  readonly hidden: readonly Field[];
  /** Whether somebody says who they are, shows it, chooses who they will be, or is known. */
  readonly asks: 'who' | 'password' | 'new' | 'nothing';
  readonly passkey?: ByPasskey;
  /** For who would rather not. */
  readonly back?: string;
  readonly name: string;
  readonly refusal: string | undefined;
}

export function doorOf(model: DoorModel, { words }: Speech): Door {
  const { name = '', refusal } = model;
  const t = words.door;
  const shared = { kind: model.kind, name, refusal };
  if (model.kind === 'sign-in')
    return {
      ...shared,
      path: signInPath(model.next),
      action: '/sign-in',
      heading: t.signIn,
      lead: model.isSetUp ? undefined : t.notSetUp,
      submit: t.signIn,
      hidden: [{ name: 'next', value: model.next }],
      asks: 'who',
      passkey: { address: '/sign-in/passkey', next: model.next },
    };
  if (model.kind === 'confirm')
    return {
      ...shared,
      path: model.back,
      action: model.action,
      heading: t.confirm,
      lead: model.hasPassword ? t.confirmLead : t.confirmByPasskey,
      submit: model.hasPassword ? t.confirmSubmit : undefined,
      hidden: model.fields,
      asks: model.hasPassword ? 'password' : 'nothing',
      ...(model.hasPasskeys ? { passkey: { address: '/account/confirm/passkey' } } : {}),
      back: model.back,
    };
  const token = model.token ?? ('' as Token);
  const byToken = { ...shared, hidden: [{ name: 'token', value: token }] };
  switch (model.kind) {
    case 'set-up':
      return {
        ...byToken,
        path: setUpPath(token),
        action: '/set-up',
        heading: t.setUp,
        lead: t.setUpLead,
        submit: t.setUpSubmit,
        asks: 'new',
      };
    case 'invite':
      return {
        ...byToken,
        path: invitePath(token),
        action: '/invite',
        heading: t.invite,
        lead: t.inviteLead[model.role],
        submit: t.inviteSubmit,
        asks: 'new',
      };
    case 'pair':
      return {
        ...byToken,
        path: pairPath(token),
        action: '/pair',
        heading: t.pair(model.who),
        lead: t.pairLead,
        submit: t.pairSubmit,
        asks: 'nothing',
      };
  }
}
