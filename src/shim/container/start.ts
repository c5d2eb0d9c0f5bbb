// Starts a container: takes its name, binds its ports, unpacks what is missing, and hands it to processes that outlive this command.
import { chmod, chown, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Exit, PublishedPort } from '../../model/container.ts';
import type { Digest } from '../../model/digest.ts';
import { isSystemError, UnbakeError } from '../../model/error.ts';
import type { Limits } from '../../model/limits.ts';
import type { Notice } from '../../model/report.ts';
import type { RunImage } from '../../model/run-image.ts';
import type { Home } from '../home.ts';
import { type LayerToUnpack, unpackLayers } from '../layers/layer-store.ts';
import { unpackMerged } from '../layers/merged.ts';
import { machineArchitecture, registeredInterpreters } from '../machine.ts';
import { requiredProgram } from '../runtime.ts';
import { assertRunnable } from '../spec/platform.ts';
import { healthcheckOf } from '../spec/health.ts';
import type { RunRequest } from '../spec/request.ts';
import { commandOf, stopSignalOf } from '../spec/runtime-config.ts';
import type { OpenedVault } from '../vault/open-vault.ts';
import { supervisorOf } from './attended.ts';
import { bindPorts, type BoundPort } from './bind-ports.ts';
import { cgroupOf } from './cgroup.ts';
import { deleteContainer } from './delete.ts';
import { remedyFor } from './failure.ts';
import { suggestedName } from './names.ts';
import { prepare } from './prepare.ts';
import { assertContainerName, createContainer, isBeingRemoved, isStillThere, type KeptContainer, newContainerId, ourIdentity } from './record.ts';
import { stateOf } from './state.ts';
import { killContainer } from './stop.ts';
import { keptTerminal, Supervisor } from './supervisor.ts';

export interface StartOptions {
  readonly home: Home;
  /** Absolute path of the OCI runtime. */
  readonly runtime: string;
  readonly name?: string;
  /** As the user typed it. */
  readonly reference: string;
  readonly image: {
    readonly config: RunImage;
    readonly manifestDigest: Digest;
    readonly configDigest: Digest;
    /** Lowest first. */
    readonly layers: readonly LayerToUnpack[];
  };
  readonly request: RunRequest;
  readonly isDetached: boolean;
  readonly isRemovedAfter: boolean;
  /** It ends with this process, however that ends. */
  readonly isBound?: true;
  readonly vault?: OpenedVault;
  /** Values that are kept out of the log: those of the vault, say. */
  readonly masked?: readonly Buffer[];
  readonly limits: Limits;
  readonly signal?: AbortSignal;
  readonly onStage?: (stage: string) => void;
}

export interface StartedContainer {
  readonly container: KeptContainer;
  readonly notices: readonly Notice[];
  /** When it has ended and everything of it is gone, the folder too where that was asked for. */
  ended(): Promise<Exit>;
  /** Lets this process end while the container runs on. */
  leave(): void;
  /** Ends it, if it has not ended, and removes it. */
  remove(): Promise<void>;
}

/** Returns when the program runs, or has run. Throws UnbakeError when it never did; then nothing is left of it. */
export async function startContainer(options: StartOptions): Promise<StartedContainer> {
  const { home, image, request } = options;
  if (options.name !== undefined) assertContainerName(options.name);
  assertRunnable(image.config, { os: 'linux', architecture: machineArchitecture() }, registeredInterpreters());
  const [command = ''] = commandOf(image.config, request);
  for (const [program, packageName] of neededPrograms) requiredProgram(program, packageName, 'running a container');
  const id = newContainerId();
  const record = {
    schemaVersion: 1,
    id,
    image: options.reference,
    imageDigest: image.manifestDigest,
    configDigest: image.configDigest,
    layers: image.layers.map(({ diffId }) => diffId),
    command,
    createdAt: new Date().toISOString(),
    network: request.network,
    stopSignal: stopSignalOf(image.config, request),
    stopTimeout: request.stopTimeout ?? 10,
    isRemovedAfter: options.isRemovedAfter,
    hasHealthcheck: healthcheckOf(image.config, request) !== undefined,
    cgroup: home.isRootless ? '' : cgroupOf(id),
    runtime: options.runtime,
    isRootless: home.isRootless,
    creator: ourIdentity(),
  } as const;
  // Before anything else: a clash is an error at once.
  const ports = await bindPorts(request.ports);
  try {
    const container = await named(home, options.name, { ...record, ports: ports.map(publishedPort) });
    return await new Start(options, container, ports).run();
  } finally {
    for (const port of ports) port.close();
  }
}

