// Settings: what is assumed, what is refused, and that all faults come at once.
import assert from 'node:assert/strict';
import { isAbsolute } from 'node:path';
import { test } from 'node:test';
import { ConfigError, readConfig } from '../src/config.ts';

test('an empty environment is a gallery for this machine only', () => {
  const config = readConfig({});
  assert.deepEqual(
    [config.port, config.host, config.detector, config.offline],
    [3000, '127.0.0.1', 'auto', false],
  );
  assert.equal(config.maxUploadBytes, 100 * 1024 * 1024);
  assert.ok(isAbsolute(config.uploadsDir));
});

test('an empty variable counts as not set', () => {
  assert.equal(readConfig({ PORT: '', HOST: ' ' }).port, 3000);
});

test('all faults are told at once, each with its variable', () => {
  const faulty = {
    PORT: 'eighty',
    DETECTOR: 'magic',
    MAX_UPLOAD_MB: '0',
    OFFLINE: 'maybe',
    LOG_LEVEL: 'loud',
    DARKROOM_CHILDREN: '-1',
  };
  assert.throws(
    () => readConfig(faulty),
    (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      for (const name of Object.keys(faulty)) assert.match(error.message, new RegExp(`^${name}=`, 'm'));
      return true;
    },
  );
});

test('values are understood', () => {
  const config = readConfig({
    PORT: '0',
    OFFLINE: 'yes',
    ALLOWED_HOSTS: 'Photos.example, nas.local',
    MODEL_FILE: 'x.onnx',
  });
  assert.deepEqual(
    [config.port, config.offline, config.allowedHosts],
    [0, true, ['photos.example', 'nas.local']],
  );
  assert.ok(config.modelFile !== undefined && isAbsolute(config.modelFile));
});
