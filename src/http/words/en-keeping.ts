// English for keeping: whether originals are as they came. Part of en.ts.
const photos = (count: number, shown: string) => (count === 1 ? '1 photo' : `${shown} photos`);

export const enKeeping = {
  verification: {
    title: 'Are the originals whole?',
    menu: 'Check originals',
    lead: 'Every original is read again within a month and compared with what came. Nothing is ever deleted by that.',
    well: (count: number, shown: string) =>
      count === 1 ? 'The original is as it came.' : `All ${shown} originals are as they came.`,
    wellSoFar: 'Nothing wrong so far.',
    wellUnknown: (shown: string) => `Nothing wrong so far. ${shown} originals were not read for a month.`,
    none: 'There are no photos yet.',
    damaged: (count: number, shown: string) =>
      count === 1 ? 'The original of 1 photo is damaged' : `The originals of ${shown} photos are damaged`,
    damagedNext:
      'If you still have the picture, add it once more: that puts the original right. Else whoever runs this gallery puts it back from a backup, with the command “sajin repair”.',
    running: (count: number, shown: string) => `${photos(count, shown)} still to be checked`,
    runningNote: 'This waits while photos come in or are developed.',
    start: 'Check all now',
    faults: {
      missing: 'The original is missing.',
      short: 'The original is not as long as it was.',
      changed: 'The original is not what it was: some of its bytes changed.',
      unreadable: 'The disk can’t read the original any more.',
    },
    databaseWell: (moment: string) => `The database was read as a whole ${moment}, and is in order.`,
    databaseUnread: 'The database was not read as a whole yet.',
    databaseReading: 'The database is being read as a whole.',
    databaseDamaged: 'The database is damaged',
    databaseDamagedNext:
      'Nothing is written any more. Who runs this gallery brings a backup back with “sajin restore”, or makes a new database from the originals with “sajin rebuild”.',
    checked: (moment: string) => `Checked ${moment}`,
    strays: 'Files that belong to no photo',
    straysText: 'Sajin can’t make photos of these and leaves them where they are.',
    ofPhoto: 'The original is damaged',
  },
};