/** The program never ran; `exitCode` says why as docker does: 126 cannot be executed, 127 not there, else 125. */
export class StartError extends UnbakeError {
  readonly exitCode: number;
  /** What the runtime says. */
  readonly why: string;

  constructor(why: string, exitCode: number) {
    const hint = remedyFor(why);
    super('runtime', `the container cannot be started: ${why}`, hint === undefined ? {} : { hint });
    this.why = why;
    this.exitCode = exitCode === 126 || exitCode === 127 ? exitCode : 125;
  }
}

const neededPrograms = [
  ['unshare', 'util-linux'],
  ['mount', 'mount'],
  ['mkfifo', 'coreutils'],
] as const;

async function named(home: Home, name: string | undefined, record: KeptContainer['record']): Promise<KeptContainer> {
  if (name !== undefined) return createContainer(home, name, record);
  for (;;) {
    try {
      return await createContainer(home, suggestedName(), record);
    } catch (thrown) {
      if (!(thrown instanceof UnbakeError && thrown.code === 'conflict')) throw thrown;
    }
  }
}

/**
 * The root directory of an overlay shows the mode and owner of its uppermost folder. Engines let everybody into it: layers are often made from
 * temporary folders that are closed to others.
 */
async function likeDirectory(folder: string, model: string, isRootless: boolean): Promise<void> {
  const { uid, gid, mode } = await stat(model);
  if (!isRootless) await chown(folder, uid, gid);
  await chmod(folder, (mode & 0o7777) | 0o755);
}

function publishedPort({ hostAddress, hostPort, containerPort, protocol }: BoundPort): PublishedPort {
  return { hostAddress, hostPort, containerPort, protocol };
}

class Start {
  readonly #options: StartOptions;
  readonly #container: KeptContainer;
  readonly #ports: readonly BoundPort[];
  readonly #notices: Notice[];

  constructor(options: StartOptions, container: KeptContainer, ports: readonly BoundPort[]) {
    this.#options = options;
    this.#container = container;
    this.#ports = ports;
    this.#notices = [...(options.vault?.notices ?? [])];
  }

