// Two connections made one: what comes from one side goes to the other, ends included. It is made so that nothing gets lost that would arrive
// without us: what one side has sent is delivered, even if it breaks off right after, or takes nothing more itself.
import type { Socket } from 'node:net';
import { keepReadingAfterFailedWrite } from './failed-write.ts';

/** So long a client may go on to send what nobody reads, before it is cut off: cutting at once could take away the answer it has not read. */
const lingering = 2000;

/**
 * Both must be paused and opened with `allowHalfOpen`, so that one direction may end before the other. A client that breaks off is passed on
 * as a reset: the app must not take half a request for a whole one. An app that breaks off after it answered ends the client cleanly.
 */
export function joinSockets(client: Socket, upstream: Socket): void {
  client.on('error', () => upstream.resetAndDestroy());
  upstream.on('error', () => (upstream.bytesRead > 0 ? endGently(client) : client.resetAndDestroy()));
  if (client.destroyed) {
    upstream.resetAndDestroy();
    return;
  }
  keepReadingAfterFailedWrite(upstream, () => {
    discard(client);
    upstream.on('end', () => {
      upstream.destroy();
      endGently(client);
    });
  });
  keepReadingAfterFailedWrite(client, () => {
    discard(upstream);
    client.on('end', () => {
      client.destroy();
      upstream.end(() => upstream.destroy());
    });
  });
  client.pipe(upstream);
  upstream.pipe(client);
}

/** What comes from now on is for nobody; it is read so that its end is seen. */
function discard(socket: Socket): void {
  socket.unpipe();
  socket.resume();
}

function endGently(client: Socket): void {
  if (client.destroyed) return;
  const timer = setTimeout(() => client.destroy(), lingering);
  client.on('close', () => clearTimeout(timer));
  discard(client);
  client.end();
}
