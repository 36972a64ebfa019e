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
    DARKROOM_NICE: '20',
    MODEL_MIRROR: 'ftp://mirror.example',
    RERUN_HOURS: '22',
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

test('a mirror is an address on the web without a secret in it', () => {
  const mirror = 'https://mirror.example:8443/models';
  assert.equal(readConfig({ MODEL_MIRROR: mirror }).modelMirror, mirror);
  assert.equal(readConfig({}).modelMirror, undefined);
  const wrong = [
    'mirror.example/models',
    'file:///models',
    'https://me:secret@mirror.example',
    'https://x/?a=b',
    'https://x/#a',
  ];
  for (const text of wrong)
    assert.throws(() => readConfig({ MODEL_MIRROR: text }), { message: /^MODEL_MIRROR=/ });
});

test('hours for looking again are two whole hours, or always', () => {
  assert.deepEqual(readConfig({ RERUN_HOURS: '22-6' }).rerunHours, { from: 22, to: 6 });
  assert.deepEqual(readConfig({ RERUN_HOURS: '0-05' }).rerunHours, { from: 0, to: 5 });
  assert.equal(readConfig({ RERUN_HOURS: '' }).rerunHours, undefined);
  for (const text of ['22', '22-24', '6-6', '-1-3', '22:30-6', 'night'])
    assert.throws(() => readConfig({ RERUN_HOURS: text }), { message: /^RERUN_HOURS=/ }, text);
});

test('children are nice, and as nice as somebody wants', () => {
  assert.deepEqual([readConfig({}).darkroomNice, readConfig({ DARKROOM_NICE: '19' }).darkroomNice], [5, 19]);
});

test('coco-ssd is an engine', () => assert.equal(readConfig({ DETECTOR: 'coco-ssd' }).detector, 'coco-ssd'));

test('a token for the metrics is long, and never repeated in a message', () => {
  assert.equal(readConfig({ METRICS_TOKEN: 'x'.repeat(16) }).metricsToken, 'x'.repeat(16));
  assert.equal(readConfig({}).metricsToken, undefined);
  for (const wrong of ['short-secret', 'with a space in it and long enough'])
    assert.throws(
      () => readConfig({ METRICS_TOKEN: wrong }),
      (error: unknown) => error instanceof ConfigError && /^METRICS_TOKEN=…/.test(error.message),
    );
});

test('trusted proxies are addresses and networks, and never everybody', () => {
  const list = '127.0.0.1, ::1 ,10.1.0.0/16,fd00::/8';
  assert.deepEqual(readConfig({ TRUSTED_PROXY: list }).trustedProxies, [
    '127.0.0.1',
    '::1',
    '10.1.0.0/16',
    'fd00::/8',
  ]);
  assert.deepEqual(readConfig({}).trustedProxies, []);
  for (const wrong of [
    '0.0.0.0/0',
    '::/0',
    '10.0.0.0/33',
    'proxy.local',
    'true',
    '1',
    '10.0.0',
    '127.0.0.1/x',
  ])
    assert.throws(() => readConfig({ TRUSTED_PROXY: wrong }), { message: /^TRUSTED_PROXY=/ }, wrong);
});
