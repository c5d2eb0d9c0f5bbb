// PuTTY's own format of private keys. `Encryption:` says whether a passphrase protects it; where none does, the MAC over all its parts
// can be computed again (PuTTY's manual, appendix C).
import { createHash, createHmac } from 'node:crypto';
import { decodeBase64 } from './base64.ts';
import { type Check, dropped } from './check.ts';
import { sshPublicHalf } from './ssh-public.ts';

const shortestKey = 32;

/** The private lines must decode. */
export const putty: Check = ({ secret }) => {
  const text = secret.replace(/\\r|\r/g, '').replace(/\\n/g, '\n');
  const [, version, algorithm = ''] = /Key-File-(\d): ([\w-]+)/.exec(text) ?? [];
  const cipher = /Encryption: ([\w-]+)/.exec(text)?.[1] ?? 'none';
  const comment = /^Comment: ([^\n]*)/m.exec(text)?.[1] ?? '';
  const mac = /Private-MAC: ([0-9a-f]{40,64})/.exec(text)?.[1];
  const [publicBlob, privateBlob] = [linesOf(text, 'Public'), linesOf(text, 'Private')];
  if (privateBlob === undefined || privateBlob.length < shortestKey) return dropped;
  const half = publicBlob === undefined ? undefined : sshPublicHalf(publicBlob);
  const isEncrypted = cipher !== 'none';
  const facts = [`${isEncrypted ? 'encrypted' : 'unencrypted'} PuTTY ${half?.kind ?? algorithm}`.trimEnd() + ' key'];
  if (half !== undefined) facts.push(`public key ${half.fingerprint}`);
  if (isEncrypted) return { keep: true, severity: 'medium', confidence: 'high', proved: facts.join(', ') };
  if (mac === undefined || publicBlob === undefined) return { keep: true, confidence: 'high', proved: facts.join(', ') };
  const isValid = mac === macOf(version === '3', [algorithm, cipher, comment, publicBlob, privateBlob]);
  return { keep: true, confidence: isValid ? 'high' : 'medium', proved: [...facts, isValid ? 'MAC valid' : 'MAC not valid'].join(', ') };
};

/** As many lines as `Public-Lines:` or `Private-Lines:` counts, decoded; undefined when there are none. They may have been joined by spaces. */
function linesOf(text: string, part: 'Public' | 'Private'): Buffer | undefined {
  const header = new RegExp(`${part}-Lines: (\\d{1,3})\\s`).exec(text);
  if (header === null) return undefined;
  const words = text
    .slice(header.index + header[0].length)
    .trimStart()
    .split(/\s+/, Number(header[1]));
  const other = words.findIndex((word) => !/^[A-Za-z0-9+/]+={0,2}$/.test(word));
  return decodeBase64(words.slice(0, other === -1 ? undefined : other).join(''));
}

/** Each part behind its length. Version 2 and before keep to SHA-1, and hash an empty passphrase into the key. */
function macOf(isThird: boolean, parts: readonly (string | Buffer)[]): string {
  const mac = isThird ? createHmac('sha256', '') : createHmac('sha1', createHash('sha1').update('putty-private-key-file-mac-key').digest());
  for (const part of parts) {
    const bytes = Buffer.from(part as Buffer);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    mac.update(length).update(bytes);
  }
  return mac.digest('hex');
}
