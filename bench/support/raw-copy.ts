// Copies the originals of one folder into another, and syncs each, in a process of its own. A reference for bench/backup.ts.
import { join } from 'node:path';
import { filesBelow } from '../../test/support/data.ts';
import { copyDurably } from './raw-write.ts';

const [from = '', to = ''] = process.argv.slice(2).map((folder) => join(folder, 'originals'));
copyDurably(
  from,
  filesBelow(from).map(({ name }) => name),
  to,
);
