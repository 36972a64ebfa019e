// `sajin redetect` as a person types it: beside a server, without one, and where it can't work. The built-in engine really looks.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { createClient } from '../support/client.ts';
import { fixturesFolder } from '../support/data.ts';
import { makeFolder } from '../support/folder.ts';
import { runCli, startCli } from '../support/run-cli.ts';
import { openRunningGallery } from '../support/running-gallery.ts';
import { type Program, startProgram } from '../support/start-program.ts';
import { until } from '../support/until.ts';

interface RerunJson {
  readonly id: number;
  readonly state: string;
  readonly total: number;
  readonly labels: { readonly found: Record<string, number>; readonly lost: Record<string, number> };
}

describe('sajin redetect', () => {
  let uploadsDir: string;
  const settings = (more: Record<string, string> = {}) => ({
    UPLOADS_DIR: uploadsDir,
    DETECTOR: 'centernet',
    DARKROOM_CHILDREN: '1',
    // Nothing listens there.
    PORT: '9',
    ...more,
  });
  const serve = async (
    t: { after(clean: () => unknown): void },
    env: Record<string, string> = {},
  ): Promise<Program> => {
    const program = await startProgram({ uploadsDir, env: { DETECTOR: 'centernet', ...env } });
    t.after(() => program.stop());
    return program;
  };

  // Stored while nothing looks at photos, so that there is something to find.
  before(async () => {
    uploadsDir = await makeFolder();
    const gallery = await openRunningGallery({ after: () => {} }, { uploadsDir });
    const client = createClient(gallery.url.replace(/\/$/, ''));
    for (const name of ['kite.jpg', 'stop-sign.jpg'])
      await client.keep(await readFile(join(fixturesFolder, name)), { name });
    for (const { id } of await client.everything()) await client.developed(id);
    await gallery.close();
  });

  test('opens the gallery itself, says what would change, and changes nothing', async () => {
    const said = await runCli(['redetect', '--json'], settings());
    assert.equal(said.code, 0, said.err);
    const rerun = JSON.parse(said.out) as RerunJson;
    assert.deepEqual([rerun.state, rerun.total], ['ready', 2]);
    assert.deepEqual(rerun.labels, { found: { kite: 1, 'stop sign': 1 }, lost: {}, changed: {} });
    assert.match(said.err, /Opened .*100 % \(2 of 2 photos, 2 differ\)/s);
  });

  test('puts an earlier result into the photos, and says so', async () => {
    const said = await runCli(['redetect', '--apply-rerun', '1'], settings());
    assert.equal(said.code, 0, said.err);
    assert.match(said.out, /found +2 +kite 1, stop sign 1\nAll of it is in the photos\./);
  });

  test('asks the server that runs, and names its page', async (t) => {
    const program = await serve(t);
    const client = createClient(program.url);
    const labels = (await client.everything()).flatMap((photo) => photo.labels.map(({ label }) => label));
    assert.deepEqual(labels.sort(), ['kite', 'stop sign'], 'what was applied before is there');
    const port = new URL(program.url).port;
    const [photo] = await client.everything();
    const said = await runCli(['redetect', '--photo', photo?.id ?? '', '--apply'], settings({ PORT: port }));
    assert.equal(said.code, 0, said.err);
    assert.match(said.err, new RegExp(`Asking the gallery at http://127.0.0.1:${port}`));
    assert.match(said.out, /1 photo looked at again with centernet: nothing differs/);

    const elsewhere = await runCli(['redetect'], settings());
    assert.equal(elsewhere.code, 1);
    assert.equal(elsewhere.out, '');
    assert.match(
      elsewhere.err,
      /is in use by another Sajin, which does not answer at http:\/\/127\.0\.0\.1:9: set PORT/,
    );
    assert.equal(elsewhere.err.trim().split('\n').length, 1, 'one sentence');

    const missing = await runCli(['redetect', '--photo', '1'], settings({ PORT: port }));
    assert.deepEqual([missing.code, missing.out], [1, '']);
    assert.match(missing.err, /There is no photo with the id 1/);
  });

  test('pauses at Ctrl-C, and says how to go on', async (t) => {
    // The server waits for another hour, so that there is something to interrupt.
    const hour = new Date().getHours();
    const program = await serve(t, { RERUN_HOURS: `${(hour + 2) % 24}-${(hour + 3) % 24}` });
    const port = new URL(program.url).port;
    const running = startCli(['redetect', '--label', '연'], settings({ PORT: port }));
    await until('it to say what it waits for', () => running.err().includes('RERUN_HOURS'));
    running.kill('SIGINT');
    const said = await running.ended;
    assert.equal(said.code, 1);
    const number = /Paused after 0 of 1 photo\. To go on: sajin redetect --resume (\d+)/.exec(said.out)?.[1];
    assert.ok(number, said.out);
    const rerun = JSON.parse((await createClient(program.url).ask(`/reruns/${number}`)).text);
    assert.deepEqual([rerun.state, rerun.scope.label], ['paused', 'kite']);
  });

  const wrong: readonly (readonly string[])[] = [
    ['--photo', 'a', '--label', 'b'],
    ['--apply', '--resume', '3'],
    ['--label', ' '],
  ];
  test('answers what makes no sense with 64 and how it is used', async () => {
    const answers = await Promise.all(wrong.map((args) => runCli(['redetect', ...args], settings())));
    for (const [index, { code, err }] of answers.entries()) {
      assert.equal(code, 64, wrong[index]?.join(' '));
      assert.match(err, /redetect --apply-rerun N/);
    }
  });
});
