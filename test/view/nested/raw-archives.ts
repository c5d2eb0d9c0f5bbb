// Writes ar and cpio archives and RPM packages, byte for byte.

type RawMember = readonly [name: string, body: Buffer | string];

export function arMember(name: string, body: Buffer, size = body.length): Buffer {
  return Buffer.concat([
    Buffer.from(`${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'644'.padEnd(8)}${String(size).padEnd(10)}\`\n`),
    body,
    Buffer.alloc(body.length % 2, '\n'),
  ]);
}

export function ar(...members: readonly RawMember[]): Buffer {
  return Buffer.concat([Buffer.from('!<arch>\n'), ...members.map(([name, body]) => arMember(name, Buffer.from(body as Buffer)))]);
}

export function cpio(...members: readonly RawMember[]): Buffer {
  const aligned = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
  const entry = (name: string, body: Buffer) => {
    const fields = [1, 0o100644, 0, 0, 1, 0, body.length, 0, 0, 0, 0, name.length + 1, 0];
    const head = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${name}\0`;
    return Buffer.concat([aligned(Buffer.from(head)), aligned(body)]);
  };
  return Buffer.concat([...members.map(([name, body]) => entry(name, Buffer.from(body as Buffer))), entry('TRAILER!!!', Buffer.alloc(0))]);
}

function rpmHeader(entries: number, data: Buffer): Buffer {
  const intro = Buffer.alloc(16);
  intro.write('\x8e\xad\xe8\x01', 'latin1');
  intro.writeUInt32BE(entries, 8);
  intro.writeUInt32BE(data.length, 12);
  return Buffer.concat([intro, Buffer.alloc(16 * entries), data]);
}

/** `signatureLength`: of its data, which is padded to a multiple of eight. */
export function rpm(headerText: string, payload: Buffer, signatureLength = 5): Buffer {
  const lead = Buffer.concat([Buffer.from([0xed, 0xab, 0xee, 0xdb, 3, 0]), Buffer.alloc(90)]);
  const signature = rpmHeader(2, Buffer.alloc(signatureLength));
  const padding = Buffer.alloc((8 - (signature.length % 8)) % 8);
  return Buffer.concat([lead, signature, padding, rpmHeader(3, Buffer.from(headerText)), payload]);
}
