// References in the spellings of skopeo (containers-transports(5)) and syft.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { UnbakeError } from '../../src/model/error.ts';
import { normalizeName, parseReference } from '../../src/model/reference.ts';

const isUsage = (thrown: unknown) => thrown instanceof UnbakeError && thrown.code === 'usage';

describe('parseReference', () => {
  const table: readonly (readonly [typed: string, expected: object])[] = [
    ['-', { kind: 'stdin' }],
    ['app.tar', { kind: 'path', path: 'app.tar' }],
    ['./-', { kind: 'path', path: './-' }],
    ['/srv/images/app.tar.gz', { kind: 'path', path: '/srv/images/app.tar.gz' }],
    ['app:1.0', { kind: 'path', path: 'app:1.0' }],
    ['C:\\images\\app.tar', { kind: 'path', path: 'C:\\images\\app.tar' }],
    ['constructor:x', { kind: 'path', path: 'constructor:x' }],
    ['__proto__:x', { kind: 'path', path: '__proto__:x' }],
    ['OCI:layout', { kind: 'path', path: 'OCI:layout' }],
    ['file:app.tar', { kind: 'path', path: 'app.tar' }],
    ['docker-archive:app.tar', { kind: 'docker-archive', path: 'app.tar' }],
    ['docker-archive:app.tar:', { kind: 'docker-archive', path: 'app.tar' }],
    ['docker-archive:app.tar:app:1.0', { kind: 'docker-archive', path: 'app.tar', select: { name: 'app:1.0' } }],
    ['docker-archive:app.tar:docker.io/library/app:1.0', { kind: 'docker-archive', path: 'app.tar', select: { name: 'docker.io/library/app:1.0' } }],
    ['docker-archive:app.tar:@0', { kind: 'docker-archive', path: 'app.tar', select: { index: 0 } }],
    ['docker-archive:app.tar:@12', { kind: 'docker-archive', path: 'app.tar', select: { index: 12 } }],
    ['oci-archive:app.tar:1.0', { kind: 'oci-archive', path: 'app.tar', select: { name: '1.0' } }],
    ['oci:layout', { kind: 'oci', path: 'layout' }],
    ['oci:/srv/layout:1.0', { kind: 'oci', path: '/srv/layout', select: { name: '1.0' } }],
    ['oci:layout:@1', { kind: 'oci', path: 'layout', select: { index: 1 } }],
    ['oci-dir:layout', { kind: 'oci', path: 'layout' }],
    ['docker://debian:12', { kind: 'registry', name: 'debian:12' }],
    ['registry:debian:12', { kind: 'registry', name: 'debian:12' }],
    ['docker-daemon:app:1.0', { kind: 'docker-daemon', name: 'app:1.0' }],
    ['docker:app:1.0', { kind: 'docker-daemon', name: 'app:1.0' }],
    ['podman:app', { kind: 'containers-storage', name: 'app' }],
    ['containers-storage:app', { kind: 'containers-storage', name: 'app' }],
  ];
  for (const [typed, expected] of table) {
    it(`reads ${typed}`, () => {
      assert.deepEqual(parseReference(typed), { ...expected, typed });
    });
  }

  for (const typed of [
    '',
    'oci:',
    'docker-archive:',
    'oci::1.0',
    'oci:layout:@',
    'oci:layout:@-1',
    'oci:layout:@x',
    'oci:layout:@1.5',
    'oci:layout:@ 1',
    'docker://',
  ]) {
    it(`refuses ${JSON.stringify(typed)}`, () => {
      assert.throws(() => parseReference(typed), isUsage);
    });
  }

  it('keeps what was typed, or says that it is wrong', () => {
    fc.assert(
      fc.property(fc.string(), (typed) => {
        try {
          assert.equal(parseReference(typed).typed, typed);
        } catch (thrown) {
          assert.ok(isUsage(thrown), String(thrown));
        }
      }),
    );
  });
});

describe('normalizeName', () => {
  const table: readonly (readonly [name: string, full: string])[] = [
    ['app', 'docker.io/library/app:latest'],
    ['app:1.0', 'docker.io/library/app:1.0'],
    ['team/app', 'docker.io/team/app:latest'],
    ['docker.io/library/app', 'docker.io/library/app:latest'],
    ['localhost/app', 'localhost/app:latest'],
    ['localhost:5000/app', 'localhost:5000/app:latest'],
    ['registry.example.com/team/app:1.0', 'registry.example.com/team/app:1.0'],
    [`app@sha256:${'a'.repeat(64)}`, `docker.io/library/app@sha256:${'a'.repeat(64)}`],
    ['host:5000/app:2', 'host:5000/app:2'],
  ];
  for (const [name, full] of table) {
    it(`makes ${name} ${full}`, () => {
      assert.equal(normalizeName(name), full);
      assert.equal(normalizeName(full), full);
    });
  }

  it('gives docker.io names the library that docker gives them', () => {
    assert.equal(normalizeName('docker.io/app'), 'docker.io/library/app:latest');
    assert.equal(normalizeName('index.docker.io/library/app'), 'docker.io/library/app:latest');
  });
});
