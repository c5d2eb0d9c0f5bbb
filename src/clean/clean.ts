// Takes secrets out of an image: scan, plan, rewrite, prove, and only then put in place. The source is never written to; what fails on the
// way leaves nothing behind.
import { dirname } from 'node:path';
import type { Policy } from '../judge/judge.ts';
import { judge } from '../judge/judge.ts';
import type { CleanReport, Proof } from '../model/clean-report.ts';
import type { Comparison } from '../model/comparison.ts';
import { UnbakeError } from '../model/error.ts';
import type { Finding } from '../model/finding.ts';
import type { OpenedStore } from '../model/image.ts';
import type { Plan, PlanStep } from '../model/plan.ts';
import { printable } from '../model/printable.ts';
import { parseReference } from '../model/reference.ts';
import type { Report, Skipped } from '../model/report.ts';
import { type ScannedStore, type ScanOptions, scanStore } from '../scan/scan.ts';
import { Held } from '../store/held.ts';
import { openStore } from '../store/open.ts';
import { type OutputTarget, parseOutput, stageOutput } from '../store/output.ts';
import { isSamePlace } from '../store/same-place.ts';
import { stageFile, stageFolder } from '../store/staged.ts';
import { assertFree } from '../store/staged-folder.ts';
import { writeTargetOf } from '../store/write-target.ts';
import { type Applied, applyPlan } from './apply/apply-plan.ts';
import { causeInfo } from './tell/cause-info.ts';
import { gatherVault } from './vault/gather.ts';
import type { NewName } from './apply/image-names.ts';
import { type MadePlan, makePlan, planImages } from './plan/make-plan.ts';
import type { Planned } from './plan/planned.ts';
import { assertProved } from './prove/assert-proved.ts';
import { prove } from './prove/prove.ts';
import { runCheck, triedOut, type TryOut } from './try-out.ts';
import { assertSameImages, reconcile } from './plan/reconcile.ts';
import { imageInfos, revocable, rotations } from './tell/next-steps.ts';
import { assertPathsMeanSomething, modesOf, pathGlobs, requestOf, selectFindings, type SelectionRequest } from './plan/selection.ts';
import { cleaningStatement } from './tell/statement.ts';
import type { Mode } from './plan/treatment.ts';
import { encrypterFor } from './vault/age.ts';
import { type VaultContents, vaultMembers } from './vault/vault.ts';
import { Visibility } from './plan/visibility.ts';

export interface CleanOptions extends Omit<ScanOptions, 'known' | 'base' | 'cache' | 'isVerified'> {
  readonly policy: Policy;
  readonly selection: SelectionRequest;
  readonly modes: readonly Mode[];
  /** Where to, as `-o` spells it; without it only the plan is made. */
  readonly output?: string;
  /** A plan that was made before, to be carried out as it is. */
  readonly plan?: Plan;
  /** A new name for the one image that is written. */
  readonly tag?: string;
  readonly vault?: { readonly folder: string; readonly recipients: readonly string[] };
  /** File for the in-toto statement. */
  readonly statement?: string;
  readonly dockerfile?: { readonly name: string; readonly text: string };
  /** Go on although parts of the image cannot be read: then nothing is proved of those. */
  readonly allowUnread?: boolean;
  /** The last step of the proof: runs the image before and after. Its texts are masked by us. */
  readonly tryOut?: TryOut;
  readonly onStage?: (stage: string) => void;
}

export interface Cleaned {
  readonly report: CleanReport;
  /** The scan of the image as it was, judged. */
  readonly before: Report;
  /** The exact patch of the Dockerfile, values of it included; '' when there is none. */
  readonly patch: string;
}

/**
 * Throws UnbakeError: `usage` for a wrong selection, plan or output, `unread` when a part of the image cannot be read and that was not
 * allowed, `unproved` when the result is not what the plan says. Whatever is thrown, the target is as it was.
 */
export async function clean(reference: string, options: CleanOptions): Promise<Cleaned> {
  const startedAt = new Date().toISOString();
  const store = await openStore(parseReference(reference), options);
  try {
    const target = options.output === undefined ? undefined : parseOutput(options.output, store.form);
    // What cannot be written is told before anything is read.
    if (target !== undefined && target.kind !== 'stdout') await writeTargetOf(target.path);
    if (options.statement !== undefined) await writeTargetOf(options.statement);
    if (options.vault !== undefined) {
      await assertFree(options.vault.folder);
      await encrypterFor(options.vault.recipients);
    }
    const folder = target === undefined || target.kind === 'stdout' ? undefined : dirname(target.path);
    const held = new Held(folder);
    try {
      return await new Cleaning(reference, store, target, held, folder, startedAt, options).run();
    } finally {
      await held.close();
    }
  } finally {
    await store.close();
  }
}

class Cleaning {
  readonly #reference: string;
  readonly #store: OpenedStore;
  readonly #target: OutputTarget | undefined;
  readonly #held: Held;
  readonly #folder: string | undefined;
  readonly #startedAt: string;
  readonly #options: CleanOptions;

