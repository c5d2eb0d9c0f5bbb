// What an armoured OpenPGP key tells: whose it is, of what algorithm, whether it is encrypted, and whether its checksum is right.
import { UnbakeError } from '../../model/error.ts';
import { Gathered } from '../../view/format/content.ts';
import { readSecretRing } from '../../view/format/openpgp.ts';
import type { Verdict } from './check.ts';
import { isCrc24 } from './crc24.ts';

/** `armour` begins with its marker line. A block whose packets cannot be read is still a key: its first packet says so. */
export function pgpVerdict(armour: string): Verdict {
  const lines = armour
    .replace(/\\r|\\n|\r/g, (end) => (end === '\\n' ? '\n' : ''))
    .split('\n')
    .slice(1)
    .map((line) => line.trim());
  const end = lines.findIndex((line) => line.startsWith('-----'));
  const body = lines.slice(0, end === -1 ? undefined : end).filter((line) => !line.includes(':'));
  const sum = body.find((line) => /^=[A-Za-z0-9+/]{4}$/.test(line))?.slice(1);
  const data = Buffer.from(body.filter((line) => /^[A-Za-z0-9+/]+={0,2}$/.test(line)).join(''), 'base64');
  const gathered = new Gathered();
  try {
    readSecretRing(data, gathered);
  } catch (thrown) {
    if (!(thrown instanceof UnbakeError)) throw thrown;
  }
  const found = gathered.content().finds[0];
  // Version 6 needs no sum, and many programs leave it out; a wrong one is no reason to reject (section 6.1).
  const isWrong = sum !== undefined && !isCrc24(data, sum);
  const facts = [
    ...(found?.proved ?? ['OpenPGP secret key packet']),
    ...(sum === undefined ? [] : [isWrong ? 'checksum not valid' : 'checksum valid']),
  ];
  return {
    keep: true,
    confidence: isWrong ? 'medium' : 'high',
    ...(found?.severity === undefined || found.severity === 'critical' ? {} : { severity: found.severity }),
    proved: facts.join(', '),
  };
}
