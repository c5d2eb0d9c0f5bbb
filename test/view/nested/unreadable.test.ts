// Formats that cannot be read are told by their name; nothing else is taken for one.
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { longHeadLength, nestedKindOf, unreadableKindOf } from '../../../src/view/nested/nested.ts';
import { noise } from '../../support/hostile.ts';
import { file, tar } from '../../support/raw-tar.ts';
import { needs, tool } from '../../support/tool.ts';
import { walkedApart } from './walked.ts';

const filler = Buffer.alloc(600, 0x11);
const bytes = (text: string, ...more: readonly number[]) => Buffer.concat([Buffer.from(text, 'latin1'), Buffer.from(more), filler]);

const squashfs = Buffer.concat([Buffer.from('hsqs'), Buffer.alloc(24, 1), Buffer.from([4, 0, 0, 0]), filler]);
const vdi = Buffer.concat([Buffer.from('<<< Oracle VM VirtualBox Disk Image >>>\n'.padEnd(64, '\0')), Buffer.from([0x7f, 0x10, 0xda, 0xbe])]);
const lzma = Buffer.concat([Buffer.from([0x5d, 0, 0, 0x80, 0]), Buffer.alloc(8, 0xff), Buffer.from([0]), filler]);
const iso = Buffer.concat([Buffer.alloc(32_769), Buffer.from('CD001\x01'), filler]);

const unsupported: readonly (readonly [RegExp, Buffer])[] = [
  [/7z/, bytes('7z\xbc\xaf\x27\x1c', 0, 4)],
  [/RAR/, bytes('Rar!\x1a\x07\x00')],
  [/RAR/, bytes('Rar!\x1a\x07\x01\x00')],
  [/lz4/, bytes('\x04\x22\x4d\x18')],
  [/lz4/, bytes('\x02\x21\x4c\x18')],
  [/lzma/, lzma],
  [/lzip/, bytes('LZIP', 1)],
  [/\.Z/, bytes('\x1f\x9d', 0x90)],
  [/\.cab/, bytes('MSCF\0\0\0\0')],
  [/WIM/, bytes('MSWIM\0\0\0')],
  [/xar/, bytes('xar!', 0, 28)],
  [/SquashFS/, squashfs],
  [/AppImage/, bytes('\x7fELF\x02\x01\x01\x00AI\x02')],
  [/VMDK/, bytes('KDMV', 1, 0, 0, 0)],
  [/QCOW/, bytes('QFI\xfb', 0, 0, 0, 3)],
  [/VDI/, vdi],
  [/VHDX/, bytes('vhdxfile')],
  [/VHD/, bytes('conectix')],
  [/lzop/, bytes('\x89LZO\0\r\n\x1a\n')],
  [/snappy/, bytes('\xff\x06\0\0sNaPpY')],
  [/cpio/, bytes('070707')],
  [/git bundle/, bytes('# v2 git bundle\n')],
  [/Android/, bytes('ANDROID BACKUP\n')],
  [/ISO 9660/, iso],
];

const encrypted: readonly (readonly [RegExp, Buffer])[] = [
  [/LUKS/, bytes('LUKS\xba\xbe', 0, 2)],
  [/age/, bytes('age-encryption.org/v1\n-> X25519 ')],
  [/age/, bytes('-----BEGIN AGE ENCRYPTED FILE-----\n')],
  [/OpenPGP/, bytes('-----BEGIN PGP MESSAGE-----\n')],
  [/OpenPGP/, bytes('\x85\x02\x0c\x03', 1, 2, 3, 4, 5, 6, 7, 8, 1)],
  [/OpenPGP/, bytes('\x84\x5e\x03', 1, 2, 3, 4, 5, 6, 7, 8, 18)],
  [/OpenPGP/, bytes('\x8c\x0d\x04\x09\x03\x08')],
  [/openssl/, bytes('Salted__')],
];

