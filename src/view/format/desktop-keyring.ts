// Keyrings of desktops, told by their first bytes: GNOME Keyring, KWallet, the keychain of macOS. What is in them is encrypted.
import type { Gathered } from './content.ts';

const marks: readonly (readonly [string, string])[] = [
  ['GnomeKeyring\n\r\0\n', 'GNOME keyring'],
  ['KWALLET\n\r\0\r\n', 'KWallet'],
  ['kych\0\u0001\0\0', 'macOS keychain'],
];

/** What to call it; undefined for anything else. */
export function keyringNameOf(head: Buffer): string | undefined {
  return marks.find(([mark]) => head.toString('latin1', 0, mark.length) === mark)?.[1];
}

export function readDesktopKeyring(file: Buffer, gathered: Gathered): void {
  const name = keyringNameOf(file);
  if (name !== undefined)
    gathered.find({ kind: 'desktop-keyring', start: 0, end: file.length, proved: [name, 'encrypted with a password of its owner'] });
}