  async run(): Promise<StartedContainer> {
    const { home, request, isDetached } = this.#options;
    let supervisor: Supervisor | undefined;
    try {
      const layerCount = await this.#stackLayers();
      this.#options.signal?.throwIfAborted();
      const restoreTerminal = request.isTty ? keptTerminal() : undefined;
      supervisor = Supervisor.start(this.#container, {
        sockets: request.network === 'host' ? [] : this.#ports,
        streams: isDetached ? 'detached' : request.isTty ? 'terminal' : 'attached',
        hasInput: request.isInteractive,
        isBound: this.#options.isBound === true,
        layerCount,
      });
      const pid = await this.#mounted(supervisor);
      this.#options.signal?.throwIfAborted();
      this.#notices.push(...(await this.#prepare(pid)));
      supervisor.proceed();
      await this.#running(supervisor);
      return this.#started(supervisor, restoreTerminal);
    } catch (thrown) {
      const isThere = (await isStillThere(this.#container)) && !isBeingRemoved(this.#container);
      // Their memory went with the processes, and a file in it under our hands.
      const isKilled =
        isSystemError(thrown, 'ENOENT', 'ENOTDIR', 'ESRCH') && supervisor !== undefined && (await supervisorOf(this.#container)) === undefined;
      supervisor?.release();
      await killContainer(this.#container);
      await supervisor?.gone;
      await deleteContainer(this.#container, home);
      if (!isThere) throw new UnbakeError('conflict', `container ${this.#container.name} was removed while it was being started`, { cause: thrown });
      throw isKilled ? new StartError('its processes were killed', 125) : thrown;
    }
  }

  /** Unpacks what is missing and links the trees where the supervisor looks for them; gives their number, 0 where only one merged tree does it. */
  async #stackLayers(): Promise<number> {
    const { home, image } = this.#options;
    const { folder } = this.#container;
    let trees: readonly string[];
    try {
      const unpacked = await unpackLayers(home, image.layers, this.#unpacking());
      this.#notices.push(...unpacked.notices);
      ({ trees } = unpacked);
    } catch (thrown) {
      // Marks of an overlay that this machine lets nobody make: `#mounted` unpacks into one tree.
      if (!(thrown instanceof UnbakeError && thrown.code === 'unsupported')) throw thrown;
      return 0;
    }
    for (const [index, tree] of trees.entries()) await symlink(tree, join(folder, 'layers', String(index)));
    const top = trees.at(-1);
    if (top !== undefined) await likeDirectory(join(folder, 'upper'), top, home.isRootless);
    return trees.length;
  }

  /** The number of pid 1 of the container's namespaces, once its root file system is there. */
  async #mounted(supervisor: Supervisor): Promise<number> {
    const { home, image } = this.#options;
    const tree = join(this.#container.folder, 'tree');
    for (;;) {
      const word = await supervisor.next();
      switch (word?.kind) {
        case 'mounted':
          return word.pid;
        case 'merge':
          this.#options.onStage?.('unpacking into one tree, for the kernel refuses an overlay here');
          this.#notices.push(...(await unpackMerged(home, tree, image.layers, this.#unpacking())));
          await likeDirectory(tree, tree, home.isRootless);
          supervisor.proceed();
          break;
        default: {
          const why = [...(word?.kind === 'failed' ? [word.why] : []), await supervisor.complaint()].filter((text) => text !== '').join(': ');
          throw new UnbakeError('runtime', `the namespaces of the container cannot be set up: ${why || 'its processes ended'}`, {
            hint: home.isRootless
              ? 'the kernel must allow user namespaces to users (sysctl user.max_user_namespaces; Debian: kernel.unprivileged_userns_clone=1; Ubuntu: kernel.apparmor_restrict_unprivileged_userns=0); or run as root'
              : 'inside another container this needs its --privileged',
          });
        }
      }
    }
  }

  #prepare(pid: number): Promise<readonly Notice[]> {
    const { image, request, vault, isDetached, masked = [] } = this.#options;
    return prepare(this.#container, pid, {
      image: image.config,
      request,
      ports: this.#ports,
      masked,
      isAttached: !isDetached,
      ...(vault === undefined ? {} : { vault }),
    });
  }

  /** Throws UnbakeError with the runtime's reason when the program could not be started. */
  async #running(supervisor: Supervisor): Promise<void> {
    const word = await supervisor.next();
    if (word?.kind === 'started') return;
    const state = await stateOf(this.#container);
    if (state.kind === 'exited' && state.startedAt !== undefined) return;
    const error = state.kind === 'exited' ? state.error : undefined;
    const code = state.kind === 'exited' ? state.exitCode : 125;
    throw new StartError(error ?? ((await supervisor.complaint()) || 'the OCI runtime does not say why'), code);
  }

  #started(supervisor: Supervisor, restoreTerminal: (() => void) | undefined): StartedContainer {
    const container = this.#container;
    const { home } = this.#options;
    return {
      container,
      notices: this.#notices,
      leave: () => supervisor.leave(),
      async remove() {
        supervisor.release();
        await killContainer(container);
        await supervisor.gone;
        await deleteContainer(container, home);
      },
      async ended() {
        for (let word = await supervisor.next(); word !== undefined && word.kind !== 'ended';) word = await supervisor.next();
        restoreTerminal?.();
        const state = await stateOf(container);
        supervisor.release();
        await supervisor.gone;
        // Whose work that is may have been killed.
        if (container.record.isRemovedAfter) await deleteContainer(container, home);
        if (state.kind !== 'exited')
          throw new UnbakeError('runtime', `container ${container.name} is out of sight`, { hint: 'unbake ps tells what became of it' });
        return state;
      },
    };
  }

  #unpacking() {
    const { limits, signal, onStage } = this.#options;
    return {
      limits,
      ...(signal === undefined ? {} : { signal }),
      onLayer: (number: number, of: number) => onStage?.(`unpacking layer ${number} of ${of}`),
    };
  }
}
