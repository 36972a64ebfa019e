// Files and names that mean harm: never a 500, never a dead server, and what was refused leaves nothing.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type PhotoJson, sha256Of } from '../support/client.ts';
import { filesBelow, fixturesFolder, testData } from '../support/data.ts';
import { filePart } from '../support/multipart.ts';
import { claimPng, drawPng } from '../support/pictures.ts';
import { assertNoSlip, openVictim } from '../support/victim.ts';

const megabyte = 1024 * 1024;
const hostile = testData('hostile');
const victim = openVictim({ DETECTOR: 'centernet' });

/** One pixel, again and again (GIF89a, 20: an image descriptor, the code size, one block of codes, its end). */
function tinyGif(frames: number): Buffer<ArrayBuffer> {
  const head = Buffer.from('47494638396101000100800000000000ffffff', 'hex');
  const frame = Buffer.from('2c0000000001000100000202440100', 'hex');
  return Buffer.concat([head, ...Array.from({ length: frames }, () => frame), Buffer.from([0x3b])]);
}

/** A real one, which says that it is larger (ISO 23008-12, 6.5.3: 'ispe', version and flags, width, height). */
function claimAvif(width: number, height: number): Buffer<ArrayBuffer> {
  const bytes = Buffer.from(readFileSync(join(fixturesFolder, 'picture.avif')));
  for (let at = bytes.indexOf('ispe'); at >= 0; at = bytes.indexOf('ispe', at + 4)) {
    bytes.writeUInt32BE(width, at + 8);
    bytes.writeUInt32BE(height, at + 12);
  }
  return bytes;
}

describe('a file that is no photo', () => {
  const files: readonly (readonly [
    what: string,
    bytes: Buffer<ArrayBuffer>,
    status: number,
    threat: string,
  ])[] = [
    ['nothing', Buffer.alloc(0), 422, 'T10'],
    ['one byte', Buffer.from([0x89]), 415, 'T12'],
    ['text', Buffer.from('this is no photo'), 415, 'T12'],
    ['HTML', Buffer.from('<!doctype html><script>alert(1)</script>'), 415, 'T11'],
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'), 415, 'T11'],
    ['TIFF', Buffer.from('II*\0\x08\0\0\0\0\0\0\0\0\0', 'latin1'), 415, 'T12'],
    ['PDF', Buffer.from('%PDF-1.7\n1 0 obj\n'), 415, 'T12'],
    ['BMP', Buffer.concat([Buffer.from('BM'), Buffer.alloc(60)]), 415, 'T12'],
    ['a ZIP', Buffer.from('PK\x03\x04\x14\0\0\0\0\0', 'latin1'), 415, 'T12'],
    ['the first bytes of a HEIC', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0heicmif1', 'latin1'), 422, 'T15'],
    ['the first bytes of a JPEG', Buffer.from([0xff, 0xd8, 0xff, 0xe0]), 422, 'T15'],
    ['the first bytes of a PNG', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), 422, 'T15'],
    [
      'a WebP that lies about its size',
      Buffer.from('RIFF\xff\xff\xff\x7fWEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff', 'latin1'),
      422,
      'T15',
    ],
    ['a picture of 16000 x 16000 pixels', claimPng(16_000, 16_000), 422, 'T13'],
    ['a picture of 2147483647 x 2147483647 pixels', claimPng(2 ** 31 - 1, 2 ** 31 - 1), 422, 'T13'],
    ['a picture of 0 x 0 pixels', claimPng(0, 0), 422, 'T13'],
    [
      'a file of one byte more than is allowed',
      Buffer.concat([drawPng({ seed: 1 }), Buffer.alloc(4 * megabyte)]).subarray(0, 4 * megabyte + 1),
      413,
      'T07',
    ],
  ];
  for (const [what, bytes, status, threat] of files)
    test(`is refused with ${status}: ${what} (${threat})`, async () => {
      await victim.assertRefused(await victim.client.upload(bytes), status);
    });

  for (const [what, bytes, code, threat] of [
    ['an AVIF of 10000 x 10001 pixels', claimAvif(10_000, 10_001), 'too-many-pixels', 'T13'],
    ['an animation of 1001 frames', tinyGif(1001), 'too-many-frames', 'T14'],
  ] as const)
    test(`is refused as ${code}: ${what} (${threat})`, async () => {
      const answer = await victim.client.upload(bytes);
      await victim.assertRefused(answer, 422);
      assert.equal((JSON.parse(answer.text) as { code: string }).code, code);
    });

  test('is refused with the list of what is taken (T12)', async () => {
    const text = await victim.client.upload(Buffer.from('no photo'));
    for (const type of ['JPEG', 'HEIC', 'PNG', 'WebP', 'AVIF', 'GIF'])
      assert.match(text.text, new RegExp(type));
  });

  test('does not sink the good ones that come with it', async () => {
    const good = drawPng({ seed: 11 });
    const answer = await victim.client.post([
      filePart('a.jpg', Buffer.from('no photo')),
      filePart('b.png', good),
      filePart('c.jpg', Buffer.alloc(0)),
    ]);
    assert.equal(answer.status, 207, answer.text);
    const { results } = JSON.parse(answer.text) as {
      results: { name: string; status: number; photo?: PhotoJson }[];
    };
    assert.deepEqual(
      results.map(({ name, status }) => [name, status]),
      [
        ['a.jpg', 415],
        ['b.png', 201],
        ['c.jpg', 422],
      ],
    );
    assert.equal(results[1]?.photo?.sha256, sha256Of(good));
    await victim.assertUnharmed();
  });
});

