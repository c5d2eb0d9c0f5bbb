// The start of an image by `unbake run`: found or copied into the local store, past the gate, and into a container.
import { UnbakeError } from '../model/error.ts';
import type { Limits } from '../model/limits.ts';
import { printable } from '../model/printable.ts';
import type { Notice } from '../model/report.ts';
import type { Ruleset } from '../model/rule.ts';
import type { StoredImage } from '../model/stored-image.ts';
import { runnableImage } from '../shim/container/runnable-image.ts';
import { type StartedContainer, startContainer } from '../shim/container/start.ts';
import type { Home } from '../shim/home.ts';
import { ImageStore } from '../shim/images/image-store.ts';
import type { RunFlags as RequestFlags, RunRequest } from '../shim/spec/request.ts';
import { openVault } from '../shim/vault/open-vault.ts';
import { gate, type GateFlags } from './gate.ts';
import type { HomeFlags } from './home-flag.ts';
import { interruptible } from './interrupt.ts';
import { type ProgressLine, progressOn } from './progress.ts';
import { rulesetOptionsOf } from './policy.ts';
import { storedImageFor } from './run-image.ts';
import { useOfFolder } from './working-folder.ts';

export interface RunFlags extends RequestFlags, GateFlags, HomeFlags {
  readonly detach?: true;
  readonly rm?: true;
  readonly name?: string;
  readonly runtime?: string;
  readonly platform?: string;
  readonly vault?: string;
  readonly vaultIdentity?: readonly string[];
}

/** What the flags ask for, and what the machine has. */
export interface Demands {
  readonly request: RunRequest;
  readonly limits: Limits;
  /** Absolute path of the OCI runtime. */
  readonly runtime: string;
  readonly home: Home;
}

export class Starting {
  readonly #reference: string;
  readonly #flags: RunFlags;
  readonly #version: string;
  readonly #demands: Demands;
  readonly #images: ImageStore;
  readonly #progress: ProgressLine | undefined;
  #begun: Promise<StartedContainer> | undefined;

  constructor(reference: string, flags: RunFlags, version: string, demands: Demands) {
    this.#reference = reference;
    this.#flags = flags;
    this.#version = version;
    this.#demands = demands;
    this.#images = new ImageStore(demands.home);
    this.#progress = progressOn(process.stderr, flags.quiet === true);
  }

  /** Throws UnbakeError of whatever step; then there is no container. */
  async run(): Promise<StartedContainer> {
    try {
      const started = await interruptible((signal) => this.#start(signal));
      return { ...started, notices: await this.#maskedNotices(started.notices) };
    } catch (thrown) {
      // What began after the interruption has nobody who attends to it.
      await this.#begun?.then(
        (late) => late.remove(),
        () => undefined,
      );
      throw await this.#masked(thrown);
    } finally {
      this.#progress?.clear();
    }
  }

  async #masked(thrown: unknown): Promise<unknown> {
    const { isAboutImage, maskedError } = await import('./masked-error.ts');
    return isAboutImage(thrown) ? maskedError(thrown, await this.#ruleset()) : thrown;
  }

  async #maskedNotices(notices: readonly Notice[]): Promise<readonly Notice[]> {
    if (notices.length === 0) return [];
    const { maskWith } = await import('./masked-error.ts');
    const mask = maskWith(() => this.#ruleset());
    return Promise.all(notices.map(async ({ place, detail }) => ({ place: await mask(place), detail: await mask(detail) })));
  }

  async #ruleset(): Promise<Ruleset> {
    const [{ loadRuleset }, { flags }] = await Promise.all([import('../rule/ruleset.ts'), useOfFolder(process.cwd(), this.#flags)]);
    return loadRuleset(rulesetOptionsOf({ ...flags, rc: false }));
  }

  async #start(signal: AbortSignal): Promise<StartedContainer> {
    const { home, limits } = this.#demands;
    const { platform } = this.#flags;
    const sought = { reference: this.#reference, limits, signal, onStage: this.#onStage, ...(platform === undefined ? {} : { platform }) };
    const { image, names } = await storedImageFor(home, sought);
    try {
      return await this.#startStored(image, names, signal);
    } catch (thrown) {
      if ((await this.#images.find(image.manifestDigest)) !== undefined) throw thrown;
      throw new UnbakeError('conflict', `${printable(this.#reference)} was removed from the local store while it was being started`, {
        hint: 'load it again with unbake load, or run it from where it stands, and prune when nothing is being started',
        cause: thrown,
      });
    }
  }

  /** The image gets the names only when it runs. */
  async #startStored(image: StoredImage, names: readonly string[], signal: AbortSignal): Promise<StartedContainer> {
    const { limits, ...demands } = this.#demands;
    const { detach, rm, name, vault: vaultFolder, vaultIdentity } = this.#flags;
    const open = () => this.#images.open(image, { platform: 'all', limits, signal });
    const { notice } = await gate(image, open, this.#flags, this.#version, this.#progress);
    this.#progress?.clear();
    if (notice !== undefined) process.stderr.write(`unbake: ${notice}\n`);
    const { store, image: opened } = await open();
    try {
      const vault = vaultFolder === undefined ? undefined : await openVault(vaultFolder, image, { identities: vaultIdentity ?? [] });
      this.#begun = startContainer({
        ...demands,
        reference: this.#reference,
        image: runnableImage(opened),
        isDetached: detach === true,
        isRemovedAfter: rm === true,
        limits,
        signal,
        onStage: this.#onStage,
        // An empty one is none, as with docker.
        ...(name ? { name } : {}),
        ...(vault === undefined ? {} : { vault, masked: await vault.masked() }),
      });
      const started = await this.#begun;
      for (const moved of names) {
        if ((await this.#images.findNamed(moved))?.name !== undefined)
          process.stderr.write(`unbake: ${printable(moved)} is now the name of this image\n`);
      }
      if (names.length > 0) await this.#images.add(store, [{ ...opened, tags: names }], { signal });
      return started;
    } finally {
      await store.close();
    }
  }

  readonly #onStage = (stage: string): void => this.#progress?.say(stage);
}
