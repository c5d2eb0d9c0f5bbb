// The file `.unbakeignore`, described in docs/ignoring.md: findings that somebody looked at and accepts, each until a date and
// for a reason. A line that is not understood is an error: half an ignore file would hide the wrong half.
import { UnbakeError } from '../model/error.ts';
import { printable } from '../model/printable.ts';

export interface IgnoreEntry {
  /** Counts from 1. */
  readonly line: number;
  readonly target: IgnoreTarget;
  /** `YYYY-MM-DD`: from the beginning of this day, in UTC, the entry counts no longer. */
  readonly expires?: string;
  readonly reason?: string;
}

export type IgnoreTarget =
  | { readonly kind: 'fingerprint'; readonly fingerprint: string }
  /** `ruleId` may be `*`; `place` is a glob for paths and a text with `*` for everything else. */
  | { readonly kind: 'place'; readonly ruleId: string; readonly place: string };

export interface IgnoreFile {
  /** As the user named it; for messages. */
  readonly name: string;
  readonly entries: readonly IgnoreEntry[];
}

const fingerprintForm = /^[0-9a-f]{16}$/i;
const ruleIdForm = /^(?:\*|[A-Za-z0-9@][A-Za-z0-9@/._-]*)$/;

/** Throws `usage` for the first line that is wrong. */
export function parseIgnoreFile(text: string, name: string): IgnoreFile {
  const entries: IgnoreEntry[] = [];
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  for (const [index, content] of lines.entries()) {
    const trimmed = content.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    entries.push(parseEntry(trimmed, index + 1, name));
  }
  return { name, entries };
}

function parseEntry(content: string, line: number, name: string): IgnoreEntry {
  const wrong = (sentence: string) =>
    new UnbakeError('usage', `${printable(name)}, line ${line}: ${sentence}`, {
      hint: 'A line is a fingerprint, or a rule and a path; then, both optional, "exp:2030-12-31" and " -- " with a reason.',
    });

  const dashes = content.search(/\s--(?:\s|$)/);
  const reason = dashes === -1 ? undefined : content.slice(dashes + 3).trim();
  if (reason === '') throw wrong('there is nothing after "--", where a reason is expected.');

  const { subject, expires } = splitExpiry(dashes === -1 ? content : content.slice(0, dashes).trim());
  if (expires !== undefined && !isDate(expires)) throw wrong(`"exp:${quoted(expires)}" is not a date such as exp:2030-12-31.`);
  if (/\sexp:/.test(subject)) throw wrong('"exp:" and its date must be the last thing before " -- ".');

  const rest = { line, ...(expires === undefined ? {} : { expires }), ...(reason === undefined ? {} : { reason }) };
  if (fingerprintForm.test(subject)) return { target: { kind: 'fingerprint', fingerprint: subject.toLowerCase() }, ...rest };

  const [, ruleId, place] = /^(\S+)\s+(.+)$/.exec(subject) ?? [];
  if (ruleId === undefined || place === undefined) {
    throw wrong(`"${quoted(subject)}" is neither a fingerprint (16 hexadecimal digits) nor a rule followed by a path.`);
  }
  if (fingerprintForm.test(ruleId)) throw wrong(`after the fingerprint stands "${quoted(place)}"; a reason is set off by " -- ".`);
  if (!ruleIdForm.test(ruleId)) throw wrong(`"${quoted(ruleId)}" is not the id of a rule; "*" stands for every rule.`);
  if (place.startsWith('!')) throw wrong(`"${quoted(place)}" would ignore everything but itself; negation is not supported.`);
  return { target: { kind: 'place', ruleId, place }, ...rest };
}

function splitExpiry(content: string): { subject: string; expires?: string } {
  const [, subject, expires] = /^(.*)\sexp:(\S*)$/.exec(content) ?? [];
  return subject === undefined || expires === undefined ? { subject: content } : { subject: subject.trim(), expires };
}

/** A day that exists: `Date` takes 30 February for 2 March. */
function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function quoted(text: string): string {
  return printable(text.slice(0, 100));
}
