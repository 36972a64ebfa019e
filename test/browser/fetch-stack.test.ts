// tus-js-client's requests over fetch(), against a server that says what it received.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { createFetchStack } from '../../src/browser/parts/queue/fetch-stack.ts';

describe('the HTTP stack of the service worker', () => {
  const server = createServer((request, response) => {
    if (request.url === '/never') return;
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      response.writeHead(409, { 'Upload-Offset': '4' });
      response.end(`${request.method} ${request.headers['upload-offset']} ${body}`);
    });
  });
  let url = '';
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it('sends method, headers and bytes, and answers whatever the status', async () => {
    const request = createFetchStack().createRequest('PATCH', `${url}/uploads/1`);
    const progress: number[] = [];
    request.setHeader('Upload-Offset', '2');
    request.setProgressHandler((sent) => progress.push(sent));
    const answer = await request.send(new Blob(['abcd']).slice(2));
    assert.equal(answer.getStatus(), 409);
    assert.equal(answer.getHeader('upload-offset'), '4');
    assert.equal(answer.getHeader('Location'), undefined);
    assert.equal(answer.getBody(), 'PATCH 2 cd');
    assert.deepEqual(progress, [2]);
    assert.deepEqual([request.getMethod(), request.getHeader('Upload-Offset')], ['PATCH', '2']);
  });

  it('rejects without an answer, and when it was aborted', async () => {
    await assert.rejects(createFetchStack().createRequest('HEAD', 'http://127.0.0.1:9/').send(null));
    const request = createFetchStack().createRequest('POST', `${url}/never`);
    const sending = request.send(null);
    await request.abort();
    await assert.rejects(sending, { name: 'AbortError' });
  });
});