describe('unreadableKindOf', () => {
  it('knows each format by its first bytes', () => {
    for (const [reason, cases] of [
      ['unsupported', unsupported],
      ['encrypted', encrypted],
    ] as const)
      for (const [format, head] of cases) {
        const found = unreadableKindOf(head.subarray(0, longHeadLength));
        assert.ok(found, `${format} is not known`);
        assert.match(found.format, format);
        assert.equal(found.reason, reason);
        assert.ok(found.detail.startsWith(found.format));
        assert.equal(nestedKindOf(head.subarray(0, 512)), undefined);
      }
  });

  it('knows disk images of Apple by their last bytes', () => {
    const tail = Buffer.concat([Buffer.from('koly\0\0\0\x04'), Buffer.alloc(504)]);
    assert.match(unreadableKindOf(filler, tail)!.format, /dmg/);
    assert.equal(unreadableKindOf(filler, filler), undefined);
  });

  it('knows what real tools write', function () {
    needs(this, 'xz', 'openssl');
    const lone = tool('sh', ['-c', "printf 'text of some length' | xz --format=lzma -c | base64 -w0"]);
    assert.match(unreadableKindOf(Buffer.from(lone, 'base64'))!.format, /lzma/);
    const salted = tool('sh', ['-c', 'printf text | openssl enc -aes-256-cbc -pbkdf2 -pass pass:x | base64 -w0']);
    assert.match(unreadableKindOf(Buffer.from(salted, 'base64'))!.format, /openssl/);
  });

  it('takes no text, program, picture or key ring for one', () => {
    const others = [
      'LZIP is a format, and so is 7z',
      'Rar! said the lion',
      '# v2 git\n',
      '-----BEGIN PGP PUBLIC KEY BLOCK-----\n',
      '-----BEGIN PGP SIGNATURE-----\n',
      '\x99\x01\x0d\x04',
      '\x98\x33\x04',
      '\xc6\x33\x04',
      '\x89PNG\r\n\x1a\n',
      '\xff\xd8\xff\xe0',
      '\x7fELF\x02\x01\x01\x00\0\0\0',
      'MZ\x90\0',
      '\x5d\n',
      '] = something; and more text of that kind\n',
      '\x85 and so on',
      '\x1f\x9d\x00',
      '\0asm\x01\0\0\0',
    ];
    for (const text of others) assert.equal(unreadableKindOf(Buffer.from(text.padEnd(600, ' '), 'latin1')), undefined, JSON.stringify(text));
    assert.equal(unreadableKindOf(Buffer.alloc(longHeadLength)), undefined);
  });

  it('never throws, whatever the bytes', () => {
    const starts = [...unsupported, ...encrypted].map(([, head]) => head);
    const some = fc.oneof(
      fc.uint8Array({ maxLength: 600 }),
      fc.tuple(fc.constantFrom(...starts), fc.nat({ max: 80 })).map(([head, length]) => head.subarray(0, length)),
    );
    fc.assert(fc.property(some, some, (head, tail) => void unreadableKindOf(head, tail)));
  });
});

describe('what cannot be read inside of archives', () => {
  it('is told by its name, and shown as it is', async () => {
    const archive = gzipSync(tar(...[...unsupported, ...encrypted].map(([, head], index) => file(`${index}`, head)), file('a', 'text')));
    const { documents, told } = await walkedApart(archive);
    const expected = [...unsupported, ...encrypted];
    assert.equal(told.length, expected.length);
    for (const [index, [format, head]] of expected.entries()) {
      assert.equal(told[index].way, `gunzip > ${index}`);
      assert.match(told[index].detail, format);
      assert.ok(documents.get(`gunzip > ${index}`)!.equals(head));
    }
    assert.equal(String(documents.get('gunzip > a')), 'text');
  });

  it('is told once and shown whole when it is a disk image of zeros and of noise', async () => {
    const disk = Buffer.concat([Buffer.alloc(100_000), noise(100_000)]);
    const { documents, told } = await walkedApart(gzipSync(disk));
    assert.deepEqual(told, []);
    assert.ok(documents.get('gunzip')!.equals(disk));
  });
});
