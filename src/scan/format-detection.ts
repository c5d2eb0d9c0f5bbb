// What a format tells of a file (a private key in a key store) as a sighting of the rule for it.
import { createHash } from 'node:crypto';
import type { Position } from '../model/finding.ts';
import type { Detection, Ruleset } from '../model/rule.ts';
import { Secret } from '../model/secret.ts';
import { lowerConfidence, lowerSeverity } from '../model/severity.ts';
import type { FormatFind } from '../view/format/format.ts';

/** The value of a longer find is named by its digest. */
const longestValue = 8 * 1024;

/** Undefined when the rule for it is switched off. The value is the text of the find, or the base64 of its bytes, or their SHA-256. */
export function formatDetection(
  { kind, start, end, text, proved, severity, confidence }: FormatFind,
  file: Buffer,
  ruleset: Ruleset,
): { readonly detection: Detection; readonly position: Position } | undefined {
  const terms = ruleset.formats.get(kind);
  if (terms === undefined) return undefined;
  const { info, cap } = terms;
  const bytes = file.subarray(start, end);
  const value = text ?? valueOf(bytes);
  return {
    detection: {
      ruleId: info.id,
      severity: lowerSeverity(severity ?? info.severity, cap.severity),
      confidence: lowerConfidence(confidence ?? info.confidence, cap.confidence),
      secret: new Secret(value),
      // Indices of no text: the position counts.
      start,
      end,
      alsoRules: [],
      proved,
      isWholeFile: true,
    },
    position: { line: 1, column: 1, endLine: 1, endColumn: 2, offset: start, length: end - start },
  };
}

function valueOf(bytes: Buffer): string {
  return bytes.length <= longestValue ? bytes.toString('base64') : `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
