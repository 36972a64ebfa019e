// Holds what we ship for running the program against the program: names of settings, limits, files. What can't be run here (images, units)
// is at least made of things that exist.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readConfig, settingNames } from '../src/config.ts';
import { routeTable } from '../src/http/route-table.ts';
import { projectRoot } from './support/data.ts';

const read = (name: string) => readFileSync(join(projectRoot, 'deploy', name), 'utf8');

/** What an environment may hold beside our settings: of Node, and of the C library under it. */
const foreign = ['NODE_ENV', 'UV_THREADPOOL_SIZE', 'MALLOC_ARENA_MAX'];
const known = [...settingNames, ...foreign];

const namesIn = (text: string, what: RegExp) => [...text.matchAll(what)].map(([, name = '']) => name);

describe('deploy/nginx.conf', () => {
  test('lets through what the program takes: one file a piece, ten in a form', () => {
    const megabytes = readConfig({}).maxUploadBytes / 1024 / 1024;
    const limits = namesIn(read('nginx.conf'), /^\s*client_max_body_size (\d+)m;/gm).map(Number);
    assert.ok(limits.includes(megabytes + 1) && limits.includes(megabytes * 10 + 1), limits.join());
  });
});

describe('the log of deploy/nginx.conf', () => {
  const [block = ''] = namesIn(read('nginx.conf'), /^map \$uri \$sajin_logged_path \{\n([^}]+)\}/gm);
  const hidden = [...block.matchAll(/"~\*(\S+)"\s+"(\S+)";/g)].map(([, what = '', by = '']) => ({
    what: new RegExp(what, 'i'),
    by,
  }));
  const logged = (path: string) => hidden.find(({ what }) => what.test(path))?.by ?? path;

  test('holds no key, and every other address', () => {
    const [secret, id] = ['aSecretToken', '01990000-0000-7000-8000-000000000000'];
    let keys = 0;
    for (const { path, isKey } of routeTable) {
      const isSecret = isKey === true || path.includes('/:token') || path.startsWith('/uploads/');
      const asked = path.replace(':token', secret).replace(':id', isSecret ? secret : id);
      for (const written of [asked, asked.replace(/^\/\w+/, (first) => first.toUpperCase())])
        if (isSecret) assert.ok(!logged(written).includes(secret), written);
        else assert.equal(logged(written), written);
      if (isSecret) keys += 1;
    }
    assert.ok(keys > 8, `${keys} of them`);
  });
});

describe('deploy/sajin.service', () => {
  const unit = read('sajin.service');

  test('sets only what the program reads', () => {
    const [set = ''] = namesIn(unit, /^Environment=(.+)$/gm);
    const names = namesIn(set, /([A-Z_]+)=/g);
    assert.ok(names.includes('UPLOADS_DIR'));
    assert.deepEqual(
      names.filter((name) => !known.includes(name)),
      [],
    );
  });

  test('lets in only who has signed in, as the guide to nginx does', () => {
    const [set = ''] = namesIn(unit, /^Environment=(.+)$/gm);
    const pairs = set.split(' ').map((pair) => pair.split('='));
    assert.equal(readConfig(Object.fromEntries(pairs)).access, 'members');
    const guide = readFileSync(join(projectRoot, 'docs/operating.md'), 'utf8');
    const [block = ''] = namesIn(guide, /```sh\n((?: +[A-Z_]+=\S+\n)*) +TRUSTED_PROXY=/g);
    assert.match(block, /^ +ACCESS=members$/m);
  });

  test('leaves the program time to end, and ends its children in its order', () => {
    assert.ok(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]) > 30);
    assert.match(unit, /^KillMode=mixed$/m);
    assert.match(unit, /^RestartPreventExitStatus=78$/m);
  });

  test('starts it again when it says so, also when it does so again and again', () => {
    assert.match(unit, /^Restart=(on-failure|always)$/m);
    const number = (name: string) => Number(new RegExp(`^${name}=(\\d+)$`, 'm').exec(unit)?.[1]);
    // The program lets look for ten seconds before it ends so.
    const roundsBefore = number('StartLimitIntervalSec') / (10 + number('RestartSec'));
    assert.ok(roundsBefore <= number('StartLimitBurst'), 'systemd would give up');
  });
});

describe('the containers', () => {
  const file = read('Containerfile');
  const compose = read('compose.yaml');

  test('are made of files that exist, and that are not kept from the builder', () => {
    const kept = read('Containerfile.dockerignore').split('\n');
    const copies = namesIn(file, /^COPY (?!--from)(.+) \S+$/gm).flatMap((names) => names.split(' '));
    assert.ok(copies.includes('src'));
    for (const name of copies) {
      assert.ok(existsSync(join(projectRoot, name)), name);
      assert.ok(kept.includes(`!${name}`), `${name} is kept from the builder`);
    }
  });

  test('set only what the program reads', () => {
    const names = [...namesIn(file, /^(?:ENV| {3}) ([A-Z_]+)=/gm), ...namesIn(compose, /^ {6}([A-Z_]+): /gm)];
    assert.ok(names.includes('TRUSTED_PROXY') && names.includes('HOST'));
    assert.deepEqual(
      names.filter((name) => !known.includes(name)),
      [],
    );
  });

  test('start with what they set', () => {
    const entries = (text: string, what: RegExp) =>
      [...text.matchAll(what)].map(([, name = '', value = '']) => [
        name,
        value.replace(/\$\{\w+:-([^}]*)\}/g, '$1'),
      ]);
    const image = entries(file, /^(?:ENV| {3}) ([A-Z_]+)=(\S+)/gm);
    const alone = readConfig(Object.fromEntries(image));
    const composed = readConfig(
      Object.fromEntries([...image, ...entries(compose, /^ {6}([A-Z_]+): (.+)$/gm)]),
    );
    for (const { access, host, uploadsDir } of [alone, composed])
      assert.deepEqual([access, host, uploadsDir], ['members', '0.0.0.0', '/data']);
    assert.deepEqual(composed.trustedProxies, ['172.30.57.3']);
  });

  test('change in the shipped site what there is to change', () => {
    const site = read('nginx.conf');
    const changes = namesIn(file, /-e 's\|([^|]+)\|/g);
    assert.equal(changes.length, 4);
    for (const change of changes) assert.match(site, new RegExp(change, 'm'), change);
  });

  test('run without rights, and leave the program time to end', () => {
    assert.match(file, /^USER sajin$/m);
    for (const right of [/read_only: true/g, /cap_drop: \[ALL\]/g, /no-new-privileges:true/g])
      assert.equal(compose.match(right)?.length, 2, String(right));
    assert.ok(Number(/stop_grace_period: (\d+)s/.exec(compose)?.[1]) > 30);
  });

  test('trust the proxy of the same network and nobody else', () => {
    const [trusted = ''] = namesIn(compose, /TRUSTED_PROXY: (\S+)/g);
    assert.ok(namesIn(compose, /ipv4_address: (\S+)/g).includes(trusted), trusted);
  });
});
