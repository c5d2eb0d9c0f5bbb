// The flags of `run`, as text, and what they ask for.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { UnbakeError } from '../../../src/model/error.ts';
import { parseEnvFile } from '../../../src/shim/spec/env-flags.ts';
import { healthcheckOf } from '../../../src/shim/spec/health.ts';
import { parsePublish } from '../../../src/shim/spec/ports.ts';
import type { RunFlags } from '../../../src/shim/spec/request.ts';
import { parseSignal } from '../../../src/shim/spec/signals.ts';
import { parseVolume, volumeDestinations } from '../../../src/shim/spec/volumes.ts';
import { imageOf, requestOf } from './configs.ts';

const usage = (message: RegExp) => ({ name: 'UnbakeError', code: 'usage', message });

describe('the flags of run', () => {
  it('may be none', async () => {
    assert.deepEqual(await requestOf({}, ['a', '--b']), {
      args: ['a', '--b'],
      env: [],
      volumes: [],
      resources: {},
      isReadOnly: false,
      capAdd: [],
      capDrop: [],
      network: 'none',
      isInteractive: false,
      isTty: false,
      noNewPrivileges: true,
      seccomp: 'default',
      ports: [],
    });
  });

  it('are all read', async () => {
    const flags: RunFlags = {
      entrypoint: '/go',
      workdir: '/a/../b/',
      user: 'app',
      hostname: 'web-1.example',
      readOnly: true,
      capAdd: ['net_raw', 'CAP_KILL', 'all'],
      capDrop: ['Chown'],
      network: 'bridge',
      interactive: true,
      tty: true,
      stopSignal: 'int',
      stopTimeout: '30',
      securityOpt: ['no-new-privileges:false', 'seccomp=unconfined', 'label=disable'],
    };
    const { env: _, volumes: __, resources: ___, ports: ____, args: _____, ...request } = await requestOf(flags);
    assert.deepEqual(request, {
      entrypoint: '/go',
      workdir: '/b',
      user: 'app',
      hostname: 'web-1.example',
      isReadOnly: true,
      capAdd: ['CAP_NET_RAW', 'CAP_KILL', 'ALL'],
      capDrop: ['CAP_CHOWN'],
      network: 'bridge',
      isInteractive: true,
      isTty: true,
      stopSignal: 'SIGINT',
      stopTimeout: 30,
      noNewPrivileges: false,
      seccomp: 'unconfined',
    });
  });

  it('say nothing when they are empty, so that an unset variable of a script makes nobody root', async () => {
    const { user, workdir, hostname, stopSignal } = await requestOf({ user: '', workdir: '', hostname: '', stopSignal: '' });
    assert.deepEqual([user, workdir, hostname, stopSignal], [undefined, undefined, undefined, undefined]);
  });

  it('are refused by name when they mean nothing', async () => {
    const wrong: readonly (readonly [RunFlags, RegExp, RegExp?])[] = [
      [{ network: 'my-net' }, /--network my-net/],
      [{ network: 'host', publish: ['80:80'] }, /--publish has no meaning with --network host/],
      [{ workdir: 'srv' }, /--workdir srv/],
      [{ hostname: '-x' }, /--hostname/],
      [{ hostname: 'a'.repeat(64) }, /--hostname/],
      [{ hostname: 'a..b' }, /--hostname/],
      [{ stopSignal: 'SIGTREM' }, /--stop-signal SIGTREM/],
      [{ stopTimeout: '10s' }, /--stop-timeout 10s/],
      [{ capAdd: ['NET_ADMN'] }, /--cap-add NET_ADMN/, /did you mean NET_ADMIN\?/],
      [{ capDrop: ['time'] }, /--cap-drop time/, /SYS_TIME/],
      [{ capAdd: ['x'] }, /--cap-add x/, /capabilities\(7\)/],
      [{ securityOpt: ['seccomp=/my/profile.json'] }, /--security-opt seccomp=\/my\/profile.json/],
      [{ securityOpt: ['no-new-privileges=yes'] }, /--security-opt/],
    ];
    for (const [flags, message, hint] of wrong) {
      await assert.rejects(requestOf(flags), (error: UnbakeError) => {
        assert.equal(error.code, 'usage');
        assert.match(error.message, message);
        assert.match(error.hint ?? '', hint ?? /./);
        return true;
      });
    }
  });

  describe('--memory, --memory-swap, --memory-reservation, --cpus, --cpu-shares, --pids-limit', () => {
    const MiB = 2 ** 20;

    it('mean what docker means', async () => {
      const table: readonly (readonly [RunFlags, object])[] = [
        [{ memory: '200m' }, { memory: 200 * MiB, memorySwap: 400 * MiB }],
        [
          { memory: '200M', memorySwap: '1G' },
          { memory: 200 * MiB, memorySwap: 1024 * MiB },
        ],
        [
          { memory: '1.5g', memorySwap: '-1' },
          { memory: 1536 * MiB, memorySwap: -1 },
        ],
        [{ memory: '6291456' }, { memory: 6 * MiB, memorySwap: 12 * MiB }],
        [
          { memory: '10MiB', memoryReservation: '8 mb' },
          { memory: 10 * MiB, memorySwap: 20 * MiB, memoryReservation: 8 * MiB },
        ],
        [
          { memory: '6291456b', memorySwap: '6m' },
          { memory: 6 * MiB, memorySwap: 6 * MiB },
        ],
        [{ memory: '0', memorySwap: '0', cpus: '0', cpuShares: '0', pidsLimit: '0' }, {}],
        [{ memorySwap: '-1', pidsLimit: '-1' }, {}],
        [{ cpus: '0.5' }, { cpuQuota: 50_000, cpuPeriod: 100_000 }],
        [{ cpus: '4' }, { cpuQuota: 400_000, cpuPeriod: 100_000 }],
        [{ cpus: '.01' }, { cpuQuota: 1_000, cpuPeriod: 100_000 }],
        [
          { cpuShares: '1024', pidsLimit: '100' },
          { cpuShares: 1024, pidsLimit: 100 },
        ],
      ];
      for (const [flags, resources] of table) assert.deepEqual((await requestOf(flags)).resources, resources, JSON.stringify(flags));
    });

    it('are checked as docker checks them', async () => {
      const table: readonly (readonly [RunFlags, RegExp])[] = [
        [{ memory: '5m' }, /--memory: .* too few/],
        [{ memory: '1' }, /--memory: .* too few/],
        [{ memory: 'much' }, /--memory: much is not an amount/],
        [{ memory: '-1' }, /--memory/],
        [{ memory: '1x' }, /--memory/],
        [{ memory: '1ibm' }, /--memory/],
        [{ memory: '9999999p' }, /--memory/],
        [{ memory: '1e3m' }, /--memory/],
        [{ memorySwap: '1g' }, /--memory-swap: .* needs --memory/],
        [{ memory: '1g', memorySwap: '1m' }, /--memory-swap: .* less than --memory/],
        [{ memory: '1g', memorySwap: '-2' }, /--memory-swap/],
        [{ memory: '10m', memoryReservation: '20m' }, /--memory-reservation: .* more than --memory/],
        [{ cpus: '4.5' }, /--cpus: 4.5/],
        [{ cpus: '0.001' }, /--cpus: 0.001/],
        [{ cpus: '-1' }, /--cpus/],
        [{ cpus: '1e1' }, /--cpus/],
        [{ cpuShares: '1' }, /--cpu-shares/],
        [{ cpuShares: '262145' }, /--cpu-shares/],
        [{ pidsLimit: '-2' }, /--pids-limit/],
        [{ pidsLimit: '1.5' }, /--pids-limit/],
      ];
      for (const [flags, message] of table) await assert.rejects(requestOf(flags), usage(message), JSON.stringify(flags));
    });
  });

  describe('--publish', () => {
    const tcp = (hostAddress: string | undefined, hostPort: number | undefined, containerPort: number) => ({
      hostAddress,
      hostPort,
      containerPort,
      protocol: 'tcp' as const,
    });

    it('takes docker’s forms', () => {
      const table: Readonly<Record<string, readonly object[]>> = {
        '80': [tcp(undefined, undefined, 80)],
        '8080:80': [tcp(undefined, 8080, 80)],
        '0:80': [tcp(undefined, undefined, 80)],
        ':80': [tcp(undefined, undefined, 80)],
        '8080:80/TCP': [tcp(undefined, 8080, 80)],
        '53:53/udp': [{ ...tcp(undefined, 53, 53), protocol: 'udp' }],
        '127.0.0.1:8080:80': [tcp('127.0.0.1', 8080, 80)],
        '0.0.0.0::80': [tcp('0.0.0.0', undefined, 80)],
        '[::1]:8080:80': [tcp('::1', 8080, 80)],
        '::1:8080:80': [tcp('::1', 8080, 80)],
        '[::]::80': [tcp('::', undefined, 80)],
        '8000-8002:9000-9002': [tcp(undefined, 8000, 9000), tcp(undefined, 8001, 9001), tcp(undefined, 8002, 9002)],
        '9000-9001': [tcp(undefined, undefined, 9000), tcp(undefined, undefined, 9001)],
      };
      for (const [text, ports] of Object.entries(table)) assert.deepEqual(parsePublish(text), ports, text);
    });

    it('refuses the rest', () => {
      const wrong =
        '|8080:|a:80|80:a|0|8080:0|65536|99999999:80|8080:80/sctp|8080:80/tcp/udp|localhost:80:80|1.2.3.4:80|300.0.0.1:80:80|[::1:80:80|fe80::1%eth0:80:80|9-8|8000-8001:80|8000-8001:80-82|0-1:80-81|-80|8080 :80';
      for (const text of wrong.split('|')) assert.throws(() => parsePublish(text), usage(/^--publish /), text);
    });

    it('gives one port of the machine away once', async () => {
      await assert.rejects(requestOf({ publish: ['8080:80', '8080:81'] }), usage(/port 8080\/tcp .* twice/));
      await assert.rejects(requestOf({ publish: ['8080-8082:80-82', '8081:80'] }), usage(/port 8081\/tcp .* twice/));
      const { ports } = await requestOf({ publish: ['8080:80', '8080:80/udp', '127.0.0.2:8080:80', '80', '80'] });
      assert.equal(ports.length, 5);
    });

    it('never gives a port that is none, whatever is written', () => {
      fc.assert(
        fc.property(
          fc
            .array(fc.constantFrom('80', '0', '65535', '7', '-', ':', '/', 'tcp', 'udp', '[', ']', '::1', '127.0.0.1', '9-8'))
            .map((parts) => parts.join('')),
          (text) => {
            try {
              for (const { hostPort, containerPort } of parsePublish(text)) {
                assert.ok(containerPort > 0 && containerPort < 65536 && (hostPort === undefined || (hostPort > 0 && hostPort < 65536)), text);
              }
            } catch (error) {
              assert.ok(error instanceof UnbakeError && error.code === 'usage', String(error));
            }
          },
        ),
      );
    });
  });

  describe('--volume', () => {
    it('takes docker’s forms', () => {
      const table: Readonly<Record<string, readonly [string, string, boolean]>> = {
        '/host:/there': ['/host', '/there', false],
        '/host/:/there/:ro': ['/host', '/there', true],
        '/host:/there:rw,z': ['/host', '/there', false],
        '/host:/there:Z,ro': ['/host', '/there', true],
        './x:/y': ['/home/me/x', '/y', false],
        '.:/y': ['/home/me', '/y', false],
        '../x:/y//z/../w': ['/home/x', '/y/w', false],
        '/data': ['', '/data', false],
      };
      for (const [text, [source, destination, isReadOnly]] of Object.entries(table)) {
        assert.deepEqual(parseVolume(text, '/home/me'), { source, destination, isReadOnly }, text);
      }
    });

    it('refuses the rest, and says what to write for a named volume', async () => {
      for (const text of [
        '',
        ':',
        'x',
        '/',
        ':/x',
        '/x:',
        '/x:y',
        '/x:/',
        '/x:/y/..',
        '/x:/y:',
        '/x:/y:wo',
        '/x:/y:ro,rw',
        '/x:/y:rshared',
        '/x:/y:nocopy',
        '/x:/y:ro:z',
      ]) {
        assert.throws(() => parseVolume(text, '/home/me'), usage(/^--volume /), text);
      }
      assert.throws(() => parseVolume('data:/var/lib', '/'), { hint: /\.\/data:\/var\/lib/ });
      await assert.rejects(requestOf({ volume: ['/a:/x', '/b:/x/'] }), usage(/two are to be at \/x/));
      assert.equal((await requestOf({ volume: ['/a:/x', '/a:/x'] })).volumes.length, 1);
    });

    it('makes nothing on the machine: what is to be mounted must be there', async () => {
      const isThere = (path: string) => path === '/home/me/here';
      const { volumes } = await requestOf({ volume: ['./here:/a', '/own'] }, [], { isThere });
      assert.equal(volumes.length, 2);
      await assert.rejects(requestOf({ volume: ['./her:/a'] }, [], { isThere }), usage(/there is no \/home\/me\/her on this machine/));
    });

    it('leaves to the caller the volumes of the image that it does not cover, and those without a source', async () => {
      const image = imageOf({ Volumes: { '/data': {}, '/logs/': {} } });
      const { volumes } = await requestOf({ volume: ['/host:/data', '/own', '/logs'] });
      assert.deepEqual(volumeDestinations(image, { volumes }), ['/logs', '/own']);
    });
  });

  describe('--env and --env-file', () => {
    const environment = { HOME: '/home/me', EMPTY: '', LANG: 'C' };

    it('are put together, files first, with the machine’s value only where a name stands alone', async () => {
      const files: Readonly<Record<string, string>> = { one: 'A=file\nLANG\nMISSING\n', two: 'A=second' };
      const request = await requestOf({ envFile: ['one', 'two'], env: ['A=flag=with=equals', 'EMPTY', 'HOME', 'toString', 'GONE'] }, [], {
        environment,
        readText: (path) => Promise.resolve(files[path]!),
      });
      assert.deepEqual(request.env, ['A=file', 'LANG=C', 'A=second', 'A=flag=with=equals', 'EMPTY=', 'HOME=/home/me', 'toString', 'GONE']);
    });

    it('leave what a file sets when the machine has no other value for it', async () => {
      const readText = () => Promise.resolve('DEBUG=file\nHOME=file\n');
      const { env } = await requestOf({ envFile: ['one'], env: ['DEBUG', 'HOME', 'GONE'] }, [], { environment, readText });
      assert.deepEqual(env, ['DEBUG=file', 'HOME=file', 'HOME=/home/me', 'GONE']);
    });

    it('are read as docker reads them: no quotes, no trimming behind the name', () => {
      const text = '\ufeff# comment\r\n\r\n  \t\nA="quoted" # not a comment \r\n  B = \n'.replace('B =', 'B=') + 'C==\nD=\n#E=1\n LANG\n';
      assert.deepEqual(parseEnvFile(text, 'file', environment), ['A="quoted" # not a comment ', 'B= ', 'C==', 'D=', 'LANG=C']);
    });

    it('name the line that is wrong, and not what it says', async () => {
      for (const [line, why] of [
        ['export A=hidden', /a space in line 2/],
        ['=hidden', /no name in line 2/],
        ['A =hidden', /a space in line 2/],
        ['A=hid\0den', /not text in line 2/],
        ['A=hidden\ufffd', /not text in line 2/],
      ] as const) {
        assert.throws(
          () => parseEnvFile(`OK=1\n${line}\n`, 'some.env', {}),
          (error: UnbakeError) => error.code === 'usage' && why.test(error.message) && !/hidden/.test(`${error.message}${error.hint}`),
        );
      }
      await assert.rejects(requestOf({ env: ['=hidden'] }), usage(/--env: a variable has no name/));
      await assert.rejects(requestOf({ envFile: ['gone.env'] }), usage(/--env-file gone.env cannot be read: no such file/));
    });
  });

  describe('--health-* and --no-healthcheck', () => {
    const image = imageOf({ Healthcheck: { Test: ['CMD', 'check'], Interval: 7e9, Retries: 5 } });
    const checkOf = async (flags: RunFlags, of = image) => healthcheckOf(of, await requestOf(flags));

    it('change the image’s check where they say something', async () => {
      assert.deepEqual(await checkOf({ healthcheck: true }), image.healthcheck);
      assert.equal(await checkOf({ healthcheck: false }), undefined);
      assert.deepEqual(await checkOf({ healthTimeout: '1m30s', healthStartPeriod: '1.5s', healthRetries: '0' }), {
        ...image.healthcheck,
        timeout: 90_000,
        startPeriod: 1_500,
      });
      const own = await checkOf({ healthCmd: 'curl -f localhost', healthInterval: '500ms', healthRetries: '1' });
      assert.deepEqual([own?.test, own?.interval, own?.retries], [['CMD-SHELL', 'curl -f localhost'], 500, 1]);
      assert.equal(await checkOf({ healthInterval: '1s' }, imageOf({})), undefined, 'times alone are no check');
    });

    it('are checked', async () => {
      await assert.rejects(requestOf({ healthcheck: false, healthCmd: 'x' }), usage(/contradict/));
      for (const time of ['5', '-5s', '1s ', 's', '1us', '1d'])
        await assert.rejects(requestOf({ healthInterval: time }), usage(/--health-interval/), time);
      await assert.rejects(requestOf({ healthRetries: 'two' }), usage(/--health-retries two/));
    });
  });

  it('know signals by name and number', () => {
    const table = { TERM: 'SIGTERM', sigusr1: 'SIGUSR1', '9': '9', '015': undefined, '15': '15', 'RTMIN+3': '37', 'SIGRTMAX-1': '63', RTMIN: '34' };
    for (const [text, signal] of Object.entries(table)) assert.equal(parseSignal(text), signal, text);
    const second = { SIGIOT: 'SIGABRT', poll: 'SIGIO', SIGCLD: 'SIGCHLD' };
    for (const [text, signal] of Object.entries(second)) assert.equal(parseSignal(text), signal, 'runc does not know SIGIOT and SIGPOLL');
    for (const text of ['', '0', '65', 'SIG', 'RTMIN-1', 'RTMIN+31', 'RTMAX-31', 'SIGSIGTERM', '-9'])
      assert.equal(parseSignal(text), undefined, text);
  });
});
