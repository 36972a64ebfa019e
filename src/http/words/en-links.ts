// English for what people hand out: links that show photos, links that take them in. Part of en.ts.
export const enLinkErrors = {
  'no-link': 'This link is not known here. Look whether all of it was copied, or ask for it again.',
  'link-over': 'This link has expired or was taken back. Ask whoever gave it to you for a new one.',
  'link-full': 'This link has taken as many photos as it may. Ask whoever gave it to you for a new one.',
  'link-locked': 'These photos have a password. Open the link and type it.',
  'wrong-password': 'That was not the password. Look at it again and type it once more.',
  'too-many-tries': 'That was tried too often. Wait a few minutes, then try again.',
};
