// Keys of GnuPG 2 in `private-keys-v1.d` (GnuPG, agent/keyformat.txt): one S-expression a file, canonical or behind lines of names.
import type { Gathered } from './content.ts';

/** What an S-expression of a secret key begins with, by how it is protected. That of a smart card holds no secret. */
const forms = [
  { canonical: '(11:private-key', text: '(private-key', isProtected: false },
  { canonical: '(21:protected-private-key', text: '(protected-private-key', isProtected: true },
  { canonical: '(19:openpgp-private-key', text: '(openpgp-private-key', isProtected: true },
] as const;

const algorithmNames: Readonly<Record<string, string>> = { rsa: 'RSA', dsa: 'DSA', elg: 'Elgamal', ecc: 'EC', ecdsa: 'EC', ecdh: 'EC' };
const keyLine = /^Key:[ \t]*(?=\()/m;

/** Whether a head begins like such a file: the expression itself, or lines of names with the key among the first. */
export function isGnupgKey(head: Buffer): boolean {
  const text = head.toString('latin1');
  return (
    forms.some(({ canonical }) => text.startsWith(canonical)) || (/^(?:[A-Z][A-Za-z0-9-]{1,40}:|#)/.test(text) && formInLines(text) !== undefined)
  );
}

export function readGnupgKey(file: Buffer, gathered: Gathered): void {
  const text = file.toString('latin1', 0, 65_536);
  const form = forms.find(({ canonical }) => text.startsWith(canonical)) ?? formInLines(text);
  if (form === undefined) return;
  const name = /private-key\s{0,8}\((?:\d:)?([a-z]{3,5})/.exec(text)?.[1];
  const algorithm = algorithmNames[name ?? ''];
  gathered.find({
    kind: 'gnupg-secret-key',
    start: 0,
    end: file.length,
    proved: [`secret key${algorithm === undefined ? '' : ` (${algorithm})`}`, form.isProtected ? 'encrypted' : 'not encrypted'],
    severity: form.isProtected ? 'medium' : 'critical',
    confidence: 'high',
  });
}

function formInLines(text: string) {
  const line = keyLine.exec(text);
  if (line === null) return undefined;
  const start = line.index + line[0].length;
  return forms.find((form) => text.startsWith(form.text, start));
}
