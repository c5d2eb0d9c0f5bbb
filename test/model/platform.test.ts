import assert from 'node:assert/strict';
import { defaultLimits } from '../../src/model/limits.ts';
import { UnbakeError } from '../../src/model/error.ts';
import { parseJson } from '../../src/model/json.ts';
import { formatPlatform, matchesPlatform, parsePlatform, platformOf } from '../../src/model/platform.ts';

const node = (value: unknown) => parseJson(Buffer.from(JSON.stringify(value)), 'test', defaultLimits);

describe('parsePlatform', () => {
  it('reads os/architecture[/variant] and all', () => {
    assert.equal(parsePlatform('all'), 'all');
    assert.deepEqual(parsePlatform('linux/amd64'), { os: 'linux', architecture: 'amd64' });
    assert.deepEqual(parsePlatform('linux/arm/v7'), { os: 'linux', architecture: 'arm', variant: 'v7' });
  });

  for (const text of ['', 'linux', 'linux/', '/amd64', 'linux/arm/', 'linux/arm/v7/x', 'ALL', '//']) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parsePlatform(text),
        (thrown) => thrown instanceof UnbakeError && thrown.code === 'usage',
      );
    });
  }

  it('is the way back from formatPlatform', () => {
    for (const text of ['linux/amd64', 'linux/arm64/v8', 'windows/amd64']) {
      const platform = parsePlatform(text);
      assert.ok(platform !== 'all');
      assert.equal(formatPlatform(platform), text);
    }
  });
});

describe('matchesPlatform', () => {
  const armV7 = { os: 'linux', architecture: 'arm', variant: 'v7' };

  it('takes every variant when none is asked for, and the one that is', () => {
    assert.ok(matchesPlatform(armV7, { os: 'linux', architecture: 'arm' }));
    assert.ok(matchesPlatform(armV7, armV7));
    assert.ok(!matchesPlatform(armV7, { ...armV7, variant: 'v6' }));
    assert.ok(!matchesPlatform(armV7, { os: 'linux', architecture: 'arm64' }));
    assert.ok(!matchesPlatform(armV7, { os: 'windows', architecture: 'arm' }));
  });

  it('takes an image that does not say for one of any platform', () => {
    assert.ok(matchesPlatform(undefined, 'all'));
    assert.ok(matchesPlatform(undefined, armV7));
  });
});

describe('platformOf', () => {
  it('reads a config or descriptor, and what attestations write as no platform', () => {
    assert.deepEqual(platformOf(node({ os: 'linux', architecture: 'amd64', rootfs: {} })), { os: 'linux', architecture: 'amd64' });
    assert.deepEqual(platformOf(node({ os: 'linux', architecture: 'arm', variant: 'v7' })), { os: 'linux', architecture: 'arm', variant: 'v7' });
    assert.deepEqual(platformOf(node({ os: 'linux', architecture: 'arm', variant: '' })), { os: 'linux', architecture: 'arm' });
    for (const value of [
      { os: 'unknown', architecture: 'unknown' },
      { os: 'linux' },
      { architecture: 'amd64' },
      { os: 1, architecture: 2 },
      [],
      'linux',
      null,
    ])
      assert.equal(platformOf(node(value)), undefined);
    assert.equal(platformOf(undefined), undefined);
  });
});
