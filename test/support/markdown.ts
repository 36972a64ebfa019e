// Finds what a Markdown page promises: tables, links, commands.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Pages of the project, relative to its root; what is installed, built or uploaded is not ours. */
export function markdownFiles(root: string): string[] {
  const skipped = ['node_modules', 'dist', 'static', '.git', '.cache'];
  return readdirSync(root, { withFileTypes: true })
    .filter(({ name }) => !skipped.includes(name))
    .flatMap((entry) =>
      entry.isDirectory()
        ? readdirSync(join(root, entry.name), { recursive: true, encoding: 'utf8' }).map(
            (n) => `${entry.name}/${n}`,
          )
        : [entry.name],
    )
    .filter((name) => name.endsWith('.md'))
    .sort();
}

/** The cells of every table row, without the line below the heading. */
export function tableRows(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[-:| ]+\|$/.test(line))
    .map((line) =>
      line
        .replace(/^\||\|$/g, '')
        .split('|')
        .map((cell) => cell.trim()),
    );
}

/** Targets inside the project, without anchors; code and whole addresses are left out. */
export function linksOf(text: string): string[] {
  const prose = withoutCode(text);
  const found = [...prose.matchAll(/\]\(\s*<?([^)>\s]+)|\b(?:src|href)="([^"]+)"/g)].map(
    ([, a, b]) => a ?? b ?? '',
  );
  return found
    .filter((link) => !/^([a-z][a-z0-9+.-]*:|\/\/|#)/i.test(link))
    .map((link) => link.replace(/[#?].*$/, ''));
}

/** Names of the npm scripts that a page tells its reader to run. */
export function commandsOf(text: string): string[] {
  return [...text.matchAll(/\bnpm (?:run (?:--silent )?([\w:-]+)|(test|start)\b)/g)].map(
    ([, a, b]) => a ?? b ?? '',
  );
}

const withoutCode = (text: string) => text.replace(/```[\s\S]*?```/g, '').replace(/`[^`\n]*`/g, '');
