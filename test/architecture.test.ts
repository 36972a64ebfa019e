// Holds the plan of the house (docs/architecture.md) against the code: who may import whom, who owns which package.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { filesBelow, projectRoot } from './support/data.ts';
import { packageOwners, purposeless, type SourceFile, violationsOf } from './support/house.ts';

const sources: SourceFile[] = filesBelow(join(projectRoot, 'src'))
  .filter(({ name }) => name.endsWith('.ts'))
  .map(({ name, path }) => ({ path: `src/${name}`, text: readFileSync(path, 'utf8') }));

describe('the house', () => {
  test('has rooms to hold the rule against', () => assert.ok(sources.length > 10));

  for (const source of sources)
    test(`${source.path} keeps the rules`, () => assert.deepEqual(violationsOf(source), []));

  test('every package that is installed for running has a room that uses it', () => {
    const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    assert.deepEqual(purposeless(Object.keys(manifest.dependencies), sources), []);
  });

  test('every package has an owner', () => {
    const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const missing = Object.keys(manifest.dependencies).filter((name) => !packageOwners.has(name));
    assert.deepEqual(missing, []);
  });
});

describe('the rule itself notices', () => {
  const comment = '// Says what it is for.\n';
  const bad: readonly (readonly [what: string, path: string, code: string, expected: RegExp])[] = [
    ['neighbours that meet', 'src/http/app.ts', "import { x } from '../storage/disk.ts';", /storage/],
    ['neighbours that meet for a type', 'src/jobs.ts', "import type { X } from './events.ts';", /events/],
    ['an import upwards', 'src/database/sqlite.ts', "import { readConfig } from '../config.ts';", /config/],
    [
      'a domain that knows a part',
      'src/gallery/ingest.ts',
      "export { x } from '../darkroom/darkroom.ts';",
      /darkroom/,
    ],
    [
      'a domain that reads files',
      'src/gallery/ingest.ts',
      "import { open } from 'node:fs/promises';",
      /node:fs/,
    ],
    ['a domain with a package', 'src/gallery/photo.ts', "import { z } from 'zod';", /zod/],
    [
      'a tool that knows the domain',
      'src/security/tokens.ts',
      "import { x } from '../gallery/photo.ts';",
      /gallery/,
    ],
    ['settings that know us', 'src/config.ts', "import { x } from './log.ts';", /log/],
    ['a package outside its room', 'src/http/views.ts', "import sharp from 'sharp';", /sharp/],
    [
      'a package loaded late',
      'src/jobs.ts',
      "export const x = () => import('onnxruntime-node');",
      /onnxruntime/,
    ],
    [
      'a package resolved',
      'src/http/x.ts',
      "export const x = () => import.meta.resolve('@vladmandic/human');",
      /human/,
    ],
    ['a package nobody owns', 'src/http/views.ts', "import left from 'left-pad';", /left-pad/],
    ['an import over several lines', 'src/http/x.ts', "import {\n  a,\n  b,\n} from '../jobs.ts';", /jobs/],
    [
      'the environment outside config.ts',
      'src/http/x.ts',
      'export const x = () => process.env.PORT;',
      /environment/,
    ],
    ['work at import time', 'src/http/x.ts', 'start();\nexport const x = 1;', /loaded/],
    ['an await at import time', 'src/http/x.ts', 'export const x = await load();', /loaded/],
    ['a singleton', 'src/database/x.ts', 'export const database = openDatabase();', /loaded/],
    ['state of a module', 'src/http/x.ts', 'let count = 0;\nexport const x = () => count++;', /loaded/],
    ['a default export', 'src/http/x.ts', 'export default class X {}', /default/],
    ['a file of 301 lines', 'src/http/x.ts', '// more\n'.repeat(300), /300/],
    ['the test folder', 'src/http/x.ts', "import { x } from '../../test/support/data.ts';", /test/],
    ['a bare name of a Node module', 'src/http/x.ts', "import { join } from 'path';", /path/],
  ];
  for (const [what, path, code, expected] of bad)
    test(what, () => assert.match(violationsOf({ path, text: comment + code }).join('\n'), expected));

  test('a file that does not say what it is for', () =>
    assert.match(
      violationsOf({ path: 'src/http/x.ts', text: 'export const x = 1;\n' }).join('\n'),
      /comment/,
    ));

  const good: readonly (readonly [what: string, path: string, code: string])[] = [
    ['a part that knows the domain', 'src/http/x.ts', "import { x } from '../gallery/photo.ts';"],
    ['a room that talks to itself', 'src/http/routes/x.ts', "import { x } from '../links.ts';"],
    ['a type of Node in the domain', 'src/gallery/ports.ts', "import type { Readable } from 'node:stream';"],
    ['wiring that knows everybody', 'src/assemble.ts', "import { x } from './http/app.ts';"],
    [
      'an import that is only talked about',
      'src/jobs.ts',
      "// import x from './http/app.ts'\n/* process.env */",
    ],
    ['an import inside a text', 'src/jobs.ts', "export const x = `\nimport y from 'sharp';\nstart();\n`;"],
    ['a quote inside a regular expression', 'src/jobs.ts', 'export const x = /[\'"`]/;\nexport const y = 1;'],
    [
      'a template inside a template',
      'src/jobs.ts',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source of a template, as a text
      'export const x = (y: object) => `${`${{ y }}`}`;\nconst z = 2;',
    ],
  ];
  for (const [what, path, code] of good)
    test(`that nothing is wrong with ${what}`, () =>
      assert.deepEqual(violationsOf({ path, text: comment + code }), []));
});
