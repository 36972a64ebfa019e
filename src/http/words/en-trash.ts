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
    left: (days: number, number: string) =>
      days === 0 ? 'Goes today' : days === 1 ? 'One day left' : `${number} days left`,
  },
  privacy: {
    title: 'Who sees it',
    onlyMe: 'Only I see this',
    everybody: 'Everybody who may look',
    onlyYou: 'Only you see this',
  },
};
