import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { scratch } from '../../support/scratch.ts';
import { needs, skip } from '../../support/tool.ts';
import { killAll, Supervised } from './supervised.ts';

describe('the relay of TCP ports', () => {
  const { newFolder } = scratch();
  const closing: (() => void)[] = [];

  before(function () {
    needs(this, 'mkfifo', 'sh', 'ps');
  });
  afterEach(() => {
    for (const close of closing.splice(0)) close();
    killAll();
  });

  /** An app that listens: gives its port. */
  async function listen(app: (socket: Socket) => void, host = '127.0.0.1', port = 0): Promise<{ port: number; server: Server }> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      closing.push(() => socket.destroy());
      app(socket);
    });
    closing.push(() => server.close());
    server.listen(port, host);
    await once(server, 'listening');
    return { port: (server.address() as AddressInfo).port, server };
  }

  /** A published port that leads to this one; gives the port of the host. */
  async function publish(containerPort: number, host = '127.0.0.1'): Promise<{ port: number; tended: Supervised }> {
    const server = createServer();
    server.listen(0, host);
    await once(server, 'listening');
    const fd = (server as unknown as { _handle: { fd: number } })._handle.fd;
    const tended = new Supervised(newFolder(), { listeners: [{ fd, protocol: 'tcp', containerPort }] });
    const { port } = server.address() as AddressInfo;
    server.close();
    return { port, tended };
  }

  function client(port: number, options: Partial<NetConnectOpts> = {}): Socket {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, ...options } as NetConnectOpts);
    closing.push(() => socket.destroy());
    return socket;
  }

  async function everythingFrom(socket: Socket): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }

  /** The same, but the socket can still be written to. */
  async function everythingFromHalf(socket: Socket): Promise<Buffer> {
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(socket, 'end');
    return Buffer.concat(chunks);
  }

  /** A port that nobody listens to: it was given out by the system a moment ago. */
  async function freePort(): Promise<number> {
    const { port, server } = await listen(() => {});
    server.close();
    await once(server, 'close');
    return port;
  }

  it('carries bytes both ways', async () => {
    const app = await listen((socket) => socket.pipe(socket));
    const { port } = await publish(app.port);
    const socket = client(port);
    socket.write('hello');
    assert.equal(String(await once(socket, 'data')), 'hello');
    socket.end(' again');
    assert.equal((await everythingFrom(socket)).toString(), ' again');
  });

  it('carries the end of a request and lets the answer come', async () => {
    const app = await listen(async (socket) => socket.end((await everythingFrom(socket)).reverse()));
    const { port } = await publish(app.port);
    const socket = client(port);
    socket.end('desserts');
    assert.equal((await everythingFrom(socket)).toString(), 'stressed');
  });

  it('carries the end of an answer and lets the request go on', async () => {
    let request: Promise<Buffer> | undefined;
    const app = await listen((socket) => {
      socket.end('welcome');
      request = everythingFrom(socket);
    });
    const socket = client((await publish(app.port)).port);
    assert.equal((await everythingFromHalf(socket)).toString(), 'welcome');
    socket.end('thanks');
    await once(socket, 'close');
    assert.equal((await request)?.toString(), 'thanks');
  });

  it('carries fifty connections at once', async () => {
    const app = await listen((socket) => socket.pipe(socket));
    const { port } = await publish(app.port);
    const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        const bytes = randomBytes(1 << 20);
        const socket = client(port);
        socket.end(bytes);
        assert.equal(digest(await everythingFrom(socket)), digest(bytes));
      }),
    );
  });

  it('lets an app wait for a slow reader instead of keeping what it sends', async () => {
    const size = 64 << 20;
    let sender: Socket | undefined;
    const app = await listen((socket) => {
      sender = socket;
      for (let sent = 0; sent < size; sent += 1 << 20) socket.write(Buffer.alloc(1 << 20));
      socket.end();
    });
    const { port, tended } = await publish(app.port);
    const socket = client(port);
    socket.pause();
    const waiting: number[] = [];
    while (waiting.length < 20 || waiting.at(-1) !== waiting.at(-20)) {
      await sleep(20);
      if (sender !== undefined) waiting.push(sender.writableLength);
    }
    assert.ok(waiting.at(-1)! > size / 2, `${waiting.at(-1)} bytes wait in the app`);
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${await tended.pid()}/status`, 'utf8'))?.[1];
    assert.ok(Number(peak) < 120_000, `${peak} kB`);
    assert.equal((await everythingFrom(socket)).length, size);
  });

  it('waits for an app that does not listen yet', async () => {
    const appPort = await freePort();
    const { port } = await publish(appPort);
    const socket = client(port);
    socket.end('early');
    await sleep(300);
    await listen((other) => other.pipe(other), '127.0.0.1', appPort);
    assert.equal((await everythingFrom(socket)).toString(), 'early');
  });

  it('ends connections at once when an app that has listened does so no more', async () => {
    const app = await listen((socket) => socket.end('hello').resume());
    const { port } = await publish(app.port);
    const first = client(port);
    assert.equal((await everythingFrom(first)).toString(), 'hello');
    first.end();
    app.server.close();
    await once(app.server, 'close');
    const second = client(port);
    await assert.rejects(everythingFrom(second), { code: 'ECONNRESET' });
  });

  it('tells the app of a client that breaks off', async () => {
    let broken: ((error: NodeJS.ErrnoException) => void) | undefined;
    const isBroken = new Promise<NodeJS.ErrnoException>((resolve) => (broken = resolve));
    const app = await listen((socket) => socket.resume().on('error', broken!));
    const socket = client((await publish(app.port)).port);
    socket.write('half a requ');
    await sleep(200);
    socket.resetAndDestroy();
    assert.equal((await isBroken).code, 'ECONNRESET');
  });

  it('ends cleanly when the app breaks off after an answer, and with a reset when it has not answered', async () => {
    const app = await listen((socket) => {
      socket.once('data', (request) => {
        if (String(request) === 'answer') socket.write('200 fine', () => setTimeout(() => socket.resetAndDestroy(), 50));
        else socket.resetAndDestroy();
      });
    });
    const { port } = await publish(app.port);
    const answered = client(port);
    answered.write('answer');
    assert.equal((await everythingFrom(answered)).toString(), '200 fine');
    const refused = client(port);
    refused.write('no');
    await assert.rejects(everythingFrom(refused), { code: 'ECONNRESET' });
  });

  it('brings an answer that comes before the request is whole', async () => {
    const app = await listen((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end('413 too large', () => socket.destroy()));
    });
    const { port } = await publish(app.port);
    for (let round = 0; round < 20; round++) {
      const socket = client(port);
      socket.write(Buffer.alloc(8 << 20), () => {});
      const got: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => got.push(chunk));
      socket.on('end', () => socket.destroy());
      socket.on('error', () => {});
      await new Promise((resolve) => socket.on('close', resolve));
      assert.equal(Buffer.concat(got).toString(), '413 too large', `round ${round}`);
    }
  });

  it('serves IPv6 outside and inside', async function () {
    const app = await listen((socket) => socket.pipe(socket), '::1').catch(() => undefined);
    if (app === undefined) return skip(this, 'no IPv6 here');
    const { port } = await publish(app.port, '::1');
    for (let round = 0; round < 2; round++) {
      const socket = client(port, { host: '::1' });
      socket.end('six');
      assert.equal((await everythingFrom(socket)).toString(), 'six');
    }
  });

  it('goes on after a kill: who comes in between waits', async () => {
    const app = await listen((socket) => socket.pipe(socket));
    const { port, tended } = await publish(app.port);
    for (let round = 0; round < 3; round++) {
      process.kill(await tended.pid(), 'SIGKILL');
      const socket = client(port);
      socket.end('still here');
      // The kernel may have given the connection to the one that was just dying.
      const answer = await everythingFrom(socket).catch(() => Buffer.from('still here'));
      assert.ok(['still here', ''].includes(answer.toString()));
      await tended.until(() => tended.restarts === round + 1);
    }
    const socket = client(port);
    socket.end('at last');
    assert.equal((await everythingFrom(socket)).toString(), 'at last');
    assert.equal(await tended.end(), 0);
  });
});
