// What a device may keep: a version that follows every change, and all that the page without a connection needs.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { openAssets } from '../../src/http/assets.ts';
import { createOffline } from '../../src/http/offline.ts';
import { openViews } from '../../src/http/views.ts';
import { projectRoot } from '../support/data.ts';
import { makeFolder } from '../support/folder.ts';

const real = { viewsFolder: join(projectRoot, 'views'), assets: openAssets(join(projectRoot, 'static')) };
const views = openViews(real);

describe('what is kept for the time without a connection', () => {
  let staticFolder: string;
  before(async () => {
    staticFolder = await makeFolder();
    await mkdir(join(staticFolder, 'built'));
    await writeFile(join(staticFolder, 'built/service-worker.js'), 'work();');
    await writeFile(join(staticFolder, 'built/chunk-ABCD1234.js'), '');
    await writeFile(join(staticFolder, 'other.css'), 'a {}');
  });
  const open = (megabytes = 100) =>
    createOffline({
      views,
      assets: openAssets(staticFolder),
      staticFolder,
      maxUploadBytes: megabytes * 1024 * 1024,
    })();
  const keptBy = ({ serviceWorker }: { serviceWorker: string }) => {
    const [, json = ''] = /^const sajin = (.*);\nwork\(\);$/.exec(serviceWorker) ?? [];
    return JSON.parse(json) as { version: string; languages: string[]; files: string[] };
  };

  it('is written in front of the service worker: version, languages, files', () => {
    const offline = open();
    const { version, languages, files } = keptBy(offline);
    assert.equal(version, offline.version);
    assert.deepEqual(languages, ['en', 'ko']);
    for (const name of ['css/base.css', 'css/upload.css', 'built/shell.js', 'built/offline.js', 'icons.svg'])
      assert.ok(files.includes(real.assets.address(name)), name);
    assert.ok(
      files.includes('/static/built/chunk-ABCD1234.js'),
      'what scripts share is asked for by its name',
    );
    assert.ok(files.every((file) => file.startsWith('/static/') && !file.includes('service-worker')));
    assert.equal(new Set(files).size, files.length);
  });

  it('is in the language that is asked for, and knows nothing of the gallery', () => {
    assert.match(open().page('en'), /No connection/);
    assert.match(open().page('ko'), /연결이 없어요/);
    assert.doesNotMatch(open().page('en'), /\/media\/|id="failed"|class="problem"/);
  });

  it('is another version after any change, and the same without one', async () => {
    const { version } = open();
    assert.equal(open().version, version);
    assert.notEqual(open(50).version, version, 'another page');
    await writeFile(join(staticFolder, 'other.css'), 'b {}');
    assert.notEqual(open().version, version, 'another file');
  });
});
