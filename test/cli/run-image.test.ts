// Which of the images of an archive `unbake run` takes, when there are several.
import assert from 'node:assert/strict';
import { chosenImage } from '../../src/cli/run-image.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import { UnbakeError } from '../../src/model/error.ts';
import type { Image } from '../../src/model/image.ts';
import { machineArchitecture } from '../../src/shim/machine.ts';

const ours = `linux/${machineArchitecture()}`;

/** `name platform` of each. */
function chosen(all: readonly string[], platform?: string): string {
  const images = all.map((each) => {
    const [name, of] = each.split(' ');
    return { name, ...(of === undefined ? {} : { platform: of }) } as Image;
  });
  try {
    const image = chosenImage({ images }, { reference: 'some.tar', limits: defaultLimits, ...(platform === undefined ? {} : { platform }) });
    return `${image.name} ${image.platform ?? ''}`.trim();
  } catch (thrown) {
    assert.ok(thrown instanceof UnbakeError);
    return `${thrown.code}: ${thrown.message}`;
  }
}

describe('the image to be run', () => {
  it("is the only one, or the one for this machine; another machine's alone is for whoever runs it to judge", () => {
    assert.equal(chosen([`app:1 ${ours}`]), `app:1 ${ours}`);
    assert.equal(chosen(['app:1']), 'app:1');
    assert.equal(chosen(['app:1 linux/s390x', `app:1 ${ours}`, 'app:1 windows/amd64']), `app:1 ${ours}`);
    assert.equal(chosen(['app:1 linux/s390x']), 'app:1 linux/s390x');
  });

  it('is the one for the platform that was asked for', () => {
    assert.equal(chosen(['app:1 linux/s390x', `app:1 ${ours}`], 'linux/s390x'), 'app:1 linux/s390x');
    assert.equal(chosen(['app:1 linux/arm/v6', 'app:1 linux/arm/v7'], 'linux/arm/v7'), 'app:1 linux/arm/v7');
    assert.match(
      chosen(['app:1 linux/s390x'], 'linux/riscv64'),
      /^no-such-platform: some\.tar has no image for linux\/riscv64: it has linux\/s390x$/,
    );
  });

  it('is of several variants the one that every machine runs', () => {
    assert.equal(chosen([`app:1 ${ours}/v3`, `app:1 ${ours}`, `app:1 ${ours}/v2`]), `app:1 ${ours}`);
    assert.equal(chosen(['app:1 linux/arm/v7', 'app:1 linux/arm/v6'], 'linux/arm'), 'app:1 linux/arm/v6');
  });

  it('is not guessed between different ones', () => {
    assert.equal(chosen([`app:1 ${ours}`, `app:2 ${ours}`]), `usage: some.tar holds 2 images: app:1 (${ours}), app:2 (${ours})`);
    assert.match(chosen(['app:1 linux/s390x', `app:1 ${ours}`], 'all'), /^usage: some\.tar holds 2 images/);
    assert.match(chosen([`app:1 ${ours}`, `app:1 ${ours}`]), /^usage: some\.tar holds 2 images/);
  });
});
