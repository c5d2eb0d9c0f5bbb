// A PKCS #12 store (RFC 7292): keys and certificates in bags. One that holds certificates only is a trust store, and no find.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { damaged, type Gathered, quoted } from './content.ts';
import { defaultPasswords, openedBy } from './default-passwords.ts';
import { childrenOf, type Der, derOf, insideOf, isOneSequence, numberOf, octetsOf, oidOf } from './der.ts';
import { decrypted, iterationsOf, pbkdf2Key } from './pbe.ts';
import { hashesOf, passwordBytes, pkcs12Key } from './pkcs12-kdf.ts';
import { privateKeyFormOf } from './private-key-info.ts';
import { Work } from './work.ts';

const data = '1.2.840.113549.1.7.1';
const encryptedData = '1.2.840.113549.1.7.6';
const bagType = '1.2.840.113549.1.12.10.1.';
const friendlyName = '1.2.840.113549.1.9.20';
const pbmac1 = '1.2.840.113549.1.5.14';
const digests: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.4': 'sha224',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
const macs: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};
/** Larger than all of them: what is not would cost time. */
const largest = 4 * 2 ** 20;
/** Bags may hold bags. */
const deepest = 8;

/** Throws UnbakeError `damaged` where it is no PKCS #12 after all. */
export function readPkcs12(file: Buffer, gathered: Gathered): void {
  if (file.length > largest) {
    return gathered.skip({
      reason: 'limit',
      detail: `a PKCS #12 store of ${file.length} bytes is larger than any that is read`,
      limit: 'storeBytes',
    });
  }
  const [, info, mac] = childrenOf(derOf(file, 0));
  const [type, content] = info === undefined ? [] : childrenOf(info);
  if (oidOf(type) !== data || content === undefined) throw damaged('the PKCS #12 store has no content that can be read');
  const safe = insideOf(childrenOf(content)[0] ?? content);
  const work = new Work();
  const store = new Store(file, gathered, work, mac === undefined ? undefined : passwordOf(mac, octetsOf(childrenOf(content)[0]), work));
  for (const part of childrenOf(safe)) store.readPart(part);
  store.end();
}

/** The password that the MAC was made with; `none` when it is none of the known ones, `over` when the work did not allow to try them all. */
type StorePassword = { readonly password: string } | 'none' | 'over' | undefined;

function passwordOf(macData: Der, content: Buffer, work: Work): StorePassword {
  const [info, salt, count] = childrenOf(macData);
  if (info === undefined || salt === undefined) return undefined;
  const [algorithm, digest] = childrenOf(info);
  if (algorithm === undefined || digest === undefined) return undefined;
  const [oid, parameters] = childrenOf(algorithm);
  const expected = octetsOf(digest);
  const iterations = count === undefined ? 1 : numberOf(count);
  for (const password of defaultPasswords) {
    for (const bytes of password === '' ? [Buffer.alloc(0), passwordBytes('')] : [passwordBytes(password)]) {
      let mac: Buffer | 'over' | undefined;
      if (oidOf(oid) === pbmac1) mac = parameters === undefined ? undefined : pbmac1Of(parameters, content, password, work);
      else {
        const name = digests[oidOf(oid)];
        if (name === undefined || iterations === undefined) return undefined;
        if (!work.spend(hashesOf(name, iterations, 1))) return 'over';
        const size = expected.length;
        const key = size > 64 ? undefined : pkcs12Key({ algorithm: name, salt: octetsOf(salt), iterations }, bytes, 'mac', size);
        mac = key === undefined ? undefined : createHmac(name, key).update(content).digest();
      }
      if (mac === undefined) return undefined;
      if (mac === 'over') return 'over';
      if (mac.length === expected.length && timingSafeEqual(mac, expected)) return { password };
    }
  }
  return 'none';
}

/** RFC 9579, section 4: PBKDF2 instead of the derivation of PKCS #12. */
function pbmac1Of(parameters: Der, content: Buffer, password: string, work: Work): Buffer | 'over' | undefined {
  const [derivation, scheme] = childrenOf(parameters);
  const name = scheme === undefined ? undefined : macs[oidOf(childrenOf(scheme)[0])];
  if (derivation === undefined || name === undefined) return undefined;
  const key = pbkdf2Key(derivation, Buffer.from(password), work);
  if (key === 'over') return 'over';
  return key === 'unknown' ? undefined : createHmac(name, key).update(content).digest();
}

class Store {
  readonly #file: Buffer;
  readonly #gathered: Gathered;
  readonly #work: Work;
  /** Undefined: the store has no MAC, or one that is not known. */
  readonly #password: StorePassword;
  #hasKeys = false;
  /** Why a part of the store could not be read. */
  #closed: string | undefined;

  constructor(file: Buffer, gathered: Gathered, work: Work, password: StorePassword) {
    this.#file = file;
    this.#gathered = gathered;
    this.#work = work;
    this.#password = password;
  }

