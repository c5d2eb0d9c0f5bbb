// A report of a cleaning for the tests of its formats: of every kind of step one.
import type { CleanReport } from '../../src/model/clean-report.ts';
import type { PlanStep } from '../../src/model/plan.ts';
import { digest } from './sample-report.ts';

const common = { reason: 'because', findings: ['0123456789abcdef'], values: ['s1'], encodings: ['raw', 'base64'] };

export const steps: readonly PlanStep[] = [
  {
    ...common,
    kind: 'file',
    treatment: 'redact',
    layer: digest('layer'),
    path: '/app/.env',
    places: 2,
    isVisible: true,
    names: ['/app/link'],
    inside: ['gunzip!inner', 'b', 'c', 'd'],
  },
  { ...common, kind: 'header', treatment: 'redact', layer: digest('layer'), path: '/app/********', places: 1 },
  { ...common, kind: 'stray', treatment: 'redact', layer: digest('layer'), what: 'padding of an entry', places: 1 },
  { ...common, kind: 'compression', treatment: 'drop', layer: digest('layer'), what: 'the comment of a gzip header' },
  { ...common, kind: 'metadata', treatment: 'drop', document: digest('config'), pointer: 'config.Env[1]' },
  { ...common, kind: 'attached', treatment: 'drop', digest: digest('attestation'), what: 'attestation of something' },
  { ...common, kind: 'loose', treatment: 'drop', name: 'blobs/sha256/0123' },
];

export function cleaning(changes: Partial<CleanReport> = {}): CleanReport {
  return {
    version: '0.1.0',
    startedAt: '2026-11-21T10:00:00.000Z',
    finishedAt: '2026-11-21T10:00:02.000Z',
    reference: 'app.tar',
    output: 'clean.tar',
    plan: {
      format: 'unbake-plan',
      schemaVersion: 1,
      version: '0.1.0',
      reference: 'app.tar',
      images: [{ name: 'app:1', digest: digest('manifest') }],
      steps,
      remarks: ['a remark'],
    },
    images: [
      {
        name: 'app:1',
        tags: ['app:1'],
        platform: 'linux/amd64',
        before: { manifestDigest: digest('manifest'), configDigest: digest('config') },
        after: { manifestDigest: digest('new manifest'), configDigest: digest('new config') },
        layers: [0, 1].map((index) => ({
          index,
          before: { digest: digest(`l${index}`), diffId: digest(`t${index}`), size: 1 },
          after: { digest: digest(index === 0 ? 'l0' : 'new l1'), diffId: digest(index === 0 ? 't0' : 'new t1'), size: 1 },
          isTouched: index === 1,
        })),
      },
    ],
    proof: { checks: [{ name: 'rescan', isPassed: true, detail: 'nothing is found', problems: [] }], untouched: [] },
    undone: [],
    vault: { folder: 'vault', files: 1, variables: 2, isEncrypted: true },
    statement: 'statement.json',
    invalidated: [{ what: 'signature of it', digest: digest('signature') }],
    rotate: [
      {
        ruleId: 'github-token',
        name: 'GitHub token',
        secrets: 1,
        advice: 'Revoke it. See https://a.example/1',
        references: ['https://a.example/1', 'https://a.example/2'],
      },
    ],
    revoke: [digest('manifest')],
    cause: { advice: ['copy it no more'], patch: '--- a\n+++ b\n', dockerignore: ['.env'], buildFlags: ['--secret id=x'], remarks: ['look'] },
    skipped: [{ reason: 'damaged', place: 'layer 0', detail: 'broken' }],
    notices: [{ place: 'app.zip', detail: 'not searched' }],
    ...changes,
  };
}
