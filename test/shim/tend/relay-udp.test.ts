import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { scratch } from '../../support/scratch.ts';
import { needs, skip } from '../../support/tool.ts';
import { killAll, Supervised } from './supervised.ts';

describe('the relay of UDP ports', () => {
  const { newFolder } = scratch();
  const sockets: Socket[] = [];

  before(function () {
    needs(this, 'mkfifo', 'sh', 'ps');
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.close();
    killAll();
  });

  async function bound(host: string, answer?: (datagram: Buffer, from: number) => string): Promise<Socket> {
    const socket = createSocket(host === '::1' ? 'udp6' : 'udp4');
    if (answer) socket.on('message', (datagram, { port, address }) => socket.send(answer(datagram, port), port, address));
    socket.bind(0, host);
    await once(socket, 'listening');
    sockets.push(socket);
    return socket;
  }

  async function publish(containerPort: number, host: string): Promise<{ port: number; tended: Supervised }> {
    const socket = await bound(host);
    sockets.splice(sockets.indexOf(socket), 1);
    const { fd } = (socket as unknown as Record<symbol, { handle: { fd: number } }>)[stateOf(socket)]!.handle;
    const family = host === '::1' ? 'IPv6' : 'IPv4';
    const tended = new Supervised(newFolder(), { listeners: [{ fd, protocol: 'udp', family, containerPort }] });
    const { port } = socket.address();
    socket.close();
    return { port, tended };
  }

  function stateOf(socket: Socket): symbol {
    return Object.getOwnPropertySymbols(socket).find((symbol) => symbol.description === 'state symbol')!;
  }

  /** Sends until an answer comes: datagrams get lost while things start. */
  async function ask(socket: Socket, port: number, host: string, question: string): Promise<string> {
    let answer: string | undefined;
    socket.once('message', (message) => (answer = message.toString()));
    while (answer === undefined) {
      socket.send(question, port, host);
      await sleep(50);
    }
    return answer;
  }

  it('brings each client its own answers', async () => {
    const app = await bound('127.0.0.1', (datagram, from) => `${datagram.toString()} ${from}`);
    const { port } = await publish(app.address().port, '127.0.0.1');
    const seen = new Set<string>();
    for (let round = 0; round < 3; round++) {
      const client = await bound('127.0.0.1');
      const [question, from] = (await ask(client, port, '127.0.0.1', `question ${round}`)).split(/ (?=\d+$)/);
      assert.equal(question, `question ${round}`);
      seen.add(from!);
    }
    assert.equal(seen.size, 3, 'the app can tell them apart');
  });

  it('keeps the source of a client while it speaks', async () => {
    const app = await bound('127.0.0.1', (_, from) => String(from));
    const { port } = await publish(app.address().port, '127.0.0.1');
    const client = await bound('127.0.0.1');
    const first = await ask(client, port, '127.0.0.1', 'who am I?');
    assert.equal(await ask(client, port, '127.0.0.1', 'and now?'), first);
  });

  it('serves IPv6 outside, and an app that has only that', async function () {
    const app = await bound('::1', (datagram) => datagram.toString().toUpperCase()).catch(() => undefined);
    if (app === undefined) return skip(this, 'no IPv6 here');
    for (const host of ['::1', '127.0.0.1']) {
      const { port } = await publish(app.address().port, host);
      assert.equal(await ask(await bound(host), port, host, 'six'), 'SIX');
    }
  });

  it('forgets the oldest of more clients than it can serve, and serves the next', async () => {
    const app = await bound('127.0.0.1', (datagram) => datagram.toString());
    const { port, tended } = await publish(app.address().port, '127.0.0.1');
    const first = await bound('127.0.0.1');
    assert.equal(await ask(first, port, '127.0.0.1', 'first'), 'first');
    for (let round = 0; round < 1100; round++) {
      const client = await bound('127.0.0.1');
      client.send('one of many', port, '127.0.0.1');
      await once(client, 'message');
    }
    assert.equal(await ask(first, port, '127.0.0.1', 'still'), 'still');
    assert.equal(await tended.end(), 0);
    assert.equal(tended.restarts, 0);
  });
});
