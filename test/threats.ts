// What somebody might try, case by case, and where it is tried. A test that tries one has its id in parentheses at the end of its name;
// scripts/test.ts counts which cases had a test that passed.

export interface Threat {
  readonly id: `T${number}`;
  /** What is tried, and what must come of it. */
  readonly what: string;
  /** A file or two below test/ where it is tried. */
  readonly where: readonly string[];
}

const uploads = 'program/hostile-uploads.test.ts';
const files = 'program/hostile-files.test.ts';
const requests = 'program/hostile-requests.test.ts';
const slow = 'program/hostile-slow.test.ts';
const routes = 'http/routes.test.ts';
const accounts = 'http/accounts.test.ts';
const resumable = 'http/resumable.test.ts';
const logs = 'program/logs.test.ts';

export const threats: readonly Threat[] = [
  { id: 'T01', what: 'An upload without a body or a boundary is a bad request.', where: [uploads] },
  { id: 'T02', what: 'A body that is cut, or never comes to its end, leaves nothing.', where: [uploads] },
  { id: 'T03', what: 'Fields without a name, or with an endless one, are refused.', where: [uploads] },
  { id: 'T04', what: 'Field names that count or nest without end cost no time.', where: [uploads] },
  { id: 'T05', what: 'Names of prototypes and constructors give nobody anything.', where: [uploads] },
  { id: 'T06', what: 'A thousand parts are refused at once.', where: [uploads] },
  { id: 'T07', what: 'A file that says it is too large is not begun with.', where: [uploads, files] },
  { id: 'T08', what: 'A body that does not say how long it is ends at the limit.', where: [uploads] },
  {
    id: 'T09',
    what: 'What does not say it is an upload, or JSON, is taken for neither.',
    where: [uploads, routes],
  },
  { id: 'T10', what: 'An empty file is no photo.', where: [files] },
  { id: 'T11', what: 'Pages and scripts that call themselves pictures never run.', where: [files] },
  { id: 'T12', what: 'Formats that are not taken are refused with those that are.', where: [files] },
  { id: 'T13', what: 'A few bytes that claim to be a huge picture are not decoded.', where: [files] },
  {
    id: 'T14',
    what: 'A picture that moves without end shows its first frame, or is refused.',
    where: ['program/phone.test.ts', 'gallery/gallery.test.ts'],
  },
  { id: 'T15', what: 'A damaged picture is kept, said to be damaged, and stops nobody.', where: [files] },
  {
    id: 'T16',
    what: 'What cameras write may lie; it is text, and places stay private.',
    where: ['program/exif.test.ts'],
  },
  { id: 'T17', what: 'The name of a file never becomes a path, a header or markup.', where: [files] },
  { id: 'T18', what: 'Bytes that are not those that were promised are not kept.', where: [resumable] },
  { id: 'T19', what: 'The same file many times at once is one photo.', where: [uploads] },
  { id: 'T20', what: 'Pieces out of order, at once or of others spoil no upload.', where: [resumable] },
  {
    id: 'T21',
    what: 'More than there is room for is refused, and nothing of it stays.',
    where: ['storage/unfinished.test.ts', 'http/quota.test.ts', 'gallery/quota.test.ts'],
  },
  { id: 'T22', what: 'Every address knows its methods, and says which.', where: [routes] },
  {
    id: 'T23',
    what: 'Strange or endless addresses and headers are nobody’s fault but theirs.',
    where: [requests, 'http/server.test.ts'],
  },
  { id: 'T24', what: 'Ranges of a file are those inside it.', where: [routes] },
  { id: 'T25', what: 'Nobody overwrites what they have not seen.', where: [routes] },
  { id: 'T26', what: 'A request is hidden in no other.', where: [requests, 'program/nginx.test.ts'] },
  {
    id: 'T27',
    what: 'Questions that make no sense are answered at once, and are never SQL.',
    where: [requests],
  },
  { id: 'T28', what: 'Headers that trickle are cut, while others are served.', where: [slow] },
  {
    id: 'T29',
    what: 'Bodies that trickle are cut.',
    where: ['http/body-guard.test.ts', 'http/small-bodies.test.ts', slow, 'faults/crowd.test.ts'],
  },
  {
    id: 'T30',
    what: 'Readers that do not read cost no memory, and are cut.',
    where: [slow, 'http/server.test.ts'],
  },
  { id: 'T31', what: 'Guessing passwords becomes slow, for the guesser alone.', where: [accounts] },
  {
    id: 'T32',
    what: 'Nobody learns from the door who has an account.',
    where: [accounts, 'http/strangers.test.ts'],
  },
  { id: 'T33', what: 'A session is new after every sign-in, and over when it is over.', where: [accounts] },
  {
    id: 'T34',
    what: 'A page of another site changes nothing here.',
    where: [requests, 'http/origin.test.ts'],
  },
  { id: 'T35', what: 'Looking changes nothing.', where: ['http/looking.test.ts'] },
  {
    id: 'T36',
    what: 'What is another’s is absent, whatever number is guessed.',
    where: ['http/access-matrix.test.ts'],
  },
  { id: 'T37', what: 'Fields that nobody asked for are not taken.', where: ['http/strangers.test.ts'] },
  { id: 'T38', what: 'The door leads into this gallery and nowhere else.', where: [accounts, routes] },
  {
    id: 'T39',
    what: 'What a visitor says of the host and of their address is not believed.',
    where: [requests, 'http/client.test.ts'],
  },
  {
    id: 'T40',
    what: 'A link shows what it is for, as long as it is, and no place.',
    where: ['http/links.test.ts'],
  },
  {
    id: 'T41',
    what: 'Words of visitors stay words, wherever they are shown.',
    where: [requests, 'http/views.test.ts'],
  },
  { id: 'T42', what: 'Words of visitors are no templates.', where: [requests] },
  {
    id: 'T43',
    what: 'When something breaks, nothing of the inside is told.',
    where: ['http/broken.test.ts'],
  },
  {
    id: 'T44',
    what: 'Nobody writes lines of the log but the program, and no secret is in them.',
    where: [logs],
  },
];

/** The cases that a test of this name tries. */
export const threatsIn = (name: string): readonly string[] =>
  /\((T\d\d(?:, T\d\d)*)\)$/.exec(name)?.[1]?.split(', ') ?? [];
