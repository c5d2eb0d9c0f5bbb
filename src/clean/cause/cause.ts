// What brought a secret into an image, as far as the image tells. The Dockerfile is patched, or advice is given, from these alone:
// they hold names, paths and masked instructions, and never a value.

/** One thing that brought a secret in. `createdBy` is the history's instruction with every secret in it masked. */
export type Cause =
  /** A file; `path` is absolute, as it stands in the image, and printable. */
  | { readonly kind: 'file'; readonly path: string; readonly createdBy?: string; readonly isVisible: boolean }
  /** A variable of the image's environment (ENV). */
  | { readonly kind: 'variable'; readonly name: string; readonly createdBy?: string }
  /** A build argument (ARG), seen in the history as `|1 TOKEN=... /bin/sh -c` or as `ARG TOKEN=`. */
  | { readonly kind: 'argument'; readonly name: string; readonly createdBy?: string }
  /** An instruction with the secret written out in it: RUN, LABEL, CMD ... */
  | { readonly kind: 'instruction'; readonly createdBy: string };
