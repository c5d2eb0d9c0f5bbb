// Texts of SARIF are not plain: `{0}` stands for an argument (SARIF 2.1.0, 3.11.5) and `[text](target)` is a link (3.11.6).
// A path in an image may hold either.

/** Doubles braces around numbers only: readers that know no arguments, GitHub among them, show doubled braces as they stand. */
export function sarifMessage(text: string): string {
  return text.replace(/\{(\d+)\}/g, '{{$1}}').replaceAll('](', '] (');
}
