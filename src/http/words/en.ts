// English. The other languages have exactly these keys: a missing one does not compile. Functions take what a sentence needs.
import { enAccountErrors, enAccounts } from './en-accounts.ts';
import { enCorrections } from './en-corrections.ts';
import { enDetection } from './en-detection.ts';
import { enKeeping } from './en-keeping.ts';
import { enLinkErrors, enLinks } from './en-links.ts';
import { enPhone } from './en-phone.ts';
import { enQueue } from './en-queue.ts';
import { enTrash } from './en-trash.ts';

export const en = {
  appName: 'Sajin',
  pages: {
    photos: 'Photos',
    labels: 'Labels',
    newPhoto: 'Add photos',
    uploaded: 'What arrived',
    photoOf: (day: string) => `Photo of ${day}`,
  },
  navigation: {
    skip: 'Skip to the content',
    main: 'Main',
    language: 'Language',
    add: 'Add',
    more: 'More',
    close: 'Close',
    back: 'Back to the photos',
    backShort: 'Photos',
    newer: 'Newer photo',
    older: 'Older photo',
    olderPhotos: 'Older photos',
    newestPhotos: 'Newest photos',
    loading: 'Loading older photos',
    allLabels: 'All labels',
    everyPhotoWith: (label: string) => `All photos with: ${label}`,
    stopShowingOnly: 'Show all photos again',
    keys: 'Keys',
  },
  list: {
    today: 'Today',
    yesterday: 'Yesterday',
    emptyTitle: 'Take your first photo',
    emptyText: 'Shoot with the orange button or bring pictures you already have. They stay on this machine.',
    emptyLabelTitle: (label: string) => `No photo shows this yet: ${label}`,
    emptyLabelText: 'As soon as one does, it appears here by itself.',
    nothingTitle: 'No photos yet',
    nothingText: 'As soon as somebody adds one, it appears here by itself.',
    allPhotos: 'All photos',
    endTitle: 'You have seen them all',
    endText: 'There is nothing older than this.',
    chips: 'What is in the photos',
    // `{n}` is filled in by the page's script.
    oneNew: '1 new photo',
    manyNew: '{n} new photos',
  },
  states: {
    waiting: 'Waiting its turn',
    developing: 'Developing',
    done: 'Done',
    failed: 'Needs a look',
    waitingText: 'Safely stored. We will look at it in a moment.',
    developingText: 'Looking at what is in the picture.',
    failedTitle: 'We could not finish looking at this picture',
    retry: 'Try again',
  },
  shoot: {
    takePhoto: 'Take a photo',
    shutter: 'Shoot',
    sheetTitle: 'A new photo',
    title: 'Title',
    titleHint: 'Optional: what, who, where?',
    upload: 'Upload',
    cancel: 'Discard',
    sending: 'Uploading',
    stored: 'Stored. Opening it…',
    broken: 'The connection broke. Your photo is still here: try again.',
  },
  upload: {
    lead: 'Originals stay as they are, in your gallery.',
    choosePhotos: 'Choose photos',
    chooseHint: (megabytes: string) => `JPEG, HEIC, PNG, WebP, AVIF or GIF, up to ${megabytes} MB each`,
    dropHint: 'or drop them here',
    titleForAll: 'Title',
    titleNote: 'Every photo of this upload gets it.',
    send: 'Upload',
    retry: 'Try again',
    open: 'Open',
    progress: 'Progress',
    preview: 'Preview',
    again: 'Add more photos',
    resultStored: 'Stored',
    resultDuplicate: 'Already here: this is the photo you have.',
    resultsLead: (stored: string, all: string) => `${stored} of ${all} are stored.`,
  },
  photo: {
    untitled: 'No title yet',
    editTitle: 'Edit title',
    addTitle: 'Add a title',
    title: 'Title',
    save: 'Save',
    found: 'In this picture',
    nothingFound: 'Nothing we know was found in this picture.',
    notLooked: 'Nobody has looked at what is in this picture yet.',
    showBoxes: 'Show boxes',
    showSure: 'Show how sure',
    highlight: 'Tap a label and its boxes light up.',
    facts: 'Facts',
    takenAt: 'Taken',
    uploadedAt: 'Uploaded',
    addedBy: 'Added by',
    sentBy: 'Sent by',
    guest: 'a guest',
    camera: 'Camera',
    moving: 'Moving picture',
    frames: (count: string) => `${count} frames`,
    movingNote: 'Here is its first frame. Download the original to see it move.',
    size: 'Size',
    file: 'File',
    engine: 'Looked at by',
    place: 'Place',
    placeNote: 'Only here, never shared.',
    metres: (altitude: string) => `${altitude} m above the sea`,
    megapixels: (count: string) => `${count} MP`,
    took: (milliseconds: string) => `in ${milliseconds} ms`,
    download: 'Download original',
    remove: 'Delete',
    removeTitle: 'Delete this photo?',
    removeText: 'It goes to the trash for 30 days. Until then it can be put back as it is.',
    keep: 'Keep it',
    conflictTitle: 'Somebody changed the title meanwhile',
    conflictText: 'Which one shall stay?',
    conflictTheirs: 'Now it says',
    conflictYours: 'You wrote',
    keepTheirs: 'Leave it as it is',
    keepYours: 'Use mine',
    noTitle: '(no title)',
    pictureKeys: 'Keys on this page',
    keyOlder: 'Older photo',
    keyNewer: 'Newer photo',
    keyBoxes: 'Boxes on and off',
    keySure: 'How sure, on and off',
    keyBack: 'Back to the photos',
    keyHelp: 'This list',
  },
  labels: {
    lead: 'What was found in the photos.',
    photos: (count: number, shown: string) => (count === 1 ? '1 photo' : `${shown} photos`),
    emptyTitle: 'No labels yet',
    emptyText: 'When a photo has been looked at, what is in it appears here.',
  },
  alt: {
    photo: (day: string) => `Photo of ${day}`,
    join: ', ',
    sentence: '. ',
  },
  problems: {
    titles: {
      400: 'That did not make sense',
      401: 'Sign in first',
      403: 'Not allowed',
      404: 'Nothing here',
      405: 'That does not work here',
      409: 'Not as things are now',
      410: 'Not any more',
      412: 'Somebody was faster',
      413: 'Too large',
      415: 'Not a picture we can keep',
      421: 'Not under this name',
      422: 'This picture can’t be used',
      428: 'Look at it first',
      429: 'Slowly, please',
      500: 'Something broke',
      503: 'One moment, please',
      507: 'The disk is full',
      other: 'That did not work',
    },
    toPhotos: 'To the photos',
    chooseAnother: 'Choose another picture',
    tryAgain: 'Try again',
    reference: 'If it happens again, give this number to whoever runs this gallery:',
  },
  failures: {
    damaged: 'damaged',
    damagedDetail: 'parts of the file are missing or unreadable',
    damagedNext: 'The original is kept. If you have another copy, upload that one.',
    crashed:
      'Looking at this picture stopped unexpectedly, three times. The original is safe; try again later.',
    'timed-out':
      'Looking at this picture took too long. The original is safe; try again when less is going on.',
    'out-of-memory':
      'This picture needs more memory than there is. The original is safe; upload a smaller copy or try again.',
    'not-looked': 'Nothing could look at this picture. What was found before is kept; try again.',
    'missing-original':
      'The original file is not where it should be. Add the picture once more, or copy the file from a backup, then try again.',
  },
  detectionProblem: 'Objects in photos are not recognised right now; everything else works.',
  errors: {
    'bad-request': 'The gallery could not understand this request. Go back and try again.',
    'bad-upload': 'The upload arrived incomplete or garbled. Send the picture again.',
    'no-file': 'There was no picture in the upload. Choose one and try again.',
    'empty-file': 'This file is empty. Choose the picture again.',
    'unsupported-type':
      'This is not a picture that Sajin knows. Choose a JPEG, HEIC, PNG, WebP, AVIF or GIF file.',
    unreadable: 'This picture can’t be opened; the file seems damaged. Choose another copy of it.',
    'too-many-pixels': (limit: string | undefined) =>
      `This picture has too many pixels${limit === undefined ? '' : ` (at most ${limit} megapixels)`}. Make it smaller and try again.`,
    'too-many-frames': (limit: string | undefined) =>
      `This animation has too many frames${limit === undefined ? '' : ` (at most ${limit})`}. Choose a shorter one or a single picture.`,
    'too-large': (limit: string | undefined) =>
      limit === undefined
        ? 'This file is too large. Choose a smaller one.'
        : `This file is larger than ${limit} MB. Choose a smaller one.`,
    'title-too-long': (limit: string) =>
      `The title is longer than ${limit} characters. Shorten it and save again.`,
    'not-found': 'There is nothing at this address. It may have been deleted; look among the photos.',
    'edited-meanwhile': 'Somebody changed this photo meanwhile. Look at it again and repeat your change.',
    'precondition-failed':
      'This photo is not as it was when you looked. Load it again and repeat your change.',
    'precondition-required': 'Say which version you are changing (If-Match). Load the photo first.',
    'wrong-content-type': 'The gallery can’t read this kind of data. Use the form of the page.',
    'wrong-host':
      'This gallery does not go by that name. Use its usual address, or add the name to ALLOWED_HOSTS.',
    'foreign-origin':
      'This request came from another website, so nothing was changed. Use the gallery’s own page.',
    'no-origin': (origin: string | undefined) =>
      `Nothing was changed: this request does not say where it comes from. A program adds the header “Origin: ${origin ?? 'the gallery’s address'}” to it.`,
    'wrong-token': 'The token is missing or wrong. Send the one that the gallery was started with.',
    'disk-full': 'The disk of the gallery is full, so nothing was stored. Free some space and try again.',
    'method-not-allowed': 'This address can’t do that. Go back and use the buttons of the page.',
    'signed-out': 'Sign in first.',
    'other-user':
      'This is of somebody else than who has signed in here. Sign in as that person and send it again.',
    'local-only':
      'This gallery is for its own machine only. Whoever runs it sets ACCESS=members to let others in.',
    'not-in-trash': 'Only what lies in the trash is deleted for good. Delete the photo first.',
    'not-allowed': (needs: string | undefined): string =>
      needs === 'owner'
        ? 'Only an owner of this gallery may see or do this. Ask one of them.'
        : needs === 'member'
          ? 'You may look, but not add or change photos. Ask an owner of this gallery.'
          : 'You may look at this, but not change it. Ask whoever runs this gallery.',
    'not-acceptable': 'There is no answer in the form that was asked for. Ask for HTML or JSON.',
    'bad-range': 'This part of the file does not exist. Load the whole file again.',
    offline: 'Downloads are switched off here (OFFLINE). Get the file on another machine and import it.',
    'bad-model': (reason: string | undefined) =>
      reason === undefined
        ? 'This model can’t be used. Choose a YOLOX export in ONNX format.'
        : `This model was not taken. ${reason}`,
    'bad-label': (limit: string) => `A label has 1 to ${limit} characters. Give it a shorter name.`,
    'bad-box': 'This box is too small or outside of the photo. Draw it again around the thing.',
    'too-many-labels': 'This photo has as many corrections as it can hold. Take some back first.',
    'no-engine': 'Nothing can look at photos now. Choose a model first.',
    'wrong-digest': 'The picture did not arrive as it was sent. Send it again.',
    'wrong-checksum': 'The picture did not arrive as it was sent. Send it again.',
    'wrong-offset':
      'This upload is at another place than was thought. Ask how far it is and go on from there.',
    'wrong-protocol': 'Uploads that resume speak tus 1.0.0. Send Tus-Resumable: 1.0.0.',
    'no-upload': 'There is no such upload; it may have been cancelled. Send the picture from its beginning.',
    'upload-expired': 'This upload was left alone for too long. Send the picture from its beginning.',
    'quota-used-up': (room?: { readonly free: string; readonly needed: string }) =>
      room === undefined
        ? 'This link takes no more photos now. Tell whoever gave it to you.'
        : `There is no more room for these photos: ${room.free} MB are free, ${room.needed} MB are needed. Make room by emptying the trash, or ask an owner of the gallery.`,
    'too-many-uploads': 'Too many uploads are waiting for their rest. Finish or cancel some, then try again.',
    ...enAccountErrors,
    ...enLinkErrors,
    'rerun-over': 'This has ended already. Begin again if you want to.',
    'too-slow': 'What you sent came too slowly and was cut. Nothing is lost on your side: send it again.',
    internal: 'Something broke on our side. Your photos are safe; try again in a moment.',
    busy: 'The gallery has its hands full. Try again in a moment.',
    'read-only':
      'The disk failed to keep what was written. Nothing more is taken until Sajin has started again, by itself, in a moment. What you see here is safe; send the rest again in a minute.',
    'database-damaged':
      'The database of the gallery is damaged. Nothing more is taken until who runs it has brought a backup back. Keep what you want to send; what is here can still be looked at.',
    unavailable: 'The gallery can’t reach its photos right now. Try again in a moment.',
  },
  ...enAccounts,
  ...enCorrections,
  ...enDetection,
  ...enKeeping,
  ...enLinks,
  ...enPhone,
  ...enQueue,
  ...enTrash,
};
