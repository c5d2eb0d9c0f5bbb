// Whether this machine's kernel can start the programs of an image, by itself or through an emulator that is registered with it.
import { UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';

/** In Go's spelling; '' when it is not known. */
export interface BuiltFor {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** What a processor runs besides its own. Not every arm64 has the 32-bit mode: where it has not, the start fails. */
const alsoRuns: Readonly<Record<string, readonly string[]>> = { amd64: ['386'], arm64: ['arm'], mips64le: ['mipsle'], mips64: ['mips'] };

/** How qemu calls the architectures that are called otherwise. */
const qemuNames: ReadonlyMap<string, string> = new Map([
  ['amd64', 'x86_64'],
  ['386', 'i386'],
  ['arm64', 'aarch64'],
  ['loong64', 'loongarch64'],
  ['mipsle', 'mipsel'],
  ['mips64le', 'mips64el'],
]);

/**
 * Throws UnbakeError `no-such-platform` that says what to do. `registered`: the names in /proc/sys/fs/binfmt_misc. What an image does not say is taken for the
 * machine's. Variants are compared on arm alone: what an amd64 has (v2, v3) is not known, so it is tried.
 */
export function assertRunnable(image: BuiltFor, machine: BuiltFor, registered: ReadonlySet<string>): void {
  const os = image.os === '' ? 'linux' : image.os;
  const architecture = image.architecture === '' ? machine.architecture : image.architecture;
  const name = printable([os, architecture, ...(image.variant ? [image.variant] : [])].join('/'));
  if (os !== 'linux') {
    throw new UnbakeError('no-such-platform', `the image is for ${name}, and this machine runs linux/${machine.architecture}`, {
      hint: `look for a linux variant of it with --platform linux/${machine.architecture}`,
    });
  }
  const isOurs = architecture === machine.architecture && !isTooNewArm(image.variant, machine);
  const emulator = `qemu-${qemuNames.get(architecture) ?? architecture}`;
  const isEmulated = registered.has(emulator) || (architecture === 'amd64' && registered.has('rosetta'));
  if (isOurs || alsoRuns[machine.architecture]?.includes(architecture) || isEmulated) return;
  throw new UnbakeError('no-such-platform', `the image is for ${name}, and this machine runs linux/${machine.architecture}`, {
    hint: `choose the variant for this machine with --platform linux/${machine.architecture} if the image has one, or have the kernel emulate it: install qemu-user-static, which registers ${printable(emulator)}`,
  });
}

function isTooNewArm(variant: string | undefined, machine: BuiltFor): boolean {
  const [wanted, had] = [variant, machine.variant].map((text) => Number(/^v(\d)$/.exec(text ?? '')?.[1] ?? Number.NaN));
  return machine.architecture === 'arm' && wanted! > had!;
}