  /** One ContentInfo of the AuthenticatedSafe (RFC 7292, section 4.1). */
  readPart(part: Der): void {
    const [type, content] = childrenOf(part);
    if (content === undefined) return;
    const inner = childrenOf(content)[0];
    if (inner === undefined) return;
    if (oidOf(type) === data) return this.#readBags(insideOf(inner), 0);
    if (oidOf(type) !== encryptedData) {
      this.#closed ??= 'encrypted for the holder of a certificate';
      return;
    }
    const [, algorithm, octets] = childrenOf(childrenOf(inner)[1] ?? inner);
    if (algorithm === undefined || octets === undefined) throw damaged('the encrypted part of the PKCS #12 store cannot be read');
    const opened = this.#open(algorithm, octetsOf(octets));
    if (opened.plain === undefined) this.#closed ??= this.#closedBecause(algorithm, opened.why);
    else this.#readBags(derOf(opened.plain), 0);
  }

  /** What keys were not told one by one is told as the whole file. */
  end(): void {
    if (this.#hasKeys || this.#closed === undefined) return;
    const proved = [this.#closed, 'its content cannot be told'];
    this.#gathered.find({ kind: 'pkcs12-key', start: 0, end: this.#file.length, proved, severity: 'medium', confidence: 'low' });
  }

  #readBags(bags: Der, depth: number): void {
    if (bags.tag !== 0x30 || depth > deepest) throw damaged('the bags of the PKCS #12 store cannot be read');
    for (const bag of childrenOf(bags)) {
      const [type, value, attributes] = childrenOf(bag);
      const name = oidOf(type);
      const inner = value === undefined ? undefined : childrenOf(value)[0];
      if (inner === undefined || !name.startsWith(bagType)) continue;
      const kind = name.slice(bagType.length);
      if (kind === '6') this.#readBags(inner, depth + 1);
      if (kind === '1' || kind === '2' || kind === '5') this.#readKey(bag, inner, kind, attributes);
    }
  }

  #readKey(bag: Der, inner: Der, kind: '1' | '2' | '5', attributes: Der | undefined): void {
    this.#hasKeys = true;
    const span = bag.at === undefined ? { start: 0, end: this.#file.length } : { start: bag.at, end: bag.at + bag.whole.length };
    const name = nameOf(attributes);
    const title = (what: string, algorithm = '') => `${what}${name === '' ? '' : ` ${quoted(name)}`}${algorithm === '' ? '' : ` (${algorithm})`}`;
    const say = (isOpen: boolean, ...proved: string[]) =>
      this.#gathered.find({ kind: 'pkcs12-key', ...span, proved, severity: isOpen ? 'critical' : 'medium', confidence: 'high' });
    const opensStore = typeof this.#password === 'object' ? [openedBy(this.#password.password)] : [];
    if (kind === '1') {
      const algorithm = privateKeyFormOf(inner.whole)?.algorithm;
      return say(true, title('private key', algorithm), ...(bag.at === undefined ? opensStore : ['not encrypted']));
    }
    if (kind === '5') return say(opensStore.length > 0, title('secret'), ...opensStore);
    const [algorithm, octets] = childrenOf(inner);
    if (algorithm === undefined || octets === undefined) throw damaged('a key of the PKCS #12 store cannot be read');
    const opened = this.#open(algorithm, octetsOf(octets));
    const form = opened.plain === undefined ? undefined : privateKeyFormOf(opened.plain);
    if (opened.plain !== undefined) return say(true, title('private key', form?.algorithm), openedBy(opened.password));
    say(opensStore.length > 0 && opened.why !== 'wrong', title('private key'), ...opensStore, this.#closedBecause(algorithm, opened.why));
  }

  /** With the password of the MAC where that is known; without a MAC each is tried. */
  #open(
    algorithm: Der,
    octets: Buffer,
  ): { readonly plain: Buffer; readonly password: string } | { readonly plain?: undefined; readonly why: string } {
    const tried = typeof this.#password === 'object' ? [this.#password.password] : this.#password === undefined ? defaultPasswords : [];
    let why: string = typeof this.#password === 'string' ? this.#password : 'wrong';
    for (const password of tried) {
      const attempt = decrypted(algorithm, octets, password, this.#work);
      // With a wrong password the padding is right once in 256 times: then what comes is no DER.
      if (typeof attempt === 'object' && isOneSequence(attempt.plain)) return { plain: attempt.plain, password };
      if (typeof attempt === 'string') why = attempt;
      if (attempt === 'over' || attempt === 'unknown') break;
    }
    return { why };
  }

  #closedBecause(algorithm: Der, why: string): string {
    const iterations = iterationsOf(algorithm);
    if (why === 'over')
      return `encrypted with so many iterations${iterations === undefined ? '' : ` (${iterations})`} that no password was tried, or not all`;
    if (why === 'unknown') return 'encrypted with an algorithm that is not known here';
    return `encrypted, ${iterations === undefined ? '' : `${iterations} iterations, `}not opened by a default password`;
  }
}

/** The attribute that names a bag (RFC 7292, section 4.2); empty when there is none. */
function nameOf(attributes: Der | undefined): string {
  for (const attribute of attributes === undefined ? [] : childrenOf(attributes)) {
    const [type, values] = childrenOf(attribute);
    const text = values === undefined || oidOf(type) !== friendlyName ? undefined : childrenOf(values)[0]?.body;
    if (text !== undefined && text.length % 2 === 0) return Buffer.from(text).swap16().toString('utf16le');
  }
  return '';
}
