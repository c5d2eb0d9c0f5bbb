// Which run of a SARIF log holds what: one run an image, so that GitHub closes alerts image by image, and one for what stands
// around the images. The runs are the same from scan to scan, with or without findings.
import type { Finding } from '../model/finding.ts';
import type { ImageInfo, Report, Skipped } from '../model/report.ts';
import type { Neutralise } from './neutral.ts';
import { repositoryOf } from './sarif-uri.ts';

/** GitHub rejects a file with more runs. */
export const mostRuns = 20;

/** What one run is about. */
export interface Scope {
  /** `automationDetails.id`: unique in the log, without tag or digest, so that it outlives a rebuild. */
  readonly id: string;
  readonly description: string;
  readonly images: readonly number[];
  readonly findings: readonly Finding[];
  readonly skipped: readonly Skipped[];
}

/** The run around the images comes last. With more images than GitHub allows runs, the surplus shares the run before it. */
export function scopesOf(report: Report, neutral: Neutralise): readonly Scope[] {
  const reference = idSegments(neutral(report.reference));
  const moreImages = `unbake/${reference}/more-images/`;
  const aroundImages = `unbake/${reference}/around-images/`;
  const ids = runIds(report.images, neutral, [moreImages, aroundImages]);
  const own = report.images.length < mostRuns ? report.images.length : mostRuns - 2;
  const scopes = ids.slice(0, own).map((id, index) => scopeOf(report, id, neutral(report.images[index]!.name) || 'An image without a name', [index]));
  if (own < report.images.length) {
    const rest = report.images.map((_, index) => index).slice(own);
    scopes.push(scopeOf(report, moreImages, `${rest.length} further images`, rest));
  }
  scopes.push(scopeOf(report, aroundImages, 'What stands around the images: index, unreferenced blobs, the archive itself', []));
  return scopes;
}

function scopeOf(report: Report, id: string, description: string, images: readonly number[]): Scope {
  const isAround = (image: number | undefined) => image === undefined || image >= report.images.length;
  const belongs = (image: number | undefined) => (isAround(image) ? images.length === 0 : images.includes(image!));
  return {
    id,
    description,
    images,
    findings: report.findings.filter(({ image }) => belongs(image)),
    skipped: report.skipped.filter(({ image }) => belongs(image)),
  };
}

/** In the order of the images. Of several with one repository and platform, the first by name has the plain id. */
function runIds(images: readonly ImageInfo[], neutral: Neutralise, taken: readonly string[]): readonly string[] {
  const ids = new Map<number, string>();
  const used = new Set(taken);
  const byName = images.map((image, index) => ({ image, index })).sort((a, b) => compare(a.image.name, b.image.name) || a.index - b.index);
  for (const { image, index } of byName) {
    const platform = idSegment(neutral(image.platform ?? 'unknown').replaceAll('/', '-'));
    const plain = `unbake/${idSegments(neutral(image.name))}/${platform}/`;
    let id = plain;
    for (let copy = 2; used.has(id); copy += 1) id = `${plain}${copy}/`;
    used.add(id);
    ids.set(index, id);
  }
  return images.map((_, index) => ids.get(index)!);
}

/** By code units: the order must not depend on where the tool runs. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function idSegments(name: string): string {
  return repositoryOf(name)
    .split('/')
    .filter((segment) => segment !== '')
    .map(idSegment)
    .join('/');
}

function idSegment(text: string): string {
  return text.replace(/[^A-Za-z0-9._-]/g, '_');
}
