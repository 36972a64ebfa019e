// Notices every connection that this process opens while some work is done, through Node's own diagnostics channels.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';

const channels = ['net.client.socket', 'http.client.request.start', 'undici:request:create'];

/** What `work` gave or threw, and how many connections or requests were begun meanwhile. */
export async function countConnections(
  work: () => Promise<unknown>,
): Promise<{ readonly count: number; readonly error: unknown }> {
  let count = 0;
  const notice = () => {
    count += 1;
  };
  for (const channel of channels) subscribe(channel, notice);
  try {
    await work();
    return { count, error: undefined };
  } catch (error) {
    return { count, error };
  } finally {
    for (const channel of channels) unsubscribe(channel, notice);
  }
}
