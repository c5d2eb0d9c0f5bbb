// Certificates that stand in an image: no findings, but they tell whose a private key is. They are seen on the way, like a rule's finds.
import { printablePath } from '../model/entry.ts';
import type { Detector, Ruleset } from '../model/rule.ts';
import type { Certificate } from '../rule/certificates.ts';
import type { PlacedSighting } from './assemble.ts';
import type { LayerCertificate, LayerOrigin, LayerScan } from './layer-scan.ts';

const detector: Detector = { ruleId: 'certificate', keywords: ['BEGIN CERTIFICATE-----'], reach: { before: 16, after: 12 * 1024 } };

const extended = new WeakMap<Ruleset, readonly Detector[]>();

/** The detectors of the rules, and behind them the one for certificates. The same list for the same rules. */
export function detectorsOf(ruleset: Ruleset): readonly Detector[] {
  let detectors = extended.get(ruleset);
  if (detectors === undefined) extended.set(ruleset, (detectors = [...ruleset.detectors, detector]));
  return detectors;
}

/** More are in no image; each takes memory. */
const mostCertificates = 10_000;

/** The certificates of one layer, each once. */
export class SeenCertificates {
  readonly #seen = new Map<string, LayerCertificate>();

  add(origin: LayerOrigin, { spki, subject, notAfter }: Certificate): void {
    if (origin.kind === 'stray' || this.#seen.has(spki) || this.#seen.size >= mostCertificates) return;
    const place = [`/${printablePath(origin.entry.path).replace(/^\/+/, '')}`, ...(origin.kind === 'nested' ? origin.way : [])].join('!/');
    this.#seen.set(spki, { spki, subject, notAfter, place });
  }

  get all(): readonly LayerCertificate[] {
    return [...this.#seen.values()];
  }
}

/** The same sightings: a private key of which the image has a certificate says so, and is sure. */
export function matchedKeys(placed: readonly PlacedSighting[], layers: Iterable<Pick<LayerScan, 'certificates'>>): readonly PlacedSighting[] {
  if (!placed.some(({ detection }) => detection.publicKey !== undefined)) return placed;
  const certificates = new Map([...layers].flatMap((layer) => layer.certificates.map((certificate) => [certificate.spki, certificate])));
  return placed.map((sighting) => {
    const { detection } = sighting;
    const certificate = detection.publicKey === undefined ? undefined : certificates.get(detection.publicKey);
    if (certificate === undefined) return sighting;
    const { subject, place, notAfter } = certificate;
    const until = notAfter === '' ? '' : `, valid until ${notAfter}`;
    const proved = [...detection.proved, `key of the certificate ${subject === '' ? 'without a name' : subject} in ${place}${until}`];
    return { ...sighting, detection: { ...detection, confidence: 'high' as const, proved } };
  });
}
