// YAML that readers of version 1.1 (docker compose, kubectl) and 1.2 take for the same: what either could take for something else is quoted.
import { Document, Scalar, visit } from 'yaml';
import { hasUnprintable, withoutUnprintable } from './unprintable.ts';

/** A document with comment lines before it; these must be printable. */
export function yamlText(about: readonly string[], value: unknown): string {
  const document = new Document(value, { version: '1.1', aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      // What is a number to 1.2 is not always one to 1.1.
      if (typeof node.value === 'string' && (/^[-+.0-9]/.test(node.value) || hasUnprintable(node.value))) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  const text = document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER });
  const comments = about.map((line) => (line === '' ? '#\n' : `# ${line}\n`)).join('');
  // Whatever is left of these stands between double quotes.
  return comments + withoutUnprintable(text, (character) => `\\U${character.codePointAt(0)!.toString(16).padStart(8, '0')}`);
}

/** The permission bits of a mode, written as `0640`, which is octal to readers of 1.1. */
export function octalMode(mode: number): Scalar {
  const scalar = new Scalar(mode & 0o777);
  scalar.format = 'OCT';
  return scalar;
}
