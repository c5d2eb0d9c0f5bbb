// Tar layers with tokens planted in them, and where each has to be found. One layer a case, so that the scan of one image
// answers for all of them.
import assert from 'node:assert/strict';
import { findingsOf, type JsonReport, line, scan } from './cli.ts';
import { archive, ociLayout } from './forms.ts';
import { assemble } from './image.ts';
import { githubToken } from './planted.ts';
import { file } from './raw-tar.ts';
import { scratch } from './scratch.ts';

export interface TarCase {
  readonly name: string;
  /** The whole tar. */
  readonly tar: (token: (seed: string) => string) => Buffer;
  /** By seed: the line that `line` gives, without its layer; undefined when only being found matters. */
  readonly expected: Readonly<Record<string, string | undefined>>;
  /** By seed: the byte offset in the file. */
  readonly offsets?: Readonly<Record<string, number>>;
}

export const twoLines = (token: string): string => `first line\nkey=${token}\n`;

/** An entry that must be found again behind whatever stands before it. */
export const next = file('srv/next', 'an ordinary file\n');

/** One `describe` with one `it` a case, and further ones that get the report. */
export function describeTars(title: string, cases: readonly TarCase[], further?: (report: () => JsonReport) => void): void {
  describe(title, function () {
    this.timeout(60_000);
    const files = scratch();
    let report: JsonReport;
    before(async () => {
      const image = assemble({ layers: cases.map((one) => ({ entries: [one.tar(githubToken)], raw: true })) });
      ({ report } = await scan(files.file(archive(ociLayout(image)))));
    });
    for (const [index, one] of cases.entries()) it(one.name, () => assertFound(report, index, one));
    further?.(() => report);
  });
}

function withoutFate(text: string): string {
  return text.replace(/ (?:visible|\w+ by \d+)$/, '');
}

function assertFound(report: JsonReport, index: number, one: TarCase): void {
  for (const [seed, expected] of Object.entries(one.expected)) {
    const findings = findingsOf(report, githubToken(seed)).filter((finding) => finding.layer?.index === index);
    assert.notDeepEqual(findings, [], `${seed} is lost`);
    // Layers of other cases may overwrite this one: what became of it is not the question here.
    if (expected !== undefined) assert.deepEqual([...new Set(findings.map((finding) => withoutFate(line(finding))))], [`${index} ${expected}`]);
    const offset = one.offsets?.[seed];
    if (offset !== undefined)
      assert.deepEqual(
        findings.map((finding) => finding.place.position.offset),
        [offset],
      );
    for (const finding of findings) assert.equal(finding.secret.value, githubToken(seed));
  }
}
