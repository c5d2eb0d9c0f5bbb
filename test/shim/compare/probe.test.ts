// HTTP requests to real servers of this test, well and badly behaved.
import assert from 'node:assert/strict';
import { createServer as createHttpServer, type RequestListener, type Server as HttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { ask, parseHttpProbe } from '../../../src/shim/compare/probe.ts';

describe('an HTTP probe', () => {
  const servers: (HttpServer | Server)[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      if ('closeAllConnections' in server) server.closeAllConnections();
      server.close();
    }
  });

  async function listening<T extends HttpServer | Server>(server: T): Promise<number> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as { port: number }).port;
  }
  const serving = (listener: RequestListener) => listening(createHttpServer(listener));

  it('is a port and a path', () => {
    assert.deepEqual(parseHttpProbe('8080:/healthz?full=1', '--http'), { port: 8080, path: '/healthz?full=1' });
    assert.deepEqual(parseHttpProbe('80', '--http'), { port: 80, path: '/' });
  });

  for (const wrong of ['', '0', '65536', '8080:healthz', '8080:/a b', ':/', 'http://localhost:80/', '8080:/\r\nX: y']) {
    it(`is not ${JSON.stringify(wrong)}`, () => assert.throws(() => parseHttpProbe(wrong, '--try-http'), /--try-http/));
  }

  it('gets status, type and length, and asks as if it were on the port of the container', async () => {
    const asked: string[] = [];
    const port = await serving((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.host}`);
      response.writeHead(503, { 'content-type': 'text/plain' }).end('later');
    });
    const { fingerprint, ...answer } = await ask({ port: 8080, path: '/healthz' }, port, 5000);
    assert.deepEqual(answer, { probe: { port: 8080, path: '/healthz' }, status: 503, contentType: 'text/plain', length: 5 });
    assert.match(fingerprint ?? '', /^[0-9a-f]{64}$/);
    assert.deepEqual(asked, ['GET /healthz localhost:8080']);
  });

  it('tells bodies apart without keeping them', async () => {
    const port = await serving((request, response) => response.end(request.url));
    const fingerprints = [];
    for (const path of ['/a', '/b', '/a']) fingerprints.push((await ask({ port, path }, port, 5000)).fingerprint);
    assert.equal(fingerprints[0], fingerprints[2]);
    assert.notEqual(fingerprints[0], fingerprints[1]);
  });

  it('reads a long body to its end and looks at its first mebibyte', async () => {
    const port = await serving((request, response) => response.end(Buffer.concat([Buffer.alloc(2 ** 20, 'x'), Buffer.from(request.url!)])));
    const [first, second] = [await ask({ port, path: '/a' }, port, 5000), await ask({ port, path: '/b' }, port, 5000)];
    assert.equal(first.length, 2 ** 20 + 2);
    assert.equal(first.fingerprint, second.fingerprint);
  });

  it('that nobody answers tells why', async () => {
    const port = await serving(() => undefined);
    servers[0].close();
    const closed = await listening(createServer());
    await new Promise((resolve) => servers[1].close(resolve));
    assert.match((await ask({ port: 1, path: '/' }, closed, 1000)).error ?? '', /ECONNREFUSED/);
    assert.match((await ask({ port: 1, path: '/' }, port, 100)).error ?? '', /no answer within 0.1 s|ECONNREFUSED/);
    const rude = await listening(createServer((socket) => socket.destroy()));
    assert.match((await ask({ port: 1, path: '/' }, rude, 1000)).error ?? '', /hang up|ECONNRESET/);
    const broken = await serving((_, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('half');
      setTimeout(() => response.destroy(), 20);
    });
    const answer = await ask({ port: 1, path: '/' }, broken, 1000);
    assert.equal(answer.status, undefined);
    assert.match(answer.error ?? '', /broke off|aborted/);
    const other = await listening(createServer((socket) => socket.end('SSH-2.0-server\r\n')));
    assert.match((await ask({ port: 1, path: '/' }, other, 1000)).error ?? '', /Parse Error/);
  });
});
