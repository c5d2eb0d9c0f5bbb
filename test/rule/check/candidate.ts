// A secret as a check sees it, where only the secret itself counts.
import type { Verdict } from '../../../src/rule/check/check.ts';
import { checks } from '../../../src/rule/check/checks.ts';
import { parseCheck } from '../../../src/rule/rule-file.ts';

/** Runs a check by the name that rules call it by, over a text that is the secret. `start`: what stands before belongs to the match only. */
export function verdictOn(call: string, text: string, start = 0): Verdict {
  const { name, argument } = parseCheck(call);
  const secret = text.slice(start);
  return checks.get(name)!({ secret, groups: {}, text, index: 0, start, end: text.length, name: 'x' }, argument);
}

/** A copy in which one character of the second half is another one of the same kind. */
export function withSlip(token: string): string {
  const at = token.search(/(?<=^.{20,})[a-y]/s);
  return `${token.slice(0, at)}${String.fromCharCode(token.charCodeAt(at) + 1)}${token.slice(at + 1)}`;
}
