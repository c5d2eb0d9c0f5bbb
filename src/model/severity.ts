// How bad a finding is, and how sure we are of it. Both lists run from least to most.

export const severities = ['info', 'low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof severities)[number];

export const confidences = ['low', 'medium', 'high'] as const;
export type Confidence = (typeof confidences)[number];

export function isSeverity(text: unknown): text is Severity {
  return (severities as readonly unknown[]).includes(text);
}

export function isAtLeast(severity: Severity, threshold: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(threshold);
}

/** For sorting worst first. */
export function bySeverity(a: Severity, b: Severity): number {
  return severities.indexOf(b) - severities.indexOf(a);
}

export function byConfidence(a: Confidence, b: Confidence): number {
  return confidences.indexOf(b) - confidences.indexOf(a);
}

/** The lower one of the two, or the first when there is no second. */
export function lowerSeverity(severity: Severity, most: Severity | undefined): Severity {
  return most !== undefined && isAtLeast(severity, most) ? most : severity;
}

export function lowerConfidence(confidence: Confidence, most: Confidence | undefined): Confidence {
  return most !== undefined && confidences.indexOf(confidence) > confidences.indexOf(most) ? most : confidence;
}
