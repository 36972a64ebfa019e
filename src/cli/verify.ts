// `sajin verify`: originals are read again and compared from the command line, over the same addresses as the page. Ends with 1 when
// something is damaged.
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Command } from './command.ts';
import { type GalleryClient, withGallery } from './gallery-client.ts';
import { complain, count, say, withConfig } from './settings.ts';

export const verify: Command = {
  usage: `verify [--all]           read again the originals that were not read for a month, or all of them, and say what is
                         damaged; nothing is deleted. [--json] say it as JSON`,
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: { all: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
    });
    return await withConfig((config) => withGallery(config, (client) => work(client, values)));
  },
};

interface Answer {
  readonly originals: number;
  readonly damaged: number;
  readonly left: number;
  readonly photos: readonly { readonly id: string; readonly title: string; readonly fault: string }[];
  readonly strays: readonly string[];
  readonly database: { readonly damaged: boolean; readonly reading: boolean };
  readonly next?: string;
}

const watchEveryMs = 500;

async function work(client: GalleryClient, { all, json }: { all: boolean; json: boolean }): Promise<number> {
  await client.post(`/verification?which=${all ? 'all' : 'overdue'}`);
  let answer = await client.get<Answer>(firstPage);
  for (let told = -1; isGoingOn(answer); answer = await client.get<Answer>(firstPage)) {
    if (answer.left !== told && answer.left > 0)
      complain(`${count(answer.left, 'original')} to be read; it waits while others work`);
    told = answer.left;
    await pause(watchEveryMs);
  }
  const photos = await readAll(client, answer);
  if (json) say(JSON.stringify({ ...answer, photos, next: undefined }, undefined, 2));
  else report(answer, photos);
  return answer.damaged + answer.strays.length === 0 && !answer.database.damaged ? 0 : 1;
}

/** What is found is noted nowhere when the database is damaged, so then nothing comes to its end. */
const isGoingOn = ({ left, database }: Answer) => (left > 0 && !database.damaged) || database.reading;

const firstPage = '/verification?limit=200';

async function readAll(client: GalleryClient, first: Answer): Promise<Answer['photos'][number][]> {
  const photos = [...first.photos];
  for (let { next } = first; next !== undefined; ) {
    const page: Answer = await client.get<Answer>(next);
    photos.push(...page.photos);
    next = page.next;
  }
  return photos;
}

function report({ originals, damaged, strays, database }: Answer, photos: Answer['photos']): void {
  if (database.damaged)
    say(
      'The database is damaged. Bring a backup back with "sajin restore", or make a new one with "sajin rebuild".',
    );
  if (damaged === 0) say(`${count(originals, 'original')}: as they came.`);
  else say(`${count(damaged, 'photo')} of ${originals} with a damaged original:`);
  for (const { id, title, fault } of photos) say(`  ${fault}: ${id} ${title}`.trimEnd());
  if (damaged > 0)
    say(
      'With a backup, "sajin repair DIR" (or FILE.tar) puts them right. Else add these pictures once more: that does it, too.',
    );
  if (strays.length > 0)
    say(`Files that belong to no photo, and stay where they are:\n  ${strays.join('\n  ')}`);
}
