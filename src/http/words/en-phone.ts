// English for Sajin as an app on a phone: its name card, the page without a connection, the shooting mode. Part of en.ts.

export const enPhone = {
  app: {
    description: 'Shoot, keep the original safe, and find what is in your photos. On your own machine.',
    takePhoto: 'Take a photo',
    addPhotos: 'Add photos',
  },
  offline: {
    title: 'No connection',
    text: 'You can go on: pictures are kept on this device and sent as soon as the connection is back.',
    back: 'The connection is back.',
    again: 'Open the page again',
  },
  camera: {
    title: 'Shooting mode',
    short: 'Many in a row',
    lead: 'The camera stays open; every shot is uploaded by itself.',
    invite: 'Many shots in a row? Shooting mode keeps the camera open.',
    close: 'Close the camera',
    starting: 'Opening the camera…',
    picture: 'What the camera sees',
    titleField: 'Title of the shots',
    titleHint: 'Title: Trip becomes Trip 1, Trip 2 …',
    shutter: 'Shoot',
    light: 'Light',
    turn: 'Other lens',
    retake: 'Retake',
    retaken: 'The last shot is taken out.',
    // `{n}` is filled in by the page's script.
    oneShot: '1 shot',
    manyShots: '{n} shots',
    shots: 'Your shots',
    states: {
      waiting: 'Kept here, waiting to be sent',
      sending: 'On its way',
      checking: 'On its way',
      sent: 'Stored',
      paused: 'Paused',
      failed: 'Needs another try: see “Add photos”',
      refused: 'Not taken: see “Add photos”',
    },
    notKept: 'This shot could not be kept; this device may be full. Free some space and shoot again.',
    notTaken: 'That shot did not work. Shoot again.',
    inMemory: 'This browser keeps nothing here: leave this page open until every shot is stored.',
    again: 'Open the camera again',
    oneByOne: 'Take a photo',
    oneByOneLead: 'One by one: shoot, upload, shoot the next.',
    storedLast: 'The last photo is stored.',
    seeLast: 'See it',
    troubles: {
      denied:
        'Sajin may not use the camera. Tap the symbol beside the address, allow the camera, then open it again.',
      absent:
        'No camera was found. Connect one and open the camera again, or choose pictures you already have.',
      busy: 'Another app is using the camera. Close that app, then open the camera again.',
      insecure:
        'This address has no https, so the browser keeps the camera closed here. Shoot one by one instead.',
      broken: 'The camera did not open. Open it again, or shoot one by one.',
    },
  },
};
