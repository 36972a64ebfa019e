// Holds the documentation against the code: every setting and route is written down, every link and command exists.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { settingNames } from '../src/config.ts';
import { routeTable } from '../src/http/route-table.ts';
import { projectRoot } from './support/data.ts';
import { commandsOf, linksOf, markdownFiles, tableRows } from './support/markdown.ts';

const read = (path: string) => readFileSync(join(projectRoot, path), 'utf8');

describe('README.md', () => {
  test('has a row for every setting', () => {
    const rows = tableRows(read('README.md')).map(([first = '']) => first.replaceAll('`', ''));
    assert.deepEqual(
      settingNames.filter((name) => !rows.includes(name)),
      [],
    );
  });

  test('has no row for a setting that is not there', () => {
    const rows = tableRows(read('README.md')).map(([first = '']) => first.replaceAll('`', ''));
    const unknown = rows.filter((name) => /^[A-Z][A-Z_]+$/.test(name) && !settingNames.includes(name));
    assert.deepEqual(unknown, []);
  });
});

describe('docs/api.md', () => {
  // Where a parameter stands does not matter to a reader, its name may: `/photos/:id` is written `/photos/:id`.
  const documented = () => read('docs/api.md');

  for (const { method, path } of routeTable)
    test(`describes ${method} ${path}`, () => {
      const words = documented().split(/[`|\n]/);
      const says = words.some((word) => word.trim().replace(/\?.*$/, '') === `${method} ${path}`);
      assert.ok(says, `docs/api.md does not have \`${method} ${path}\``);
    });

  test('describes no route that is not there', () => {
    const routes = routeTable.map(({ method, path }) => `${method} ${path}`);
    const named = [...documented().matchAll(/`((?:GET|POST|PATCH|PUT|DELETE) \/[^`\s?]*)/g)].map(
      ([, name]) => name,
    );
    assert.deepEqual(
      named.filter((name) => name !== undefined && !routes.includes(name)),
      [],
    );
  });
});

describe('every page of the documentation', () => {
  const scripts = Object.keys(
    (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts,
  );
  const pages = markdownFiles(projectRoot);

  test('there are some', () => assert.ok(pages.length >= 4, pages.join(', ')));

  for (const page of pages) {
    test(`${page} names only npm scripts that exist`, () => {
      const missing = commandsOf(read(page)).filter((name) => !scripts.includes(name));
      assert.deepEqual(missing, []);
    });

    test(`${page} links only to files that exist`, () => {
      const folder = dirname(join(projectRoot, page));
      const broken = linksOf(read(page)).filter(
        (link) => !existsSync(resolve(folder, decodeURIComponent(link))),
      );
      assert.deepEqual(broken, []);
    });
  }
});

describe('the check itself notices', () => {
  test('a link that leads nowhere, in the text and in HTML, but not what leads away or sits in code', () => {
    const text = '[a](b.md) ![p](docs/c.png "t") <img src="d.svg"> [x](https://e.org) [y](#top) `[z](no.md)`';
    assert.deepEqual(linksOf(text), ['b.md', 'docs/c.png', 'd.svg']);
  });

  test('the scripts that a page tells to run', () =>
    assert.deepEqual(commandsOf('`npm ci && npm test`, npm run bench -- --short; npm start'), [
      'test',
      'bench',
      'start',
    ]));

  test('the rows of a table', () =>
    assert.deepEqual(tableRows('| `A` | b |\n|---|:-:|\n| `C` | d |'), [
      ['`A`', 'b'],
      ['`C`', 'd'],
    ]));
});