describe('a picture that is damaged or strange', () => {
  test('is its first frame when it moves, and no more of them are decoded (T14)', async () => {
    const kept = await victim.client.keep(tinyGif(600), { name: 'moving.gif' });
    const { state, width, height } = await victim.client.developed(kept.id);
    assert.deepEqual([state, width, height], ['done', 1, 1]);
  });

  test('is kept when its header can be read, and ends failed with a reason or done (T15)', async () => {
    const whole = drawPng({ seed: 20, width: 300, height: 200 });
    const kept = await victim.client.keep(whole.subarray(0, Math.floor(whole.length / 2)), {
      name: 'half.png',
    });
    const { state, reason } = await victim.client.developed(kept.id);
    assert.ok(state === 'done' || (state === 'failed' && reason), `${state} ${reason}`);
    assert.match(reason ?? '', /\S/, 'half a picture is said to be damaged');
    assert.equal((await victim.client.bytes(kept.links.original)).length, kept.bytes);
  });

  test('with HTML behind it is sent as a picture that runs nothing (T11)', async () => {
    const polyglot = Buffer.concat([drawPng({ seed: 21 }), Buffer.from('<script>alert(1)</script>')]);
    const { links } = await victim.client.keep(polyglot, { name: 'polyglot.html' });
    const { headers } = await victim.client.ask(links.original);
    assert.equal(headers.get('content-type'), 'image/png');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'.*sandbox/);
  });

  test('does not stop the ones behind it (T15)', async () => {
    const broken = drawPng({ seed: 22, width: 200, height: 200 });
    broken.fill(0xaa, 60, 400);
    await victim.client.upload(broken, { name: 'broken.png' });
    const { id } = await victim.client.keep(drawPng({ seed: 23 }));
    assert.equal((await victim.client.developed(id)).state, 'done');
  });
});

describe('every file of the hostile collection', { skip: hostile.skip }, () => {
  const accepted = new Set<string>();
  for (const { path, name } of filesBelow(hostile.path).filter((file) => !/\.(csv|txt)$/.test(file.name)))
    test(`${name} is kept or refused, not stumbled over`, async () => {
      const answer = await victim.client.upload(readFileSync(path), { name });
      if (answer.status === 200 || answer.status === 201) {
        accepted.add((JSON.parse(answer.text) as PhotoJson).id);
        return;
      }
      assert.ok([413, 415, 422].includes(answer.status), `${answer.status} ${answer.text}`);
      const { detail } = JSON.parse(answer.text) as { detail: string };
      assert.match(detail, /\S/);
      await victim.assertUnharmed();
    });

  test('those that were kept end done, or failed with a reason', async () => {
    assert.ok(accepted.size > 5);
    for (const id of accepted) {
      const { state, reason, links } = await victim.client.developed(id, 120_000);
      assert.ok(state === 'done' || reason, `${id} is ${state} without a reason`);
      for (const { url } of links.renditions) assert.ok((await victim.client.bytes(url)).length > 0);
    }
    await victim.assertUnharmed();
  });
});

describe('a file name', () => {
  const names = [
    ...[
      '../../etc/passwd.jpg',
      '..\\..\\x.jpg',
      '/etc/passwd',
      'a\0.jpg',
      'x'.repeat(4096),
      '\u202Egnp.exe',
      'CON',
      '.',
      '',
    ],
    ...[
      '%22><img onerror=alert(1)>',
      '__proto__',
      'constructor',
      '$(touch /tmp/pwned).jpg',
      "o'brien.jpg",
      '사진.jpg',
    ],
    ...(hostile.skip === false ? readFileSync(join(hostile.path, 'filenames.txt'), 'utf8').split('\n') : []),
  ];
  test(`never names a file on disk, and is never a reason to fall (${names.length} of them) (T17)`, async () => {
    for (const [index, name] of names.entries()) {
      const answer = await victim.client.post([
        filePart(asBrowsersDo(name), drawPng({ seed: 1000 + index })),
      ]);
      assert.ok(
        [201, 400].includes(answer.status),
        `${JSON.stringify(name)}: ${answer.status} ${answer.text}`,
      );
      if (answer.status === 400) assert.ok(isNoName(name), JSON.stringify(name));
    }
    const kept = filesBelow(join(victim.program.uploadsDir, 'originals')).map(({ name }) => name);
    for (const name of kept)
      assert.match(name, /^([0-9a-f]{2}\/)+[0-9a-f]{64}\.(jpg|png|webp|avif|gif)(\.json)?$/);
    const around = (await readdir(victim.program.uploadsDir)).sort();
    assert.deepEqual(
      around.filter(
        (name) => !/^(gallery\.|originals$|renditions$|incoming$|resumable$|models$|lock|\.)/.test(name),
      ),
      [],
    );
    await victim.assertUnharmed();
  });
});

// HTML, 4.10.22.8: what would end the header's value is written as a percent sign and two digits.
const asBrowsersDo = (name: string) =>
  name.replace(/["\r\n]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);

// An empty name, also behind the last slash, is how a form says that no file was chosen; a header has its limits.
const isNoName = (name: string) =>
  /(^|[/\\])\.{0,2}$/.test(name) || name.length > 1000 || name.includes('\0');

test('after all of this nothing was a 500, and no inside was told', () => assertNoSlip(victim));
