// The least that can be said to keep an upload: node:http, multer to disk, fsync, rename, fsync of the folder. No row,
// no look at the file. A reference for bench/acknowledge.ts.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Request, Response } from 'express';
import multer from 'multer';
import { syncedRename } from './raw-write.ts';

const folder = process.argv[2] ?? '';
const receive = multer({ dest: folder }).single('photo');
let count = 0;

const server = createServer((request, response) => {
  // multer reads nothing of Express from a request but its headers and its body.
  receive(request as Request, response as Response, (error?: unknown) => {
    const { file } = request as Request;
    if (error !== undefined || file === undefined) {
      response.writeHead(400).end();
      return;
    }
    count += 1;
    syncedRename(file.path, join(folder, `kept-${count}`), folder);
    response.writeHead(201).end('{}');
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.once('SIGTERM', () => process.exit(0));
