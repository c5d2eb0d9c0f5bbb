// The columns of ps and images: what stands in them, and how it is cut.
import assert from 'node:assert/strict';
import type { Container } from '../../src/model/container.ts';
import type { Digest } from '../../src/model/digest.ts';
import type { StoredImage } from '../../src/model/stored-image.ts';
import { containerLines, containerTable, portText, statusText } from '../../src/report/container-table.ts';
import { imageTable } from '../../src/report/image-table.ts';
import { age, byteCount, table } from '../../src/report/table.ts';

const now = new Date('2026-03-01T12:00:00Z');
const digest = (digit: string): Digest => `sha256:${digit.repeat(64)}` as Digest;

const container: Container = {
  id: 'ab'.repeat(32),
  name: 'kuard',
  image: 'web:1',
  imageDigest: digest('1'),
  command: 'httpd',
  createdAt: '2026-03-01T11:57:00Z',
  ports: [
    { hostAddress: '127.0.0.1', hostPort: 8080, containerPort: 80, protocol: 'tcp' },
    { hostAddress: '::1', hostPort: 8080, containerPort: 80, protocol: 'tcp' },
  ],
  network: 'none',
  state: { kind: 'running', startedAt: '2026-03-01T11:57:02Z' },
};

describe('tables', () => {
  it('are as wide as what stands in them', () => {
    assert.deepEqual(
      [
        ...table(
          ['A', 'LONG'],
          [
            ['wide value', ''],
            ['x', 'y'],
          ],
        ),
      ],
      ['A            LONG\n', 'wide value\n', 'x            y\n'],
    );
  });

  it('ages have one unit, sizes three digits', () => {
    const ages = ['12:00:01', '11:59:59', '11:59:00', '11:00:00'].map((time) => age(`2026-03-01T${time}Z`, now));
    assert.deepEqual(ages, ['0 seconds', '1 second', '1 minute', '1 hour']);
    assert.deepEqual(
      [age('2026-02-27T12:00:00Z', now), age('2026-02-01T12:00:00Z', now), age('2024-02-01T12:00:00Z', now)],
      ['2 days', '4 weeks', '2 years'],
    );
    assert.deepEqual([0, 999, 1000, 1_049_600, 12_345_678, 4e15].map(byteCount), ['0B', '999B', '1kB', '1.05MB', '12.3MB', '4000TB']);
  });

  it('a container has a line; the end of a long path of an image is kept, and the beginning of a command', () => {
    const long = { ...container, image: '/home/somebody/images/of/today/clean.tar', command: '/usr/local/bin/a-program-with-a-name', ports: [] };
    const [heading, first, second] = [...containerTable([container, long], now, false)];
    assert.equal(heading.replace(/ +/g, ' '), 'CONTAINER ID IMAGE COMMAND CREATED STATUS PORTS NAMES\n');
    assert.equal(first.replace(/ +/g, ' '), 'abababababab web:1 httpd 3 minutes ago Up 2 minutes 127.0.0.1:8080->80/tcp, [::1]:8080->80/tcp kuard\n');
    assert.equal(second.split(/ {3,}/)[1], `…${long.image.slice(-29)}`);
    assert.equal(second.split(/ {3,}/)[2], '/usr/local/bin/a-progra…');
    assert.match(
      [...containerTable([long], now, true)][1],
      /^(?:ab){32} {3}\/home\/somebody\/images\/of\/today\/clean\.tar {3}\/usr\/local\/bin\/a-program-with-a-name /,
    );
    assert.deepEqual(JSON.parse([...containerLines([container])].join('')), container);
    assert.equal(portText({ hostAddress: '192.0.2.1', hostPort: 53, containerPort: 5353, protocol: 'udp' }), '192.0.2.1:53->5353/udp');
  });

  it('what strangers wrote steers no terminal and stays in its line', () => {
    const lines = [...containerTable([{ ...container, image: 'a\u001b[2Jb', command: 'x\ny' }], now, false)];
    assert.equal(lines.length, 2);
    assert.match(lines[1], / a\\x1b\[2Jb {3}x\\ny /);
  });

  it('a state is told in words', () => {
    const startedAt = '2026-03-01T11:00:00Z';
    const exited = { kind: 'exited', exitCode: 137, isOutOfMemory: false, startedAt, finishedAt: '2026-03-01T11:59:50Z' } as const;
    assert.deepEqual(
      [
        statusText({ kind: 'created' }, now),
        statusText({ kind: 'running', startedAt, health: 'starting' }, now),
        statusText({ kind: 'running', startedAt, health: 'unhealthy' }, now),
        statusText(exited, now),
        statusText({ ...exited, isOutOfMemory: true }, now),
        statusText({ kind: 'exited', exitCode: 137, isOutOfMemory: false, error: 'the machine was restarted while it ran' }, now),
      ],
      [
        'Created',
        'Up 1 hour (health: starting)',
        'Up 1 hour (unhealthy)',
        'Exited (137) 10 seconds ago',
        'Exited (137, out of memory) 10 seconds ago',
        'Exited (137, the machine was restarted while it ran)',
      ],
    );
  });

  it('an image has a line for each name, and tells what it was cleaned from by the ID and name of that', () => {
    const layers = [{ digest: digest('a'), diffId: digest('b'), size: 1_500_000, mediaType: 'x' }];
    const image = (digit: string, names: readonly string[], more: Partial<StoredImage> = {}): StoredImage => ({
      names,
      manifestDigest: digest(digit),
      configDigest: digest(String(Number(digit) + 1)),
      size: 1_500_000,
      layers,
      sharedLayers: 1,
      createdAt: '2026-02-28T12:00:00Z',
      loadedAt: '2026-03-01T12:00:00Z',
      ...more,
    });
    const images = [
      image('1', ['host:5000/app:1', 'app:2']),
      image('3', ['app:1'], { cleanedFrom: digest('1') }),
      image('5', [], { cleanedFrom: digest('9') }),
    ];
    const shown = [...imageTable(images, now, { isWhole: false, hasDigests: false })].map((line) => line.replace(/ {2,}/g, '|').trimEnd());
    assert.deepEqual(shown, [
      'REPOSITORY|TAG|IMAGE ID|CREATED|SIZE|LAYERS|SHARED|CLEANED FROM',
      'host:5000/app|1|222222222222|1 day ago|1.5MB|1|1|-',
      'app|2|222222222222|1 day ago|1.5MB|1|1|-',
      'app|1|444444444444|1 day ago|1.5MB|1|1|222222222222 (host:5000/app:1)',
      '<none>|<none>|666666666666|1 day ago|1.5MB|1|1|999999999999',
    ]);
    const whole = [...imageTable(images, now, { isWhole: true, hasDigests: true })];
    assert.match(whole[1], new RegExp(`${digest('1')} +${digest('2')} `));
  });
});
