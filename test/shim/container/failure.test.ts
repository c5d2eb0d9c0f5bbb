// What OCI runtimes log when a program cannot be started, as one sentence and docker's number.
import assert from 'node:assert/strict';
import { remedyFor, startFailure } from '../../../src/shim/container/failure.ts';

const logged = (msg: string, level = 'error') => `${JSON.stringify({ level, msg, time: '2026-01-01T00:00:00Z' })}\n`;

describe('why a container never ran', () => {
  const cases: readonly (readonly [said: string, exitCode: number, told: string])[] = [
    [
      'runc run failed: unable to start container process: exec: "nope": executable file not found in $PATH',
      127,
      'exec: "nope": executable file not found in $PATH',
    ],
    [
      'runc run failed: unable to start container process: exec: "/x": stat /x: no such file or directory',
      127,
      'exec: "/x": stat /x: no such file or directory',
    ],
    ['runc run failed: unable to start container process: exec: "/etc": permission denied', 126, 'exec: "/etc": permission denied'],
    ['runc run failed: unable to start container process: exec: "/srv": is a directory', 126, 'exec: "/srv": is a directory'],
    ['runc run failed: unable to start container process: exec /x: exec format error', 126, 'exec /x: exec format error'],
    [
      'executable file `nope` not found in $PATH: No such file or directory',
      127,
      'executable file `nope` not found in $PATH: No such file or directory',
    ],
    ['open executable: Permission denied', 126, 'open executable: Permission denied'],
    [
      'cgroups in hybrid mode not supported, drop all controllers from cgroupv2',
      125,
      'cgroups in hybrid mode not supported, drop all controllers from cgroupv2',
    ],
    [
      'runc run failed: error during container init: error running hook #0: error running hook: exit status 1, stdout: , stderr: open("/dev/net/tun"): Permission denied\nchild failed(1)\n',
      125,
      'slirp4netns cannot set up --network bridge: open("/dev/net/tun"): Permission denied',
    ],
    // A mount of ours, and no program.
    [
      'runc run failed: error mounting "/a" to rootfs at "/b": no such file or directory',
      125,
      'error mounting "/a" to rootfs at "/b": no such file or directory',
    ],
  ];
  for (const [said, exitCode, error] of cases) {
    it(`${exitCode}: ${error}`, () => assert.deepEqual(startFailure(`${logged('warned', 'warning')}${logged(said)}`), { exitCode, error }));
  }

  it('is unknown without an error in the log, whatever is in it', () => {
    for (const log of ['', '\n\n', 'no JSON', 'null', '3', '[]', '{"level":"error"}', '{"level":"error","msg":{}}', logged('fine', 'info')])
      assert.equal(startFailure(log), undefined, log);
  });

  for (const [why, remedy] of [
    ['exec: "nope": executable file not found in $PATH', /--entrypoint/],
    ['executable file `nope` not found in $PATH: No such file or directory', /--entrypoint/],
    ['exec: "/x": stat /x: no such file or directory', /--entrypoint/],
    ['exec: "/x": permission denied', /mode/],
    ['exec /x: exec format error', /#!/],
    ['cgroups in hybrid mode not supported, drop all controllers from cgroupv2', /--runtime runc/],
    ['unable to apply cgroup configuration: mkdir /sys/fs/cgroup/cpuset/x: read-only file system', /privileged/],
    ['no cgroup mount found in mountinfo', /privileged/],
    ['error mounting "/etc/hosts" to rootfs at "/srv": mount /etc/hosts:/srv, flags: 0x5000: not a directory', /-v takes a file onto a file/],
  ] as const) {
    it(`has a remedy: ${why}`, () => assert.match(remedyFor(why) ?? '', remedy));
  }

  it('has no remedy that is not known', () => assert.equal(remedyFor('something else'), undefined));

  it('steers no terminal', () => {
    assert.doesNotMatch(startFailure(logged('exec: "\u001b[2J\u202e": not found'))!.error!, /[\u001b\u202e]/);
  });
});
