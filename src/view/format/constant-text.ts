// The constants of compiled code as lines that read like source, so that a value stands beside its name: `name = "value"`.

/** Text in UTF-16 units that one file may give. */
const mostText = 32 * 2 ** 20;
const longestName = 128;
/** A longer value stands alone. A key of RSA with 4,096 bits has 3,300 characters in PEM. */
const longestPaired = 4096;
/** Code may give the same value to a name again and again. */
const mostPairs = 100_000;

export class ConstantText {
  readonly #lines: string[] = [];
  readonly #seen = new Set<string>();
  #length = 0;
  #pairs = 0;

  /** A value with the name that it is given. The same line comes once. False: it is too long for that, or there are too many. */
  pair(name: string, value: string): boolean {
    if (value === '' || name === '' || name.length > longestName || value.length > longestPaired || ++this.#pairs > mostPairs) return false;
    this.#add(`${name} = "${escaped(value)}"`);
    return true;
  }

  /** A value alone, as it is: it may have several lines. */
  alone(value: string): void {
    if (value.trim() !== '') this.#add(value);
  }

  #add(line: string): void {
    if (this.#seen.has(line) || this.#length > mostText) return;
    this.#length += line.length;
    this.#seen.add(line);
    this.#lines.push(line, '\n');
  }

  toBuffer(): Buffer {
    return Buffer.from(this.#lines.join(''));
  }
}

function escaped(value: string): string {
  return value.replace(/["\\\n\r]/g, (character) => (character === '\n' ? '\\n' : character === '\r' ? '\\r' : `\\${character}`));
}
