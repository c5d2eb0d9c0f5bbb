// What stands before the start of an image: it is scanned, and with findings that count it is not started. A verdict that was kept at an
// earlier start loads no rules and reads no layer.
import { judge } from '../judge/judge.ts';
import { counted } from '../model/counted.ts';
import { shortDigest } from '../model/digest.ts';
import { UnbakeError } from '../model/error.ts';
import type { Image, OpenedStore } from '../model/image.ts';
import { parseLimits } from '../model/limits.ts';
import { printable } from '../model/printable.ts';
import type { StoredImage } from '../model/stored-image.ts';
import { rulesetDigestOf } from '../rule/ruleset-digest.ts';
import { CacheFolder, cacheFolderPath } from '../scan/cache/cache-folder.ts';
import type { ScanTerms } from '../scan/cache/cache-key.ts';
import type { UnjudgedReport } from '../scan/cache/kept-report.ts';
import { verdictCache } from '../scan/cache/verdict-cache.ts';
import type { ConfiguredRules } from './configured.ts';
import type { ImageFlags } from './image-flags.ts';
import { fingerprintKey, policyOf, rulesetOptionsOf } from './policy.ts';
import type { ProgressLine } from './progress.ts';
import { useOfFolder } from './working-folder.ts';
import { refusalOf } from './refusal.ts';

export interface GateFlags extends Partial<ImageFlags> {
  /** Whatever is found: the image is started, and it is told. */
  readonly allowFindings?: true;
  /** False for --no-scan: nothing is looked at. */
  readonly scan: boolean;
}

type Opened = { readonly store: OpenedStore; readonly image: Image };

/**
 * Scans the image, or takes what an earlier scan of the same bytes with the same rules found, and judges that anew. Throws UnbakeError
 * `refused` when `unbake scan` would not exit with 0: for findings at or above `failOn`, and for parts that could not be read. With
 * `allowFindings` that becomes the notice, which may also say why nothing can be kept. `open` is called only for a scan, and what it
 * opened is closed again. Without `rc` in the flags no configuration of secretlint is looked for; ours is, in the working folder.
 */
export async function gate(
  image: StoredImage,
  open: () => Promise<Opened>,
  flags: GateFlags,
  version: string,
  progress: ProgressLine | undefined,
): Promise<{ readonly notice?: string }> {
  if (!flags.scan) return {};
  const use = await useOfFolder(process.cwd(), flags);
  const notices = [...use.notices];
  const policy = await policyOf(use.flags, { usesFolder: use.ignoreFile });
  const report = judge(await unjudged(image, open, use.flags, version, progress, (sentence) => notices.push(sentence)), policy);
  const refusal = refusalOf(report, use.flags.failOnIncomplete === true);
  const id = shortDigest(image.configDigest);
  if (refusal !== undefined && flags.allowFindings !== true) {
    throw new UnbakeError('refused', printable(`the image ${id} is not started: it ${refusal}`), {
      hint: [...use.notices, 'take them out with unbake clean, look at them all with unbake scan, or start it as it is with --allow-findings'].join(
        '; ',
      ),
    });
  }
  const suppressed = report.findings.filter(({ suppression }) => suppression !== undefined).length;
  if (suppressed > 0) notices.push(`the image ${id} has ${counted(suppressed, 'finding')} that the ignore file or the baseline suppresses`);
  if (refusal !== undefined) notices.unshift(printable(`the image ${id} is started all the same: it ${refusal}`));
  return notices.length === 0 ? {} : { notice: notices.join('; ') };
}

async function unjudged(
  image: StoredImage,
  open: () => Promise<Opened>,
  flags: GateFlags & ConfiguredRules,
  version: string,
  progress: ProgressLine | undefined,
  onTrouble: (sentence: string) => void,
): Promise<UnjudgedReport> {
  const limits = parseLimits(flags.limit ?? []);
  const ruleset = await rulesetDigestOf(rulesetOptionsOf(flags));
  if (ruleset === undefined) return (await scanNow(open, flags, version, progress, undefined)).report;
  const folder = new CacheFolder(cacheFolderPath(), { onTrouble });
  const terms: ScanTerms = { ruleset, limits, version, ...fingerprintKey() };
  const verdicts = verdictCache(folder, terms);
  const kept = await verdicts.get(image);
  if (kept !== undefined) return kept;
  const scanned = await scanNow(open, flags, version, progress, { folder, terms });
  await verdicts.put(image, scanned);
  return scanned.report;
}

/** Loads the rules. They are not imported above: that takes as long as the rest of a start. */
async function scanNow(
  open: () => Promise<Opened>,
  flags: GateFlags & ConfiguredRules,
  version: string,
  progress: ProgressLine | undefined,
  cache: { readonly folder: CacheFolder; readonly terms: ScanTerms } | undefined,
) {
  const [{ loadRuleset }, { scanStore }, { layerCache }, { interruptible }, { maskedError }] = await Promise.all([
    import('../rule/ruleset.ts'),
    import('../scan/scan.ts'),
    import('../scan/cache/layer-cache.ts'),
    import('./interrupt.ts'),
    import('./masked-error.ts'),
  ]);
  const ruleset = await loadRuleset(rulesetOptionsOf(flags));
  const { store, image } = await open();
  try {
    return await interruptible((signal) =>
      scanStore(alone(store, image), image.manifestDigest ?? 'the image', {
        ruleset,
        limits: parseLimits(flags.limit ?? []),
        platform: 'all',
        version,
        signal,
        isVerified: true,
        ...fingerprintKey(),
        ...(cache === undefined ? {} : { cache: layerCache(cache.folder, cache.terms) }),
        ...(progress === undefined ? {} : { onLayer: progress.show }),
      }),
    );
  } catch (thrown) {
    throw await maskedError(thrown, ruleset);
  } finally {
    progress?.clear();
    await store.close();
  }
}

/** The image as it is started, without its names and neighbours: what is kept is about its bytes. */
function alone(store: OpenedStore, image: Image): OpenedStore {
  const { name: _name, ...rest } = image;
  const bare: Image = { ...rest, name: image.manifestDigest ?? 'the image', tags: [], attached: [] };
  const { layout: _layout, problem: _problem, ...opened } = store;
  return { ...opened, images: [bare], unchosen: 0, documents: [], loose: [], skipped: [], notices: [] };
}
