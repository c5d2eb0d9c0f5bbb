// What every report format is: a pure function from a report to pieces of text, joined by the caller with nothing in between.
import type { Report } from '../model/report.ts';

export interface ReportOptions {
  /** Gives the values of the secrets away, in every format; without it there is no way to them. */
  readonly showSecrets?: boolean;
  /** `text` only: lists suppressed findings instead of counting them. The other formats always hold them, marked. */
  readonly showSuppressed?: boolean;
  /** `text` only: 0 = no colour, then 16, 256 and 16 million colours. The caller knows the terminal, this room does not. */
  readonly colorLevel?: 0 | 1 | 2 | 3;
}

export type Reporter = (report: Report, options: ReportOptions) => Iterable<string>;
