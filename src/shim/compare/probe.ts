// HTTP requests to a container: whether it answers, and a digest of what it says. The body itself is never kept: it may hold secrets.
import { createHmac, randomBytes } from 'node:crypto';
import { UnbakeError } from '../../model/error.ts';
import type { HttpAnswer, HttpProbe } from '../../model/comparison.ts';
import { printable } from '../../model/printable.ts';

/** `8080:/healthz`, or `8080` for its root. Throws UnbakeError `usage` that names the flag. */
export function parseHttpProbe(text: string, flag: string): HttpProbe {
  const [, digits = '', path = '/'] = /^(\d{1,5})(?::(\/[\x21-\x7e]*))?$/.exec(text) ?? [];
  const port = Number(digits);
  if (port >= 1 && port <= 65_535) return { port, path };
  throw new UnbakeError('usage', `${flag} ${printable(text)} is no probe`, { hint: 'write the port of the container and a path: 8080:/healthz' });
}

const mostBody = 2 ** 20;
const key = randomBytes(32);

/** One try, of at most `timeout` milliseconds. An answer of any status is an answer. */
export async function ask(probe: HttpProbe, hostPort: number, timeout: number): Promise<HttpAnswer> {
  // Node loads all that it knows of the web with it, which takes as long as it takes to start: only who asks pays for that.
  const { request } = await import('node:http');
  return new Promise((resolve) => {
    const fail = (error: string) => resolve({ probe, error });
    const sent = request(
      {
        host: '127.0.0.1',
        port: hostPort,
        path: probe.path,
        agent: false,
        headers: { host: `localhost:${probe.port}`, connection: 'close' },
        timeout,
      },
      (response) => {
        const hash = createHmac('sha256', key);
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          if (length < mostBody) hash.update(chunk.subarray(0, mostBody - length));
          length += chunk.length;
        });
        const contentType = response.headers['content-type'];
        response.on('end', () =>
          resolve({
            probe,
            status: response.statusCode!,
            ...(contentType === undefined ? {} : { contentType }),
            fingerprint: hash.digest('hex'),
            length,
          }),
        );
        response.on('error', (error) => fail(`the answer broke off: ${error.message}`));
      },
    );
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${timeout / 1000} s`)));
    sent.on('error', (error) => fail(error.message));
    sent.end();
  });
}
