// Names that come back from sidecars, which anybody may have written.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { openOwners } from '../../src/database/owners.ts';

test('a name from a sidecar becomes one that a person could have chosen', () => {
  const database = new Database(':memory:');
  database.exec('CREATE TABLE users (id, name, name_key, role, disabled, created_at)');
  const owners = openOwners(database, () => 0);
  const nameFor = (name: string) => owners.nameOf(owners.named(name)) ?? '';
  assert.equal(nameFor('Miri'), 'Miri');
  assert.equal([...nameFor('x'.repeat(5000))].length < 200, true);
  assert.equal(nameFor('Bo\u202Eri\u0007'), 'Bo ri');
  assert.equal(nameFor(''), '?');
  assert.equal(owners.named('x'.repeat(5000)), owners.named('x'.repeat(5000)));
});
