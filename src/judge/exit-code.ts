// What the process says to the shell. Part of the interface: scripts branch on these numbers.
import type { Comparison } from '../model/comparison.ts';
import type { ErrorCode } from '../model/error.ts';
import { isReadError, type Report } from '../model/report.ts';

export const exitCodes = {
  /** Nothing at or above the threshold. */
  clean: 0,
  findings: 1,
  /** A wrong flag, reference, rule file, configuration, ignore file or baseline. */
  usage: 2,
  /** The image could not be read, a report not be written, a container not be had. */
  unreadable: 3,
  /** Nothing that counts was found, in an image that was not read completely. */
  incomplete: 4,
  /** A cleaned image was not what the plan says, and was thrown away. */
  unproved: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Never clean after a read error, with `failOnIncomplete` not after a limit or a failed rule either. */
export function exitCodeFor(report: Report, failOnIncomplete: boolean): ExitCode {
  if (report.verdict.counted > 0) return exitCodes.findings;
  if (report.skipped.some(isReadError)) return exitCodes.incomplete;
  if (failOnIncomplete && report.skipped.length > 0) return exitCodes.incomplete;
  return exitCodes.clean;
}

/** Something that worked and does not is a finding; where nothing worked before, nothing was proved. */
export function exitCodeForComparison(verdict: Comparison['verdict']): ExitCode {
  switch (verdict) {
    case 'same':
    case 'works':
      return exitCodes.clean;
    case 'broken':
      return exitCodes.findings;
    case 'unclear':
      return exitCodes.incomplete;
  }
}

/** For a scan that ended without a report. */
export function exitCodeForError(code: ErrorCode): ExitCode {
  switch (code) {
    case 'usage':
      return exitCodes.usage;
    case 'interrupted':
      return exitCodes.interrupted;
    case 'not-found':
    case 'not-an-image':
    case 'no-such-platform':
    case 'damaged':
    case 'limit':
    case 'unsupported':
    case 'conflict':
    case 'runtime':
    case 'io':
      return exitCodes.unreadable;
    case 'refused':
      return exitCodes.findings;
    case 'unread':
      return exitCodes.incomplete;
    case 'unproved':
      return exitCodes.unproved;
  }
}
