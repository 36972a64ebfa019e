// Loaded before every test file. Node 20 looks up the source text of a failed `assert.ok(value)` for its message; in a file
// that tsx has rewritten it searches for ever, so that a failing test hangs. With a message there is nothing to look up.
import assert from 'node:assert';

for (const flavour of [assert, assert.strict]) {
  const { ok } = flavour;
  flavour.ok = (value, message = 'expected a truthy value (the stack says where)') => ok(value, message);
}
