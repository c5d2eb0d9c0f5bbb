// The last step of the proof of a cleaning: the image as it was and the result are run, the result with what was removed given back.
import type { CleaningToTry } from '../clean/try-out.ts';
import type { VaultMember } from '../clean/vault/vault.ts';
import { type Blob, blobOf } from '../model/blob.ts';
import type { Comparison, HttpProbe } from '../model/comparison.ts';
import { UnbakeError } from '../model/error.ts';
import type { Limits } from '../model/limits.ts';
import { compareImages } from '../shim/compare/compare.ts';
import { withTrialHome } from '../shim/compare/trial-home.ts';
import type { Home } from '../shim/home.ts';
import { parseRunRequest } from '../shim/spec/request.ts';
import { type OpenedVault, openVaultMembers } from '../shim/vault/open-vault.ts';
import { surroundings } from './home-flag.ts';
import { chosenImage, openedImageFor } from './run-image.ts';
import { runnableImage } from '../shim/container/runnable-image.ts';

export interface TryOut {
  readonly home: Home;
  /** Absolute path of the OCI runtime. */
  readonly runtime: string;
  readonly reference: string;
  readonly probes: readonly HttpProbe[];
  /** Seconds. */
  readonly timeout?: number;
  readonly limits: Limits;
  mask(text: string): Promise<string>;
  readonly signal: AbortSignal;
  readonly onStage?: (stage: string) => void;
}

/** Throws UnbakeError, `no-such-platform` when none of the images is for this machine. */
export async function tryOut({ before, after, vault }: CleaningToTry, options: TryOut): Promise<Comparison> {
  const { home, runtime, reference, probes, timeout, limits, signal, onStage } = options;
  const request = await parseRunRequest({}, [], surroundings());
  const old = chosenImage(before, { reference, limits });
  const { store, image } = await openedImageFor(home, { reference: after, limits, signal });
  try {
    const opened = vault.length === 0 ? undefined : await openedInMemory(vault, image);
    const masked = opened === undefined ? {} : { masked: await opened.masked() };
    return await withTrialHome(home, (trials) => {
      const start = { home: trials, runtime, request, limits, signal, ...masked, ...(onStage === undefined ? {} : { onStage }) };
      return compareImages(
        { ...start, reference, image: runnableImage(old) },
        { ...start, reference: 'the result', image: runnableImage(image), ...(opened === undefined ? {} : { vault: opened }) },
        { probes, signal, mask: (text) => options.mask(text), ...(timeout === undefined ? {} : { timeout }) },
      );
    });
  } finally {
    await store.close();
  }
}

function openedInMemory(members: readonly VaultMember[], image: Parameters<typeof openVaultMembers>[1]): Promise<OpenedVault> {
  const byName = new Map(members.map((member) => [member.name, member]));
  return openVaultMembers(
    (name, work) => {
      const member = byName.get(name);
      if (member === undefined) throw new UnbakeError('not-found', `${name} is not in the vault`);
      return work(blobOfMember(member));
    },
    image,
    { identities: [] },
  );
}

function blobOfMember({ name, content }: VaultMember): Blob {
  if (typeof content === 'string') return blobOf(Buffer.from(content));
  if (typeof content !== 'function') return content;
  throw new UnbakeError('unsupported', `${name} of the vault is encrypted`);
}
