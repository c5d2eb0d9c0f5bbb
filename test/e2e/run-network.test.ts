// What of the network a container has: its own loopback and what is published; with `bridge` the way out; with `host` all of the machine's.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { freePort, machineWithWebApp, until } from '../support/containers.ts';
import { scratch } from '../support/scratch.ts';
import { needs, skip } from '../support/tool.ts';
import { page } from '../support/web-app.ts';

/** An address of this machine that is not its loopback. */
const outerAddress = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

async function text(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  return response.text();
}

async function answering(address: string): Promise<Server> {
  const server = createServer((_, response) => response.end('answered\n')).listen(0, address);
  await once(server, 'listening');
  return server;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

describe('the network of a container', () => {
  const files = scratch();
  const { machine } = machineWithWebApp(files);

  const starts = (...args: readonly string[]) => machine.output(['run', '-d', '--no-scan', ...args]);
  const says = (flags: readonly string[], script: string) => machine.output(['run', '--rm', '--no-scan', ...flags, 'web:1', 'sh', '-c', script]);

  it('by default: a loopback of its own, and nothing else', async () => {
    const server = await answering('0.0.0.0');
    try {
      const reach = `for a in 127.0.0.1 ${outerAddress ?? '192.0.2.1'} 10.0.2.2; do wget -q -O - http://$a:${portOf(server)}/ || echo none; done 2>/dev/null`;
      assert.equal(await says([], `ip -o link | grep -c .; ${reach}; grep -c ^nameserver /etc/resolv.conf; true`), '1\nnone\nnone\nnone\n0');
    } finally {
      server.close();
    }
  });

  it('its name and files of names', async () => {
    assert.equal(
      await says(['--hostname', 'box'], 'hostname; cat /etc/hostname; grep -c "[[:space:]]box$" /etc/hosts; grep "localhost$" /etc/hosts'),
      'box\nbox\n1\n127.0.0.1\tlocalhost',
    );
    // They are the container's own to write.
    assert.equal(await says([], 'echo "192.0.2.7 db" >>/etc/hosts && grep -c "db$" /etc/hosts'), '1');
  });

  it('ports: several, on an address, on any free one, ranges; ps tells all of them', async () => {
    const [first, second] = [await freePort(), await freePort()];
    await starts('--name', 'many', '-p', `${first}:8080`, '-p', `127.0.0.1:${second}:8080`, '-p', '8080', 'web:1');
    interface Port {
      readonly hostAddress: string;
      readonly hostPort: number;
    }
    const { ports } = JSON.parse(await machine.output(['ps', '--format', 'json'])) as { ports: Port[] };
    assert.deepEqual(
      ports.map(({ hostAddress }) => hostAddress),
      ['127.0.0.1', '::1', '127.0.0.1', '127.0.0.1', '::1'],
    );
    assert.deepEqual([ports[0].hostPort, ports[1].hostPort, ports[2].hostPort], [first, first, second]);
    assert.equal(ports[3].hostPort, ports[4].hostPort);
    for (const { hostAddress, hostPort } of ports)
      assert.equal(await text(`http://${hostAddress.includes(':') ? `[${hostAddress}]` : hostAddress}:${hostPort}/`), page);
    for (const port of ports) assert.match(await machine.output(['ps']), new RegExp(`:${port.hostPort}->8080/tcp`));
    await assert.rejects(text(`http://[::1]:${second}/`));
    if (outerAddress !== undefined) await assert.rejects(text(`http://${outerAddress}:${first}/`), 'it is on loopback alone');
  });

  it('a port that nothing in the container listens on closes the connection, and the next one may find it', async () => {
    const port = await freePort();
    await starts('--name', 'late', '-p', `${port}:8080`, 'web:1', 'sh', '-c', 'sleep 0.5; exec httpd -f -p 8080 -h /srv');
    assert.equal(await text(`http://127.0.0.1:${port}/`), page, 'the first one waits for it');
    await machine.output(['stop', '-t', '0', 'late']);
    const refused = connect(port, '127.0.0.1');
    assert.equal(((await once(refused, 'error')) as [NodeJS.ErrnoException])[0].code, 'ECONNREFUSED');
  });

  it('udp', async () => {
    const port = await freePort();
    const echo = `const s = require('dgram').createSocket('udp4'); s.on('message', (m, r) => s.send('echo ' + m, r.port, r.address)); s.bind(5353)`;
    const mounts = ['/lib', '/lib64', '/usr/lib'].flatMap((folder) => ['-v', `${folder}:${folder}:ro`]);
    await starts('-p', `${port}:5353/udp`, ...mounts, '-v', `${process.execPath}:/node:ro`, 'web:1', '/node', '-e', echo);
    const socket = createSocket('udp4');
    const asking = setInterval(() => socket.send('hello', port, '127.0.0.1'), 100);
    try {
      const [answer] = (await once(socket, 'message', { signal: AbortSignal.timeout(10_000) })) as [Buffer];
      assert.equal(answer.toString(), 'echo hello');
    } finally {
      clearInterval(asking);
      socket.close();
    }
    assert.match(await machine.output(['ps']), new RegExp(`127.0.0.1:${port}->5353/udp`));
  });

  it('bridge: the way out, names to be looked up, and published ports; not the loopback of the machine', async function () {
    needs(this, 'slirp4netns');
    if (outerAddress === undefined) return skip(this, 'this machine has no address but its loopback');
    const [outer, inner, port] = [await answering(outerAddress), await answering('127.0.0.1'), await freePort()];
    try {
      const script = `wget -q -O - http://${outerAddress}:${portOf(outer)}/; busybox timeout 3 wget -q -O - http://10.0.2.2:${portOf(inner)}/ || echo none; grep nameserver /etc/resolv.conf`;
      assert.equal(await says(['--network', 'bridge'], `exec 2>/dev/null; ${script}`), 'answered\nnone\nnameserver 10.0.2.3');
      await starts('--network', 'bridge', '-p', `${port}:8080`, 'web:1');
      assert.equal(await text(`http://127.0.0.1:${port}/`), page);
    } finally {
      outer.close();
      inner.close();
    }
  });

  it('host: all of the network of the machine, without publishing', async () => {
    const server = await answering('127.0.0.1');
    const port = await freePort();
    try {
      assert.equal(await says(['--network', 'host'], `wget -q -O - http://127.0.0.1:${portOf(server)}/`), 'answered');
      await starts('--name', 'open', '--network', 'host', 'web:1', 'httpd', '-f', '-p', String(port), '-h', '/srv');
      await until('it listens', () =>
        text(`http://127.0.0.1:${port}/`).then(
          (got) => got === page,
          () => false,
        ),
      );
    } finally {
      server.close();
    }
    const { code, stderr } = await machine.unbake(['run', '--no-scan', '--network', 'host', '-p', '80', 'web:1']);
    assert.equal(code, 125);
    assert.match(stderr, /--publish has no meaning with --network host/);
  });
});
