// Tokens with a checksum: each form against a value that its owner published, or one computed here by another way. Tokens are put
// together from parts, so that this file is no finding.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { marvin32 } from '../../../src/rule/check/marvin32.ts';
import { isBech32 } from '../../../src/rule/check/bech32.ts';
import { decodeBase32, encodeBase32 } from '../../../src/rule/check/base32.ts';
import { verdictOn, withSlip } from './candidate.ts';

/** Bit by bit, as the standard writes it; the source uses that of zlib. */
function crc32(text: string | Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of Buffer.from(text as string)) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum & 1) === 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return ~sum >>> 0;
}

const hex = (value: number) => value.toString(16).padStart(8, '0');
const reversed = (value: number) => Buffer.from(hex(value), 'hex').reverse();
const letters = 'k3v9x2m8q4t7w1z6r5y0b3n8c2j7h4d1f6g9s5p0';

function base62(value: number): string {
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  return [5, 4, 3, 2, 1, 0].map((place) => digits[Math.floor(value / 62 ** place) % 62]).join('');
}

const fifty = `${letters}Ab3Cd4Ef5G`;
const routable = `glrt-${letters.slice(0, 30)}.01.0a`;
const fineGrained = `github_pat_11ABCDEFG0${letters.slice(0, 12)}_${letters}xYz`;

const valid: Readonly<Record<string, readonly [check: string, token: string]>> = {
  'GitHub and npm': ['crc32-base62', `npm_${letters.slice(0, 30)}${base62(crc32(letters.slice(0, 30)))}`],
  Vercel: ['crc32-base62', `vcp_${fifty}${base62(crc32(fifty))}`],
  Atlassian: ['crc32-hex', `ATATT3${letters}=${hex(crc32(`ATATT3${letters}=`)).toUpperCase()}`],
  'Cloudflare, of secretlint': ['crc32-hex:body', ['cfut_aAbBcCdDeEfFgGhHiIj', 'JkKlLmMnNoOpPqQrRsStT03fa099b'].join('')],
  Cloudflare: ['crc32-hex:body', `cfat_${letters}${hex(crc32(letters))}`],
  Zuplo: ['crc32-hex:body', `zpka_${letters.slice(0, 32)}_${hex(crc32(letters.slice(0, 32)))}`],
  Grafana: ['crc32-grafana', `glsa_${letters.slice(0, 32)}_${reversed(crc32(`glsa_${letters.slice(0, 32)}`)).toString('hex')}`],
  GitLab: ['crc32-base36', `${routable}${crc32(routable).toString(36).padStart(7, '0')}`],
  'Confluent, of its manual': ['crc32-base64', ['cfltT8d8RzkNseTMEDKcjNM1BZTFPHqRn', '/dQm9q7w6SjzZ12wZfwjaJdipHZtDjw'].join('')],
  'GitHub, fine-grained': [
    'github-fine-grained',
    `${fineGrained}${encodeBase32(createHash('sha256').update(fineGrained).digest()).slice(0, 8)}Q1w2E3r4`,
  ],
  'NATS, of its manual': ['nkey', ['SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ', '6BFDTJ7M6USDXIEDNPPQYYYCU3VY'].join('')],
  'age, of its specification': ['bech32', ['AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZG', 'FPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX'].join('')],
  'Azure, of NuGet': ['azure-key', `${'a'.repeat(52)}JQQJ99ALN5Z0000LZENeS003NUGT3OrW`],
  'Azure, older, 32 bytes': ['azure-key', older(32, '+AEh', 'Listen00')],
  'Azure, older, 64 bytes': ['azure-key', older(64, '+ASt', 'Default0')],
  'Azure DevOps, older': ['azure-devops', devops(0xe0b9692d)],
  'Azure DevOps, of an application': ['azure-devops', devops(0x1019f92e)],
};

/** Random bytes, the letters where base64 shows them, and the sum of all that, its low byte first. */
function older(size: number, signature: string, seed: string): string {
  const random = createHash('sha512').update(seed).digest().subarray(0, size);
  const text = random.toString('base64').replace(/=+$/, '');
  // Where the letters do not fall on whole bytes, the bits between them and the sum are zero.
  const shown = `${text.slice(0, -10)}${signature}A${text.slice(-5)}`;
  const bytes = Buffer.from(shown, 'base64');
  bytes.writeUInt32LE(marvin32(bytes.subarray(0, -4), seed), size - 4);
  return bytes.toString('base64');
}

