// The report of an image as it is written to a cache: masked, without values, and not judged.
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import type { Finding } from '../../model/finding.ts';
import { printable } from '../../model/printable.ts';
import type { Report, SkipReason } from '../../model/report.ts';
import { Secret } from '../../model/secret.ts';
import type { ScannedStore } from '../scan.ts';

export type UnjudgedReport = Omit<Report, 'verdict'>;

/** A finding as it is written: the mask in place of the secret. */
type KeptFinding = Omit<Finding, 'secret'> & { readonly secret: string };
type KeptReport = Omit<UnjudgedReport, 'findings'> & { readonly findings: readonly KeptFinding[] };

const passing: readonly SkipReason[] = ['rule-failed', 'missing', 'mismatch'];
/** A report with more takes long to tell anyway. */
const mostFindings = 50_000;
const maxOutputLength = 256 * 2 ** 20;

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/**
 * Its texts are masked; should one hold a value all the same (its printed form, say), it is not kept. Nor is what another run may not
 * repeat: a rule that was ended, a blob that is not there. Then it is undefined.
 */
export async function bytesOfReport({ report, holdsValue }: Pick<ScannedStore, 'report' | 'holdsValue'>): Promise<Buffer | undefined> {
  if (report.findings.length + report.skipped.length + report.notices.length > mostFindings) return undefined;
  if (report.skipped.some(({ reason }) => passing.includes(reason))) return undefined;
  // Of a secret its mask is written, which is all that any report without values shows of it.
  const text = JSON.stringify(report);
  for (const found of textsOf({ ...report, findings: report.findings.map(({ secret: _secret, ...rest }) => rest) }))
    if (holdsValue(found) || holdsValue(printable(found))) return undefined;
  return text.length <= maxOutputLength ? compress(text) : undefined;
}

/** Its secrets are without values. Throws, whatever it may be, for what `bytesOfReport` has not made. */
export async function reportIn(bytes: Buffer): Promise<UnjudgedReport> {
  const kept = JSON.parse((await decompress(bytes, { maxOutputLength })).toString()) as KeptReport;
  return { ...kept, findings: kept.findings.map((finding) => ({ ...finding, secret: maskedSecret(finding) })) };
}

function maskedSecret({ secret, secretId }: KeptFinding): Secret {
  if (typeof secret !== 'string' || typeof secretId !== 'string') throw new RangeError('a finding without a secret');
  return new Secret({ mask: secret, identity: secretId });
}

/** Every text at any depth. */
function* textsOf(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) yield* textsOf(item);
}
