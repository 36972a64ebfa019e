// English for what may go wrong with accounts. Part of en.ts.
export const enAccountErrors = {
  'bad-user-name': (limit: string) => `A name has 1 to ${limit} characters. Choose another one.`,
  'name-taken': 'Somebody has this name already. Choose another one.',
  'last-owner': 'This is the last owner of the gallery. Make somebody else an owner first.',
  'already-set-up': 'This gallery has been set up already. Ask its owner for an invitation.',
  'grant-over': 'This link or code has expired or was used already. Ask for a new one.',
  'passkey-taken': 'This passkey is known already. Choose another one.',
  'password-too-short':
    'A password has at least 12 characters. Take three or four words that have nothing to do with each other.',
  'password-too-long': 'A password has at most 128 characters. Choose a shorter one.',
  'password-too-common':
    'Many people use this password, so it is soon guessed. Take three or four words that have nothing to do with each other.',
  'password-like-name':
    'This password is little more than the name. Take three or four words that have nothing to do with each other.',
};
