// A record of a container's log: one JSON object a line, in the form of docker's json-file driver.
import { isUtf8 } from 'node:buffer';

export type OutputName = 'stdout' | 'stderr';

export interface LogRecord {
  readonly stream: OutputName;
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly bytes: Buffer;
}

/** A line of JSON with its newline. What is no UTF-8 stands in `base64`, where docker would write question marks. */
export function formatLogRecord({ bytes, stream, time }: LogRecord): string {
  const content = isUtf8(bytes) ? `"log":${JSON.stringify(bytes.toString())}` : `"base64":"${bytes.toString('base64')}"`;
  return `{${content},"stream":"${stream}","time":"${time}"}\n`;
}

/** Undefined for a line that is no record, such as one that was torn by a crash. */
export function parseLogRecord(line: string): LogRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { log, base64, stream, time } = value as Record<string, unknown>;
  if ((stream !== 'stdout' && stream !== 'stderr') || typeof time !== 'string') return undefined;
  if (typeof log === 'string') return { stream, time, bytes: Buffer.from(log) };
  return typeof base64 === 'string' ? { stream, time, bytes: Buffer.from(base64, 'base64') } : undefined;
}
