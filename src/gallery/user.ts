// Who somebody is, in as few words as a photo needs to know of it.

declare const brand: unique symbol;

/** A UUIDv7, so that users sort by the moment they came. */
export type UserId = string & { readonly [brand]: 'UserId' };

export const roles = ['owner', 'member', 'viewer'] as const;

/** An owner runs the gallery, a member adds photos and changes their own, a viewer looks. */
export type Role = (typeof roles)[number];
