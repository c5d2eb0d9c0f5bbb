// Ports are bound all or none; what is taken, or not to be had, is told in a sentence.
import assert from 'node:assert/strict';
import { connect, createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { UnbakeError } from '../../../src/model/error.ts';
import { assertPortsFree, bindPorts } from '../../../src/shim/container/bind-ports.ts';
import type { PortRequest } from '../../../src/shim/spec/ports.ts';
import { freePort } from '../../support/containers.ts';

const request = (more: Partial<PortRequest>): PortRequest => ({
  hostAddress: undefined,
  hostPort: undefined,
  containerPort: 80,
  protocol: 'tcp',
  ...more,
});
const coded = (code: string, sentence: RegExp) => (thrown: unknown) =>
  thrown instanceof UnbakeError && thrown.code === code && sentence.test(thrown.message);

describe('ports of the machine', () => {
  async function listening(port: number, host: string): Promise<Server> {
    const server = createServer();
    server.listen({ port, host, exclusive: true });
    await once(server, 'listening');
    return server;
  }

  for (const protocol of ['tcp', 'udp'] as const) {
    it(`of ${protocol} without an address are the same on both loopback addresses`, async () => {
      const bound = await bindPorts([request({ protocol }), request({ protocol })]);
      try {
        assert.deepEqual(
          bound.map(({ hostAddress }) => hostAddress),
          ['127.0.0.1', '::1', '127.0.0.1', '::1'],
        );
        assert.equal(bound[0]!.hostPort, bound[1]!.hostPort);
        assert.equal(bound[2]!.hostPort, bound[3]!.hostPort);
        assert.notEqual(bound[0]!.hostPort, bound[2]!.hostPort);
        assert.equal(new Set(bound.map(({ fd }) => fd)).size, 4);
        await assert.rejects(assertPortsFree([request({ protocol, hostPort: bound[0]!.hostPort })]), coded('conflict', /is taken on this machine/));
      } finally {
        for (const port of bound) port.close();
      }
      await assertPortsFree([request({ protocol, hostPort: bound[0]!.hostPort })]);
    });
  }

  it('are given back, all of them, when one is taken', async () => {
    const [free, taken] = [await freePort(), await freePort()];
    // On one of the two addresses is enough.
    const other = await listening(taken, '::1');
    await assert.rejects(
      bindPorts([request({ hostPort: free }), request({ hostPort: taken })]),
      coded('conflict', new RegExp(`\\D${taken}/tcp is taken`)),
    );
    await assertPortsFree([request({ hostPort: free })]);
    other.close();
  });

  it('of addresses that the machine does not have are refused', async () => {
    await assert.rejects(bindPorts([request({ hostAddress: '192.0.2.77' })]), coded('usage', /does not have that address/));
  });

  it('close a connection that comes before anybody serves them, and stay', async () => {
    const [port] = await bindPorts([request({ hostAddress: '127.0.0.1' })]);
    for (let times = 0; times < 3; times++) {
      const client = connect(port!.hostPort, '127.0.0.1');
      client.on('error', () => undefined).resume();
      await once(client, 'close');
    }
    port!.close();
  });
});
