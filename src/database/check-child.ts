// A process of its own that reads a whole database: `check-child PATH PRAGMA`. Says `ok` or what is wrong, on one line; never writes.
import { setPriority } from 'node:os';
import Database from 'better-sqlite3';

const [path = '', pragma = 'quick_check'] = process.argv.slice(2);
// Whatever else runs comes first; a system that does not allow that loses nothing.
try {
  setPriority(19);
} catch {}
const database = new Database(path, { readonly: true, fileMustExist: true, timeout: 5_000 });
try {
  const found = String(database.pragma(`${pragma}(1)`, { simple: true }));
  // Of one fault the last line says what it is.
  process.stdout.write(`${found.split('\n').at(-1) ?? ''}\n`);
} catch (error) {
  const code = error instanceof Database.SqliteError ? error.code : '';
  if (!code.startsWith('SQLITE_CORRUPT') && code !== 'SQLITE_NOTADB') throw error;
  process.stdout.write('it is corrupt\n');
} finally {
  database.close();
}
