import assert from 'node:assert/strict';
import { defaultLimits } from '../../src/model/limits.ts';
import { parseJson } from '../../src/model/json.ts';
import { baseOf, diffIdsOf, instructionsOf } from '../../src/store/history.ts';

const node = (value: unknown) => parseJson(Buffer.from(JSON.stringify(value)), 'test', defaultLimits);

describe('instructionsOf', () => {
  it('gives each layer its instruction, those without a layer left out', () => {
    const history = [
      { created_by: 'ADD root' },
      { created_by: 'ENV A=1', empty_layer: true },
      { created_by: 'RUN x' },
      { created_by: 'CMD y', empty_layer: true },
      { created_by: 'COPY z', empty_layer: false },
    ];
    assert.deepEqual(instructionsOf(node({ history }), 3), ['ADD root', 'RUN x', 'COPY z']);
  });

  it('does not guess where the counts differ', () => {
    const history = [{ created_by: 'a' }, { created_by: 'b' }];
    for (const count of [0, 1, 3])
      assert.deepEqual(
        instructionsOf(node({ history }), count),
        Array.from({ length: count }, () => undefined),
      );
    assert.deepEqual(instructionsOf(node({}), 2), [undefined, undefined]);
    assert.deepEqual(instructionsOf(undefined, 1), [undefined]);
    assert.deepEqual(instructionsOf(node({ history: 'none' }), 1), [undefined]);
  });

  it('does not know what an entry does not say', () => {
    assert.deepEqual(instructionsOf(node({ history: [{}, { created_by: '' }, { created_by: 7 }] }), 3), [undefined, undefined, undefined]);
  });
});

describe('diffIdsOf', () => {
  it('gives them as they are written', () => {
    assert.deepEqual(diffIdsOf(node({ rootfs: { diff_ids: ['sha256:a', 7, 'b'] } })), ['sha256:a', '', 'b']);
    for (const value of [{}, { rootfs: {} }, { rootfs: [] }, { rootfs: { diff_ids: 'x' } }]) assert.deepEqual(diffIdsOf(node(value)), []);
  });
});

describe('baseOf', () => {
  it('reads the annotations of the specification', () => {
    const [digest, name] = ['org.opencontainers.image.base.digest', 'org.opencontainers.image.base.name'];
    assert.deepEqual(baseOf(node({ [digest]: 'd', [name]: 'n' })), { digest: 'd', name: 'n' });
    assert.deepEqual(baseOf(node({ [name]: 'n', [digest]: '' })), { name: 'n' });
    assert.equal(baseOf(node({ other: 'x' })), undefined);
    assert.equal(baseOf(undefined), undefined);
  });
});
