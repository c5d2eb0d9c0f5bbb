// Reports for the tests of reports and judge: a plain one to vary, and one full of everything that strangers may write.
import { digestOf, type Digest } from '../../src/model/digest.ts';
import type { Finding, LayerRef, Place, Position } from '../../src/model/finding.ts';
import type { ImageInfo, Report, Skipped } from '../../src/model/report.ts';
import type { RuleInfo } from '../../src/model/rule.ts';
import { Secret } from '../../src/model/secret.ts';

/** Put together, so that no scanner takes this file for a leak. */
export const tokenValue = ['ghp', 'Zq7vTn3KwXr9BmLs2HdYc5FgJp8UaE4oNi6t'].join('_');

export function digest(name: string): Digest {
  return digestOf(Buffer.from(name));
}

export function position(line = 1, column = 1, length = 10): Position {
  return { line, column, endLine: line, endColumn: column + length, offset: 0, length };
}

export function file(path: string, line = 1, column = 1): Place {
  return { kind: 'file', path, position: position(line, column) };
}

export function layer(index: number): LayerRef {
  return { index, digest: digest(`blob ${index}`), diffId: digest(`tar ${index}`) };
}

export function finding(changes: Partial<Finding> = {}): Finding {
  return {
    fingerprint: '0123456789abcdef',
    secretId: 's1',
    ruleId: 'github-token',
    severity: 'critical',
    confidence: 'high',
    secret: new Secret(tokenValue),
    alsoRules: [],
    proved: [],
    place: file('/app/.env', 3, 12),
    fate: { kind: 'visible' },
    image: 0,
    layer: layer(2),
    createdBy: 'COPY . /app # buildkit',
    alsoAt: [],
    ...changes,
  };
}

export function rule(changes: Partial<RuleInfo> = {}): RuleInfo {
  return {
    id: 'github-token',
    name: 'GitHub token',
    severity: 'critical',
    confidence: 'high',
    description: 'A personal access token of GitHub. Its holder acts as the user.',
    advice: 'Revoke it in the settings of the account, then issue a new one.',
    references: ['https://docs.github.com/en/authentication/keeping-your-account-and-data-secure'],
    origin: 'builtin',
    keywords: ['ghp_'],
    ...changes,
  };
}

export function image(changes: Partial<ImageInfo> = {}): ImageInfo {
  return {
    name: 'registry.example:5000/team/app:1.0',
    tags: ['registry.example:5000/team/app:1.0'],
    manifestDigest: digest('manifest'),
    configDigest: digest('config'),
    platform: 'linux/amd64',
    layers: [0, 1, 2].map((index) => ({
      ...layer(index),
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      size: 1000,
      createdBy: `RUN step ${index}`,
      inherited: index === 0,
    })),
    ...changes,
  };
}

export function report(changes: Partial<Report> = {}): Report {
  const findings = changes.findings ?? [];
  return {
    version: '0.1.0',
    startedAt: '2026-11-21T10:00:00.000Z',
    finishedAt: '2026-11-21T10:00:02.500Z',
    reference: 'app.tar',
    images: [image()],
    findings,
    skipped: [],
    notices: [],
    coverage: { images: 1, layers: 3, entries: 12345, bytes: 2_345_678, documents: 14, inside: { documents: 0, bytes: 0 } },
    rules: findings.length > 0 ? [rule()] : [],
    verdict: {
      failOn: 'low',
      counted: findings.filter(({ suppression }) => suppression === undefined).length,
      complete: (changes.skipped ?? []).length === 0,
    },
    ...changes,
  };
}

/** Terminal escapes, workflow commands, line breaks, C1, bidirectional and zero-width characters, half a surrogate. */
export const hostileText = '\u001b]0;x\u0007\u001b[31m\r\n::error::x\n##[group]\u009b2J\u202e\u200b\u2028\ud800::set-output name=x::';

/** Every text that is not ours is hostile and carries a secret. */
export function hostileReport(secret: string): Report {
  const evil = `${hostileText}${secret}`;
  const places: Place[] = [
    file(`/${evil}`),
    { kind: 'header', path: `/etc/${evil}`, position: position() },
    { kind: 'stray', what: evil, position: position() },
    { kind: 'metadata', pointer: `config.Env[3]${evil}`, position: position() },
  ];
  const findings = places.flatMap((place, index) => [
    finding({
      place,
      fingerprint: `00000000000000${index}0`,
      secret: new Secret(secret),
      createdBy: `RUN ${evil}`,
      proved: [evil],
      fate: { kind: 'deleted', byLayer: 2, byInstruction: `RUN rm ${evil}` },
      alsoAt: [{ path: `/${evil}`, fate: { kind: 'unreachable', why: evil } }],
    }),
    finding({ place, fingerprint: `00000000000000${index}1`, secret: new Secret(secret), suppression: { by: 'ignorefile', reason: evil } }),
  ]);
  const skipped: Skipped[] = [
    { reason: 'damaged', place: evil, detail: evil, image: 0 },
    { reason: 'limit', limit: 'max-entry-size', place: evil, detail: evil },
  ];
  return report({
    reference: evil,
    images: [
      image({ name: evil, tags: [evil], platform: evil, layers: [{ ...layer(0), mediaType: hostileText, size: 1, createdBy: evil }] }),
      image(),
    ],
    findings,
    skipped,
    notices: [{ place: evil, detail: evil }],
    rules: [
      rule({
        name: `Name ${hostileText}`,
        description: hostileText,
        advice: `Revoke it.\n${hostileText}`,
        references: [hostileText, 'javascript:alert(1)'],
      }),
    ],
  });
}
