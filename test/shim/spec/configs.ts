// Runtime configurations for tests: an image, flags as on the command line, and what a machine would add.
import { defaultLimits } from '../../../src/model/limits.ts';
import { parseJson } from '../../../src/model/json.ts';
import type { RunImage } from '../../../src/model/run-image.ts';
import { parseRunRequest, type RunFlags, type RunRequest, type RunSurroundings } from '../../../src/shim/spec/request.ts';
import { parseRunImage } from '../../../src/shim/spec/run-image.ts';
import { type ConfigInput, runtimeConfig } from '../../../src/shim/spec/runtime-config.ts';
import type { RuntimeConfig } from '../../../src/shim/spec/oci-config.ts';
import { resolveUser } from '../../../src/shim/spec/user.ts';

/** An image with this `config` object, built for linux/amd64 unless `top` says otherwise. */
export function imageOf(config: object, top: object = {}): RunImage {
  return parseRunImage(jsonOf({ os: 'linux', architecture: 'amd64', ...top, config }));
}

export function jsonOf(value: unknown): ReturnType<typeof parseJson> {
  return parseJson(Buffer.from(JSON.stringify(value)), 'the config', defaultLimits);
}

/** The machine has no variables and no files but those of `surroundings`, and 4 processors. */
export function requestOf(flags: RunFlags = {}, args: readonly string[] = [], surroundings: Partial<RunSurroundings> = {}): Promise<RunRequest> {
  const readText = () => Promise.reject(new Error('no such file'));
  return parseRunRequest(flags, args, { readText, environment: {}, cwd: '/home/me', cpuCount: 4, ...surroundings });
}

/** A container of root on cgroup v1, called `test`, whose image has no /etc/passwd. */
export async function configOf(
  image: RunImage,
  flags: RunFlags = {},
  input: Partial<ConfigInput> = {},
  args: readonly string[] = [],
): Promise<RuntimeConfig> {
  const request = await requestOf(flags, args);
  return runtimeConfig({
    image,
    request,
    user: resolveUser(request.user ?? image.user, undefined, undefined),
    id: 'test',
    hostname: 'test',
    rootPath: 'rootfs',
    architecture: 'amd64',
    isRootless: false,
    cgroupVersion: 1,
    cgroupsPath: '/test',
    binds: [],
    vaultEnv: [],
    ...input,
  });
}
