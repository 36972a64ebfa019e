// Every fault that Sajin is meant to live with. A test shows one by beginning with its id; here stands what each of them is, and why some
// have no test yet.

export interface Fault {
  readonly id: `F${number}`;
  /** In a few words, for the table. */
  readonly what: string;
  /** Test files of the program that inject it, too, and run along; in the short form `npm test` has to do. */
  readonly also?: readonly string[];
  /** Why there may be no test that begins with its id. */
  readonly notYet?: string;
}

export const faults: readonly Fault[] = [
  { id: 'F1', what: 'the server is killed while phones upload' },
  { id: 'F2', what: 'server and children are killed while photos develop' },
  { id: 'F3', what: 'one system call of an upload fails, each in turn' },
  { id: 'F4', what: 'the disk runs full' },
  { id: 'F5', what: 'files may not grow, or no more may be opened' },
  {
    id: 'F6',
    what: 'the power fails: order of what is written',
    also: ['test/program/order.test.ts'],
  },
  { id: 'F7', what: 'another process holds the database' },
  { id: 'F8', what: 'another process writes to the database all the time' },
  { id: 'F9', what: 'clients that crawl or leave' },
  { id: 'F10', what: 'children crash, hang, swell or answer garbage' },
  { id: 'F11', what: 'the model is missing or no model' },
  { id: 'F12', what: 'the clock jumps' },
  { id: 'F13', what: 'the database is damaged, empty, missing or newer' },
  { id: 'F14', what: 'originals and renditions rot' },
  { id: 'F15', what: 'two programs on one folder' },
  { id: 'F16', what: 'an upgrade is killed at each statement' },
  { id: 'F17', what: 'backup while uploads run, and restore', also: ['test/program/backup.test.ts'] },
  { id: 'F18', what: 'the database is lost wholly', also: ['test/program/rebuild.test.ts'] },
  { id: 'F19', what: 'SIGTERM while phones upload' },
  { id: 'F20', what: 'the bucket is down or slow', notYet: 'originals lie on a disk; comes with buckets' },
  { id: 'F21', what: 'the database server fails', notYet: 'the database is a file; comes with PostgreSQL' },
  { id: 'F22', what: 'a job is delivered twice, or a lease runs out' },
  { id: 'F23', what: 'one of several servers is killed', notYet: 'there is one; comes with the fleet' },
  { id: 'F24', what: 'the server is killed and started again and again' },
  { id: 'F25', what: 'mutated pictures and forms' },
  { id: 'F26', what: 'the folder of originals, or all of it, is gone or another one' },
];
