// ASN.1 in DER, and in as much of BER as key stores use: indefinite lengths and strings in pieces (X.690, sections 8.1 and 10).
import { UnbakeError } from '../../model/error.ts';
import { damaged } from './content.ts';

export interface Der {
  /** The identifier octet: 0x30 a SEQUENCE, 0x04 an OCTET STRING, 0xa0 a context tag. */
  readonly tag: number;
  readonly body: Buffer;
  /** All its bytes, from its tag to its end. */
  readonly whole: Buffer;
  /** Where its tag and its body stand in the file: undefined inside what was decrypted or put together. */
  readonly at?: number;
  readonly bodyAt?: number;
}

const deepest = 16;
const mostChildren = 20_000;

/** The value at the start of the bytes. `at`: where these stand in the file. Throws UnbakeError `damaged`. */
export function derOf(bytes: Buffer, at?: number): Der {
  const { headLength, bodyLength, length } = measured(bytes, 0, 0, { left: mostChildren });
  const parts = { tag: bytes[0], body: bytes.subarray(headLength, headLength + bodyLength), whole: bytes.subarray(0, length) };
  return at === undefined ? parts : { ...parts, at, bodyAt: at + headLength };
}

/** Whether the bytes are one SEQUENCE, and nothing follows it: how a decryption with the right key is told. */
export function isOneSequence(bytes: Buffer): boolean {
  try {
    return bytes[0] === 0x30 && derOf(bytes).whole.length === bytes.length;
  } catch (thrown) {
    if (thrown instanceof UnbakeError) return false;
    throw thrown;
  }
}

/** The values one behind the other in the body. */
export function childrenOf(parent: Der): Der[] {
  const children: Der[] = [];
  for (let at = 0; at < parent.body.length;) {
    if (children.length === mostChildren) throw damaged(`more than ${mostChildren} values stand in one`);
    const child = derOf(parent.body.subarray(at), parent.bodyAt === undefined ? undefined : parent.bodyAt + at);
    children.push(child);
    at += child.whole.length;
  }
  return children;
}

/** What the octets of an OCTET STRING are the encoding of. */
export function insideOf(octets: Der): Der {
  const whole = octetsOf(octets);
  return derOf(whole, whole === octets.body ? octets.bodyAt : undefined);
}

/** The octets of a string, put together when it comes in pieces. */
export function octetsOf(string: Der): Buffer {
  if ((string.tag & 0x20) === 0) return string.body;
  return Buffer.concat(childrenOf(string).map(({ body }) => body));
}

/** Dotted, or an empty text for what is no object identifier. */
export function oidOf(der: Der | undefined): string {
  if (der === undefined || der.tag !== 0x06 || der.body.length === 0 || der.body.length > 64) return '';
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of der.body) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    if (arcs.length === 0) arcs.push(Math.min(2, Math.floor(arc / 40)), arc - 40 * Math.min(2, Math.floor(arc / 40)));
    else arcs.push(arc);
    arc = 0;
  }
  return arcs.join('.');
}

/** Undefined for what is no INTEGER, is negative, or takes more than six bytes. */
export function numberOf(der: Der | undefined): number | undefined {
  if (der === undefined || der.tag !== 0x02 || der.body.length === 0 || der.body.length > 6 || der.body[0] >= 0x80) return undefined;
  return der.body.readUIntBE(0, der.body.length);
}

interface Measure {
  readonly headLength: number;
  readonly bodyLength: number;
  readonly length: number;
}

function measured(bytes: Buffer, start: number, depth: number, values: { left: number }): Measure {
  if (start + 2 > bytes.length) throw damaged('a value of ASN.1 is cut off');
  if ((bytes[start] & 0x1f) === 0x1f) throw damaged('a tag of ASN.1 has more than one byte');
  const first = bytes[start + 1];
  if (first === 0x80) return indefinite(bytes, start, depth, values);
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (lengthBytes > 4 || start + 2 + lengthBytes > bytes.length) throw damaged('a length of ASN.1 cannot be read');
  const bodyLength = lengthBytes === 0 ? first : bytes.readUIntBE(start + 2, lengthBytes);
  const headLength = 2 + lengthBytes;
  if (bodyLength > bytes.length - start - headLength) throw damaged(`a value of ASN.1 announces ${bodyLength} bytes, and there are fewer`);
  return { headLength, bodyLength, length: headLength + bodyLength };
}

/** Ends at two zero bytes behind its last value. */
function indefinite(bytes: Buffer, start: number, depth: number, values: { left: number }): Measure {
  if ((bytes[start] & 0x20) === 0) throw damaged('a simple value of ASN.1 has no length');
  if (depth === deepest) throw damaged(`more than ${deepest} values of ASN.1 without a length stand in each other`);
  let at = start + 2;
  while (bytes[at] !== 0 || bytes[at + 1] !== 0) {
    if (values.left-- === 0) throw damaged(`more than ${mostChildren} values of ASN.1 stand in one`);
    at += measured(bytes, at, depth + 1, values).length;
  }
  return { headLength: 2, bodyLength: at - start - 2, length: at + 2 - start };
}