  constructor(
    reference: string,
    store: OpenedStore,
    target: OutputTarget | undefined,
    held: Held,
    folder: string | undefined,
    startedAt: string,
    options: CleanOptions,
  ) {
    this.#reference = reference;
    this.#store = store;
    this.#target = target;
    this.#held = held;
    this.#folder = folder;
    this.#startedAt = startedAt;
    this.#options = options;
  }

  async run(): Promise<Cleaned> {
    const { policy, plan } = this.#options;
    if (this.#target !== undefined) this.#assertNothingLost(this.#target);
    if (plan !== undefined)
      assertSameImages(
        plan,
        planImages(this.#store.images, (text) => text),
      );
    this.#stage('scanning');
    const scanned = await scanStore(this.#store, this.#reference, this.#options);
    if (scanned.problem !== undefined) throw scanned.problem;
    const before = judge(scanned.report, policy);
    if (this.#target !== undefined) this.#assertRead(before.skipped);

    const request = plan === undefined ? this.#options.selection : requestOf(plan);
    const visibility = new Visibility(this.#store.images, scanned.layers);
    const paths = pathGlobs(request.paths ?? [], visibility);
    const selected = selectFindings(scanned.report.findings, before, request, paths);
    this.#stage('searching for copies');
    const made = await makePlan(this.#store, scanned, selected, {
      ...this.#reading(),
      modes: plan === undefined ? this.#options.modes : modesOf(plan),
      paths,
      sparesGuesses: request.only === undefined && request.findings === undefined,
      version: this.#options.version,
      reference: this.#reference,
      onLayer: (number, of) => this.#stage(`searching for copies in layer ${number} of ${of}`),
    });
    if (plan === undefined) assertPathsMeanSomething(scanned.layers.values(), paths);
    const { planned, undone } = plan === undefined ? { planned: made.planned, undone: made.spared } : reconcile(plan, made);
    const cause = await causeInfo(selected, scanned, this.#options.dockerfile);
    const told = { before, scanned, selected, made, planned, undone, cause };
    return this.#target === undefined ? this.#cleaned(told) : this.#write(this.#target, told);
  }

  async #write(target: OutputTarget, told: Told): Promise<Cleaned> {
    const { scanned, made, planned } = told;
    this.#stage('rewriting');
    const name = this.#nameFor(target);
    const isDockerArchive = target.kind === 'docker-archive' || (target.kind === 'stdout' && target.form === 'docker-archive');
    const applied = await applyPlan(this.#store, scanned, made, planned, { ...this.#reading(), isDockerArchive, ...(name && { name }) });
    this.#stage('writing');
    // In place the whole source is replaced; under another name it stays what it was.
    const isAddition = target.kind === 'oci' && target.tag !== undefined && name !== undefined;
    const replaces = !isAddition && this.#isInPlace(target) && this.#store.unchosen === 0 ? 'all' : 'same names';
    const output = await stageOutput(target, applied.contents, { replaces, ...this.#signal() });
    const staged: { commit(): Promise<void>; discard(): Promise<void> }[] = [output];
    try {
      this.#stage('proving');
      const proof = await prove({
        ...applied,
        reference: output.reference,
        scanned,
        made,
        planned,
        keptValues: new Set(told.undone.flatMap(({ values }) => values)),
        options: { ...this.#options, ...this.#reading() },
      });
      assertProved(proof, scanned.mask);
      const contents = await this.#vaultContents(applied, told);
      const comparison = await this.#tryOut(output.reference, contents, scanned.mask);
      const vault = await this.#stageVault(contents);
      if (vault !== undefined) staged.unshift(vault.staged);
      const run = comparison === undefined ? [] : [runCheck(comparison)];
      const cleaned = this.#cleaned({
        ...told,
        applied,
        proof: { ...proof, checks: [...proof.checks, ...run] },
        ...(comparison === undefined ? {} : { comparison }),
        ...(vault === undefined ? {} : { vault: vault.info }),
      });
      if (this.#options.statement !== undefined) staged.unshift(await this.#stageStatement(this.#options.statement, cleaned.report, told));
      // The image comes last: when it is there, everything that belongs to it is.
      for (const each of staged) await each.commit();
      return cleaned;
    } catch (thrown) {
      for (const each of staged) await each.discard();
      throw thrown;
    }
  }

  async #vaultContents(applied: Applied, { scanned, planned }: Told): Promise<VaultContents | undefined> {
    const { vault, tryOut, version, limits } = this.#options;
    if (vault === undefined && tryOut === undefined) return undefined;
    const blobs = new Map(this.#store.images.flatMap(({ layers }) => layers.map(({ key, blob }) => [key, blob] as const)));
    const contents = await gatherVault({
      version,
      limits,
      scanned,
      planned,
      images: applied.images,
      variables: applied.variables,
      visibility: new Visibility(this.#store.images, scanned.layers),
      blobOf: (key) => blobs.get(key)!,
      hold: this.#reading().hold,
    });
    return contents.files.length + contents.variables.length === 0 ? undefined : contents;
  }

  async #tryOut(after: string, contents: VaultContents | undefined, mask: (text: string) => string): Promise<Comparison | undefined> {
    const { tryOut } = this.#options;
    if (tryOut === undefined) return undefined;
    this.#stage('running the image as it was and as it is now');
    const vault = contents === undefined ? [] : await vaultMembers(contents, []);
    return triedOut(tryOut, { before: this.#store, after, vault }, mask);
  }

  async #stageVault(contents: VaultContents | undefined) {
    const { vault } = this.#options;
    if (vault === undefined || contents === undefined) return undefined;
    const { files, variables } = contents;
    const staged = await stageFolder(vault.folder, await vaultMembers(contents, vault.recipients), { isPrivate: true, ...this.#signal() });
    return { staged, info: { folder: vault.folder, files: files.length, variables: variables.length, isEncrypted: vault.recipients.length > 0 } };
  }

  #stageStatement(file: string, report: CleanReport, { made }: Told) {
    const { version, ruleset } = this.#options;
    const ruleIds = [...new Set(made.values.flatMap(({ ruleIds: ids }) => ids))];
    const text = cleaningStatement({
      version,
      ruleset,
      ruleIds,
      finishedAt: report.finishedAt,
      plan: report.plan,
      images: report.images,
      proof: report.proof!,
    });
    return stageFile(file, text, { mode: 0o644, ...this.#signal() });
  }

  #cleaned(told: Told & { applied?: Applied; proof?: Proof; comparison?: Comparison; vault?: CleanReport['vault'] }): Cleaned {
    const { before, scanned, selected, made, planned, undone, cause, applied, proof, comparison, vault } = told;
    const { output, statement, version } = this.#options;
    const steps = planned.map(({ step }) => step);
    const report: CleanReport = {
      version,
      startedAt: this.#startedAt,
      finishedAt: new Date().toISOString(),
      reference: scanned.mask(this.#reference),
      ...(output === undefined ? {} : { output }),
      plan: { ...made.plan, steps },
      images: imageInfos(this.#store.images, scanned, applied),
      ...(proof === undefined ? {} : { proof }),
      ...(comparison === undefined ? {} : { comparison }),
      undone,
      ...(vault === undefined ? {} : { vault }),
      ...(applied === undefined || statement === undefined ? {} : { statement }),
      invalidated: steps.flatMap((step) => (step.kind === 'attached' ? [{ what: step.what, digest: step.digest }] : [])),
      rotate: rotations(selected, before),
      revoke: revocable(this.#store, scanned, planned),
      cause: cause.info,
      skipped: before.skipped,
      notices: [...before.notices, ...made.notices],
    };
    return { report, before, patch: cause.patch };
  }

  /** What the helpers below need to read and keep bytes. */
  #reading() {
    const { limits } = this.#options;
    return {
      limits,
      hold: (chunks: AsyncIterable<Uint8Array>) => this.#held.hold(chunks),
      scratch: () => new Held(this.#folder),
      ...this.#signal(),
    };
  }

  #signal(): { signal?: AbortSignal } {
    const { signal } = this.#options;
    return signal === undefined ? {} : { signal };
  }

  #stage(stage: string): void {
    this.#options.signal?.throwIfAborted();
    this.#options.onStage?.(stage);
  }

  #isInPlace(target: OutputTarget): boolean {
    const source = parseReference(this.#reference);
    return target.kind !== 'stdout' && 'path' in source && isSamePlace(source.path, target.path);
  }

  /** The name to be given to the result; none when it keeps the names that it has. */
  #nameFor(target: OutputTarget): NewName | undefined {
    const { tag } = this.#options;
    if (tag !== undefined) return { kind: 'full', name: tag };
    if (target.kind === 'stdout' || target.tag === undefined) return undefined;
    const isItsOwn = this.#isInPlace(target) && this.#store.images.every(({ tags }) => tags.includes(target.tag!));
    return isItsOwn ? undefined : { kind: target.kind === 'docker-archive' ? 'full' : 'short', name: target.tag };
  }

  /** An archive is replaced as a whole: images in it that were not asked for would be gone. */
  #assertNothingLost(target: OutputTarget): void {
    if (target.kind === 'oci' || this.#store.unchosen === 0 || !this.#isInPlace(target)) return;
    throw new UnbakeError('usage', `${printable(this.#reference)} holds ${this.#store.unchosen} more images, which would be lost`, {
      hint: 'write to another file, or name the archive alone to clean all of its images',
    });
  }

  #assertRead(skipped: readonly Skipped[]): void {
    if (skipped.length === 0 || this.#options.allowUnread === true) return;
    const [first] = skipped;
    throw new UnbakeError(
      'unread',
      `${skipped.length} parts of the image could not be read, so it cannot be proved clean: ${first.place}: ${first.detail}`,
      {
        hint: 'unbake scan tells all of them; --allow-unread cleans what can be read',
      },
    );
  }
}

/** What the stages hand on. */
interface Told {
  readonly before: Report;
  readonly scanned: ScannedStore;
  readonly selected: readonly Finding[];
  readonly made: MadePlan;
  readonly planned: readonly Planned[];
  readonly undone: readonly PlanStep[];
  readonly cause: Awaited<ReturnType<typeof causeInfo>>;
}
