// What -o says: forms, tags and compressions, and what cannot be written to.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { UnbakeError } from '../../src/model/error.ts';
import { type OutputForm, type OutputTarget, parseOutput } from '../../src/store/output.ts';
import { scratch } from '../support/scratch.ts';

describe('parseOutput', () => {
  const files = scratch();
  const none = { compression: 'none' } as const;
  const rows: readonly [text: string, source: OutputForm, target: OutputTarget][] = [
    ['docker-archive:out.tar', 'oci', { kind: 'docker-archive', path: 'out.tar', ...none }],
    ['docker-archive:out.tar:example.com/app:v1', 'oci', { kind: 'docker-archive', path: 'out.tar', tag: 'example.com/app:v1', ...none }],
    ['oci-archive:out.tgz:v1', 'docker-archive', { kind: 'oci-archive', path: 'out.tgz', tag: 'v1', compression: 'gzip' }],
    ['oci-archive:out.tar.zst', 'docker-archive', { kind: 'oci-archive', path: 'out.tar.zst', compression: 'zstd' }],
    ['oci:out', 'docker-archive', { kind: 'oci', path: 'out' }],
    ['oci:out:v1', 'docker-archive', { kind: 'oci', path: 'out', tag: 'v1' }],
    ['oci-dir:out.tar', 'docker-archive', { kind: 'oci', path: 'out.tar' }],
    ['-', 'docker-archive', { kind: 'stdout', form: 'docker-archive' }],
    ['-', 'oci-archive', { kind: 'stdout', form: 'oci-archive' }],
    ['-', 'oci', { kind: 'stdout', form: 'oci-archive' }],
    ['out', 'docker-archive', { kind: 'docker-archive', path: 'out', ...none }],
    ['out.TAR.GZ', 'docker-archive', { kind: 'docker-archive', path: 'out.TAR.GZ', compression: 'gzip' }],
    ['out', 'oci-archive', { kind: 'oci-archive', path: 'out', ...none }],
    ['file:out.tar', 'oci-archive', { kind: 'oci-archive', path: 'out.tar', ...none }],
    ['out', 'oci', { kind: 'oci', path: 'out' }],
    ['out.d', 'oci', { kind: 'oci', path: 'out.d' }],
    ['out.tar', 'oci', { kind: 'oci-archive', path: 'out.tar', ...none }],
    ['out.tgz', 'oci', { kind: 'oci-archive', path: 'out.tgz', compression: 'gzip' }],
    ['out/', 'docker-archive', { kind: 'oci', path: 'out/' }],
    ['a:b', 'oci-archive', { kind: 'oci-archive', path: 'a:b', ...none }],
    ['-x', 'oci-archive', { kind: 'oci-archive', path: '-x', ...none }],
  ];
  for (const [text, source, target] of rows) {
    it(`${text} from ${source}`, () => assert.deepEqual(parseOutput(text, source), target));
  }

  it('a folder that is there is a layout, whatever the source was', () => {
    const folder = files.newFolder();
    assert.deepEqual(parseOutput(folder, 'docker-archive'), { kind: 'oci', path: folder });
    assert.deepEqual(parseOutput(join(folder, 'x.tar'), 'docker-archive').kind, 'docker-archive');
  });

  for (const [text, code, words] of [
    ['', 'usage', /empty/],
    ['oci:', 'usage', /names nothing/],
    ['oci:dir:@1', 'usage', /number/],
    ['docker://example.com/app', 'unsupported', /skopeo copy/],
    ['registry:example.com/app', 'unsupported', /skopeo copy/],
    ['docker:app', 'unsupported', /docker load/],
    ['docker-daemon:app', 'unsupported', /docker load/],
    ['podman:app', 'unsupported', /podman load/],
  ] as const) {
    it(`"${text}" is refused and says what to do`, () => {
      assert.throws(
        () => parseOutput(text, 'oci'),
        (thrown) => thrown instanceof UnbakeError && thrown.code === code && words.test(`${thrown.message} ${thrown.hint}`),
      );
    });
  }
});
