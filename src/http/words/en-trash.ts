// What the trash says, and what a photo says of whom it is for. In English.

export const enTrash = {
  trash: {
    title: 'Trash',
    lead: 'Deleted photos stay here for 30 days and come back whole.',
    emptyTitle: 'The trash is empty',
    emptyText: 'What you delete waits here for 30 days.',
    restore: 'Put back',
    restoreOf: (name: string) => `Put back: ${name}`,
    remove: 'Delete for good',
    removeOf: (name: string) => `Delete for good: ${name}`,
    removeTitle: (name: string) => `Delete for good: ${name}?`,
    removeText: 'The original and everything made from it will be gone. Nobody can bring it back.',
    keep: 'Keep it',
    empty: 'Empty the trash',
    emptyAsk: 'Delete everything in the trash for good?',
    emptyAskText: 'All originals in it will be gone. Nobody can bring them back.',
    emptyKeep: 'Keep them',
    back: 'Back to the trash',
    since: (moment: string) => `In the trash since ${moment}`,
    deleted: (name: string) => `In the trash for 30 days: ${name}`,
    restored: (name: string) => `Among the photos: ${name}`,
    restoredWaiting: (name: string) => `Waits to be let in: ${name}`,
    left: (days: number, number: string) =>
      days === 0 ? 'Goes today' : days === 1 ? 'One day left' : `${number} days left`,
  },
  privacy: {
    title: 'Who sees it',
    onlyMe: 'Only I see this',
    onlyMeThese: 'Only I see these',
    everybody: 'Everybody who may look',
    onlyYou: 'Only you see this',
    linksNote: 'When only you see it, the links that showed it no longer do.',
  },
};
