// That a package put a file there, as the database of a package manager says, and whether the file is still what the package had.

export type PackageKind = 'dpkg' | 'apk' | 'rpm' | 'python' | 'npm';
export type DigestName = 'md5' | 'sha1' | 'sha256';

/** Of a whole body, in lower-case hexadecimal. */
export type BodyDigests = Readonly<Record<DigestName, string>>;

export interface Claim {
  readonly kind: PackageKind;
  /** Name and version, printable: `libc6 2.36-9`. */
  readonly package: string;
  /** What the package had; undefined where the database keeps none. */
  readonly digest?: { readonly name: DigestName; readonly hex: string };
}

/** Takes the paths (without a leading slash, one character a byte) that a database lists, one by one. */
export type ClaimSink = (path: string, claim: Claim) => void;

export interface Owner {
  readonly kind: PackageKind;
  readonly package: string;
  /** The file is, byte for byte, what the package had. */
  readonly isProved: boolean;
}

/** Who owns a body; one that is as a package had it before one that only has its path. Undefined `digests`: too large to be hashed. */
export function ownerOf(claims: readonly Claim[], digests: BodyDigests | undefined): Owner | undefined {
  const proving = claims.find(({ digest }) => digest !== undefined && digests?.[digest.name] === digest.hex);
  const claim = proving ?? claims[0];
  return claim && { kind: claim.kind, package: claim.package, isProved: proving !== undefined };
}
