// The nginx of this machine with the site that we ship, in front of a gallery: only where things are is another.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { projectRoot } from './data.ts';
import { type Cleaner, makeFolder } from './folder.ts';
import { until, within } from './until.ts';

const program = '/usr/sbin/nginx';

/** For a test's options: false, or why there can be no nginx. */
export const skipWithoutNginx: string | false = existsSync(program) ? false : `no nginx at ${program}`;

export interface Nginx {
  /** `http://127.0.0.1:41234`, without a slash at the end. */
  readonly url: string;
  /** What it has logged about requests so far. */
  requests(): Promise<string>;
  /** What it has complained about so far. */
  errors(): Promise<string>;
}

/** @param gallery where the gallery listens, as a URL. Ended after the test. */
export async function startNginx(test: Cleaner, gallery: string): Promise<Nginx> {
  const folder = await makeFolder(test);
  const port = await freePort();
  const site = adapted(await readFile(join(projectRoot, 'deploy/nginx.conf'), 'utf8'), {
    gallery: new URL(gallery).host,
    listen: `127.0.0.1:${port}`,
    log: join(folder, 'requests.log'),
  });
  await writeFile(join(folder, 'site.conf'), site);
  await writeFile(join(folder, 'nginx.conf'), around(folder));
  const child = spawn(program, ['-c', join(folder, 'nginx.conf'), '-p', folder], { stdio: 'inherit' });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  process.once('exit', () => child.kill('SIGKILL'));
  test.after(async () => {
    child.kill('SIGTERM');
    await within('nginx to end', 10_000, ended);
  });
  const url = `http://127.0.0.1:${port}`;
  await until('nginx to listen', () => {
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}`);
    return fetch(`${url}/static/`).then(
      () => true,
      () => false,
    );
  });
  const read = (name: string) => readFile(join(folder, name), 'utf8').catch(() => '');
  return { url, requests: () => read('requests.log'), errors: () => read('errors.log') };
}

function adapted(site: string, to: { gallery: string; listen: string; log: string }): string {
  const changes: readonly (readonly [what: RegExp, by: string])[] = [
    [/server 127\.0\.0\.1:3000;/, `server ${to.gallery};`],
    [/^ {4}listen 80;/m, `    listen ${to.listen};`],
    [/\/var\/log\/nginx\/sajin\.log/, to.log],
    [/\/opt\/sajin\//g, `${projectRoot}/`],
  ];
  return changes.reduce((text, [what, by]) => {
    if (!what.test(text)) throw new Error(`deploy/nginx.conf has no ${what}`);
    return text.replace(what, by);
  }, site);
}

// One process, so that there is one to end. As root it would give up its rights, and with them the folder of the test.
const around = (folder: string) => `
daemon off;
master_process off;
${process.getuid?.() === 0 ? 'user root;' : ''}
pid ${folder}/nginx.pid;
error_log ${folder}/errors.log info;
events { worker_connections 1024; }
http {
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  access_log off;
  include ${folder}/site.conf;
}
`;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
