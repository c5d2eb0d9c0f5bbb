// Node destroys a socket whose write fails, and with it what the other side had sent before it closed: the answer of a server that does not wait
// for the end of a request. The kernel still has it.
import type { Socket } from 'node:net';

/**
 * From now on a failed write is told to `failed`, once, and not to the socket: nothing more is written, but it can be read on, until it ends or
 * fails by itself. Its own end of writing never comes, so whoever asked for this destroys it.
 */
export function keepReadingAfterFailedWrite(socket: Socket, failed: () => void): void {
  type Done = (error?: Error | null) => void;
  let hasFailed = false;
  const guarded = (done: Done): Done => {
    return (error) => {
      if (!error || socket.destroyed) done(error);
      else if (!hasFailed) {
        hasFailed = true;
        failed();
      }
    };
  };
  const write = socket._write;
  const writeMany = socket._writev;
  socket._write = (chunk, encoding, done) => write.call(socket, chunk, encoding, guarded(done));
  if (writeMany) socket._writev = (chunks, done) => writeMany.call(socket, chunks, guarded(done));
}
