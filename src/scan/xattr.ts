// Extended attributes that libarchive writes into PAX records as base64; the ones of other writers are plain bytes.

const libarchiveAttribute = /LIBARCHIVE\.xattr\.([^=\n]*)=([A-Za-z0-9+/]+={0,2})\n/g;

/** `name=value` lines of the decoded attributes, undefined when there are none. */
export function attributeText(metadata: readonly Uint8Array[]): Buffer | undefined {
  // Ordinary entries have one header block and nothing else.
  if (metadata.length < 2) return undefined;
  const lines: Buffer[] = [];
  for (const bytes of metadata) {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    for (const [, name, value] of text.matchAll(libarchiveAttribute))
      lines.push(Buffer.from(`${name}=`, 'latin1'), Buffer.from(value, 'base64'), Buffer.from('\n'));
  }
  return lines.length === 0 ? undefined : Buffer.concat(lines);
}
