// What the machine can give, as the kernel tells it.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cgroupOf, cgroupVersion, removeCgroup } from '../../src/shim/container/cgroup.ts';
import { newContainerId } from '../../src/shim/container/record.ts';
import { canLimitSwap, capabilityBound, machineArchitecture, processorCount } from '../../src/shim/machine.ts';
import { needs, tool } from '../support/tool.ts';

describe('the machine', () => {
  it('has an architecture in the spelling of images', function () {
    needs(this, 'uname');
    const known: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' };
    const name = known[tool('uname', ['-m'])];
    if (name !== undefined) assert.equal(machineArchitecture(), name);
  });

  it('tells its processors and capabilities', () => {
    assert.ok(processorCount() >= 1);
    for (const name of capabilityBound() ?? []) assert.match(name, /^CAP_[A-Z_0-9]+$/);
  });

  it('has one of two kinds of cgroups, and can limit swap with the second', () => {
    assert.equal(cgroupVersion(), existsSync('/sys/fs/cgroup/cgroup.controllers') ? 2 : 1);
    assert.equal(canLimitSwap(2), true);
  });

  it('keeps no cgroup that is removed, and removes none but that', async () => {
    await removeCgroup('');
    await removeCgroup(cgroupOf(newContainerId()));
    assert.ok(existsSync('/sys/fs/cgroup'));
  });
});