/** 32 bytes of which the third, eighth, ninth and twenty-third are the sum of the others. */
function devops(mark: number): string {
  const bytes = createHash('sha256').update(String(mark)).digest();
  const rest = Buffer.from([...bytes].filter((_byte, at) => ![2, 7, 8, 22].includes(at)));
  const sum = Buffer.from(hex((crc32(rest) ^ mark) >>> 0), 'hex');
  for (const [at, place] of [2, 7, 8, 22].entries()) bytes[place] = sum[at]!;
  return encodeBase32(bytes).toLowerCase();
}

describe('checksums', () => {
  for (const [name, [check, token]] of Object.entries(valid)) {
    it(`prove a token of ${name}`, () => {
      const { keep, confidence, proved } = verdictOn(check, token);
      assert.ok(keep && confidence === 'high' && proved!.startsWith('checksum valid'), `${keep} ${confidence} ${proved}`);
    });

    it(`rank one of ${name} with a slip in it, and never reject it`, () => {
      const slipped = check === 'nkey' || check === 'bech32' ? token.replace(/(.)(.)(?=.{8}$)/, '$2$1') : withSlip(token);
      const { keep, confidence, proved } = verdictOn(check, slipped);
      assert.ok(keep && confidence === 'medium' && proved!.startsWith('checksum not valid'), `${keep} ${confidence} ${proved}`);
    });
  }

  it('say nothing of forms that carry none', () => {
    assert.deepEqual(verdictOn('crc32-hex:body', `v1.0-${'a1'.repeat(12)}-${'b2'.repeat(73)}`), { keep: true });
    assert.deepEqual(verdictOn('github-fine-grained', 'github_pat_short'), { keep: true });
    assert.deepEqual(verdictOn('crc32-base36', `glpat-${letters.slice(0, 20)}`), { keep: true });
    assert.deepEqual(verdictOn('azure-key', `${letters}${letters}abcdef==`), { keep: true }, 'a storage key from before there were letters');
    assert.deepEqual(verdictOn('azure-devops', 'a8'.repeat(26)), { keep: true }, '8 is no base32');
    assert.deepEqual(verdictOn('nkey', 'SUABC'), { keep: true });
  });

  it('tell when a key of Azure was issued, and whose seed one of NATS is', () => {
    assert.equal(verdictOn(...valid['Azure, of NuGet']!).proved, 'checksum valid, issued 2024-12');
    assert.equal(verdictOn(...valid['NATS, of its manual']!).proved, 'checksum valid, seed of a NATS user');
  });

  it('bech32 agrees with the vectors of BIP-173', () => {
    const long = 'an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs';
    const split = 'split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w';
    for (const text of ['A12UEL5L', 'a12uel5l', long, 'abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw', split, '?1ezyfcl'])
      assert.ok(isBech32(text), text);
    const wrong = [
      '\u00201nwldj5',
      '\u007f1axkwrx',
      'pzry9x0s0muk',
      '1pzry9x0s0muk',
      'x1b4n0q5v',
      'li1dgmt3',
      'de1lg7wt\u00ff',
      'A1G7SGD8',
      '10a06t8',
      '1qzzfhee',
    ];
    for (const text of [...wrong, 'A12uEL5L', '']) assert.ok(!isBech32(text), text);
  });

  it('Marvin32 agrees with the vectors of .NET', () => {
    const seed = Buffer.from('004fb61a001bdbcc', 'hex').toString('latin1');
    const vectors: readonly (readonly [string, bigint])[] = [
      ['', 0x30ed35c100cd3c7dn],
      ['af', 0x48e73fc77d75ddc1n],
      ['e70f', 0xb5f6e1fc485dbff8n],
      ['37f495', 0xf0b07c789b8cf7e8n],
      ['8642dc59', 0x7008f2e87e9cf556n],
      ['153fb79826', 0xe6c08c6da2afa997n],
    ];
    for (const [bytes, hash] of vectors) assert.equal(marvin32(Buffer.from(bytes, 'hex'), seed), Number((hash >> 32n) ^ (hash & 0xffffffffn)), bytes);
  });

  it('base32 agrees with the vectors of RFC 4648, section 10', () => {
    const vectors = { '': '', f: 'MY', fo: 'MZXQ', foo: 'MZXW6', foob: 'MZXW6YQ', fooba: 'MZXW6YTB', foobar: 'MZXW6YTBOI' };
    for (const [plain, encoded] of Object.entries(vectors)) {
      assert.equal(encodeBase32(Buffer.from(plain)), encoded);
      assert.equal(decodeBase32(encoded.toLowerCase())!.toString(), plain);
    }
    assert.equal(decodeBase32('MZXW1'), undefined);
  });
});
