// What a git object begins with, `TYPE SIZE\0`, and the name that its content gives it (git, gitformat-pack and "Git Internals: Git Objects").
import { createHash } from 'node:crypto';
import { constants, inflateSync } from 'node:zlib';

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

export interface ObjectHead {
  readonly type: ObjectType;
  /** Bytes of the content that follows. */
  readonly size: number;
  /** Bytes of the head itself, its NUL included. */
  readonly length: number;
}

/** The head at the start of decoded bytes. */
export function objectHeadOf(decoded: Buffer): ObjectHead | undefined {
  const match = /^(commit|tree|blob|tag) (0|[1-9][0-9]{0,14})\0/.exec(decoded.toString('latin1', 0, 32));
  return match === null ? undefined : { type: match[1] as ObjectType, size: Number(match[2]), length: match[0].length };
}

/** The head of a loose object, from the first bytes of its zlib stream (RFC 1950, section 2.2): undefined for any other stream. */
export function looseHeadOf(head: Buffer): ObjectHead | undefined {
  // git writes a window of 32 KiB and no dictionary.
  if (head.length < 8 || head[0] !== 0x78 || (head[1] & 0x20) !== 0 || (0x7800 + head[1]) % 31 !== 0) return undefined;
  try {
    // What the first bytes give is asked for, whether the stream ends in them or not.
    return objectHeadOf(inflateSync(head.subarray(0, 128), { finishFlush: constants.Z_SYNC_FLUSH }));
  } catch {
    return undefined;
  }
}

/** Takes the content in pieces and gives the SHA-1 that names the object. */
export function namingHash(type: ObjectType, size: number): ReturnType<typeof createHash> {
  return createHash('sha1').update(`${type} ${size}\0`);
}
