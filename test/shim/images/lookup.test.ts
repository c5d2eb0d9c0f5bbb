import assert from 'node:assert/strict';
import { UnbakeError } from '../../../src/model/error.ts';
import { type Digest, digestOf } from '../../../src/model/digest.ts';
import { type Findable, lookup } from '../../../src/shim/images/lookup.ts';

const at = (minute: number) => new Date(minute * 60_000).toISOString();
const digest = (start: string): Digest => `sha256:${start.padEnd(64, '0')}`;
const image = (manifest: string, config: string, names: readonly string[] = [], minute = 0): Findable => ({
  names,
  manifestDigest: digest(manifest),
  configDigest: digest(config),
  loadedAt: at(minute),
});

describe('looking a stored image up', () => {
  const web = image('aaaa1', 'cccc1', ['web:latest', 'web:1']);
  const api = image('aaaa2', 'cccc2', ['ghcr.io/team/api:2']);
  const local = image('bbbb', 'dddd', ['localhost/tool:latest']);
  const nameless = image('eeee', 'ffff');
  const images = [web, api, local, nameless];

  it('finds it by each of its names', () => {
    for (const name of ['web', 'web:1', 'docker.io/library/web', 'library/web:1']) assert.equal(lookup(images, name)?.image, web, name);
    assert.deepEqual(lookup(images, 'web')?.name, 'web:latest');
    assert.equal(lookup(images, 'ghcr.io/team/api:2')?.image, api);
    assert.equal(lookup(images, 'tool')?.image, local, 'as podman does');
    for (const name of ['api', 'web:2', '', 'nothing', 'sha256:']) assert.equal(lookup(images, name), undefined, name);
  });

  it('finds it by manifest and config, whole or by their first digits', () => {
    for (const text of [digest('eeee'), digest('ffff'), 'ffff', 'sha256:ffff0', 'eeee00', `anything@${digest('eeee')}`]) {
      assert.deepEqual(lookup(images, text), { image: nameless }, text);
    }
    assert.equal(lookup(images, 'fff'), undefined, 'three digits are a name');
    assert.equal(lookup(images, 'aaaa2')?.image, api);
    assert.equal(lookup(images, 'FFFF'), undefined);
  });

  it('prefers a name to digits', () => {
    const named = image('1234', '5678', ['ffff:latest']);
    assert.equal(lookup([...images, named], 'ffff')?.image, named);
  });

  it('refuses digits that several begin with, and lists these', () => {
    assert.throws(
      () => lookup(images, 'aaaa'),
      (thrown: UnbakeError) => thrown.code === 'usage' && thrown.message.includes('cccc1') && thrown.message.includes('ghcr.io/team/api:2'),
    );
  });

  it('takes the one that was loaded last of images that run the same', () => {
    const [older, newer] = [image('1111', '9999', [], 1), image('2222', '9999', [], 2)];
    assert.equal(lookup([newer, older], '9999')?.image, newer);
    assert.equal(lookup([older, newer], digest('9999'))?.image, newer);
    assert.equal(lookup([older, newer], '1111')?.image, older);
  });

  it('finds an image whose config is not known', () => {
    const broken = { names: ['broken:latest'], manifestDigest: digestOf(Buffer.from('x')), loadedAt: at(0) };
    assert.equal(lookup<Findable>([broken], 'broken')?.image, broken);
    assert.equal(lookup<Findable>([broken], broken.manifestDigest.slice(7, 15))?.image, broken);
  });
});
