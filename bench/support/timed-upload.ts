// One photo through the plain form, timed.
import { Agent, request } from 'node:http';
import { filePart, formBody } from '../../test/support/multipart.ts';

/** One connection, kept; end it when all is measured. */
export const agentOfUploads = new Agent({ keepAlive: true, maxSockets: 1 });

/** Milliseconds from the first byte sent, or the wait for a connection, to the last byte of the answer, and the answer. */
export async function timedUpload(
  url: string,
  bytes: Uint8Array,
  agent = agentOfUploads,
): Promise<{ ms: number; answer: string }> {
  const { body, contentType } = formBody([filePart('photo.jpg', bytes, 'image/jpeg')]);
  const headers = {
    'Content-Type': contentType,
    'Content-Length': body.length,
    Accept: 'application/json',
    Origin: url,
  };
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(new URL('/photos', url), { method: 'POST', agent, headers }, (response) => {
      let answer = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        answer += chunk;
      });
      response.on('end', () => {
        if (response.statusCode === 201) resolve({ ms: performance.now() - started, answer });
        else reject(new Error(`${url} answered ${response.statusCode}: ${answer}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
