// A name and the value assigned to it, where only the name tells that the value is a secret. `pair:env` for places that hold
// settings (ENV, `.env`, command lines): nearly every value counts. `pair:config` for structured files, `pair:code` for everything else.
import { type Check, dropped, kept } from './check.ts';
import { entropyOf } from './entropy.ts';
import { isPlaceholder } from './placeholder.ts';
import { type Strength, strengthOf } from './telling-name.ts';

const longestName = 80;

/** The whole name that ends at, or begins before, the matched part of it. */
function wholeName(text: string, index: number, matched: string): string {
  let start = index;
  while (start > 0 && index - start < longestName && /[\w.$-]/.test(text[start - 1]!)) start--;
  return text.slice(start, index) + matched;
}

/** The last part of a path: what stands behind it, after a space, is its digest or size. */
function isPathEnd(text: string, index: number): boolean {
  let start = index;
  while (start > 0 && index - start < longestName && /[\w.$-]/.test(text[start - 1]!)) start--;
  return text[start - 1] === '/';
}

/** Random enough to be issued by a machine. */
function looksIssued(value: string): boolean {
  if (value.length < 12 || /\s/.test(value) || !/\d/.test(value)) return false;
  const isHex = /^[0-9a-f-]+$/i.test(value);
  return value.length >= (isHex ? 24 : 12) && entropyOf(value) >= (isHex ? 2.8 : 3.3);
}

/** Words and names change between small and capital letters only where a word begins. */
function areRandomLetters(value: string): boolean {
  const changes = value.match(/(?<=[a-z])[A-Z]|(?<=[A-Z])[a-z]/g)?.length ?? 0;
  return value.length >= 12 && changes >= value.length / 3 && entropyOf(value) >= 3.2;
}

/** Digests in lock files and package lists stand beside names such as `integrity-key`. */
function isDigestLike(value: string): boolean {
  return /^(?:sha\d{1,3}|md5)[-:=]/i.test(value) || /^[\d.]+$/.test(value) || /^v?\d+(?:\.\d+){1,3}[\w.+-]*$/.test(value);
}

const localePath = /(?:^|[/._-])(?:locales?|i18n|l10n|lang(?:uage)?s?|translations?|messages|nls)(?:[/._-]|$)/i;

/** What stands bare in a program is an expression unless it has the characters of a token. */
const bareToken = /^[A-Za-z0-9+/=_.~-]+$/;

function accepts(value: string, strength: Strength, place: string, name: string, isQuoted: boolean): boolean {
  if (place === 'env')
    return strength === 'strong'
      ? value.length >= 4 && !isPlaceholder(value, 'value') && (isQuoted || !/^[A-Za-z_]+(?:\.[A-Za-z_]+)+$/.test(value))
      : looksIssued(value) && !isPlaceholder(value, isQuoted ? 'words' : 'code');
  if (isDigestLike(value) || isPlaceholder(value, isQuoted ? 'words' : 'code')) return false;
  // OpenPGP key ids stand beside "key" in every log of a package manager.
  if (!isQuoted && place === 'code' && /^[0-9A-F]{40}$/.test(value)) return false;
  if (strength === 'weak') return value.length >= 16 && looksIssued(value);
  if (!isQuoted && place === 'code') return bareToken.test(value) && looksIssued(value);
  if (localePath.test(name)) return looksIssued(value);
  // Human passwords have a digit or a sign in them; what is left of letters alone is a word or a name, unless it is random.
  return (
    value.length >= (place === 'config' ? 5 : 6) &&
    (!/^[A-Za-z]+$/.test(value) || areRandomLetters(value)) &&
    (/\d/.test(value) || /^\w.*[^\w\s.,:;'"/-]/.test(value) || entropyOf(value) >= 3.5)
  );
}

export const pair: Check = ({ secret, groups, text, index, start, name }, argument) => {
  const strength = strengthOf(wholeName(text, index, groups['name'] ?? groups['name2'] ?? ''));
  if (strength === 'none') return dropped;
  const before = text[start - 1];
  const isQuoted = before === '"' || before === "'" || before === '`';
  const value = isQuoted ? secret : withoutCloser(secret);
  if (!isQuoted && /^\s{0,3}[([]|^\s*(?:\+ |\?\?|\|\| )/.test(text.slice(start + secret.length, start + secret.length + 8))) return dropped;
  const between = text.slice(index + (groups['name'] ?? groups['name2'] ?? '').length, start);
  if (argument === 'code' && /^[ \t]+$/.test(between) && isPathEnd(text, index)) return dropped;
  // In a list of texts the one behind a telling one is seldom its value; behind a bare space even less.
  if (between.includes(',') && !looksIssued(value)) return dropped;
  if (
    /^[^=:>]*\($/.test(between) ||
    (/^["'`\s)\]]*$/.test(between) && argument === 'code' && !(looksIssued(value) && bareToken.test(value) && !/^[A-Za-z]\w*_\w*$/.test(value)))
  )
    return dropped;
  return accepts(value, strength, argument, name, isQuoted) ? kept : dropped;
};

/** A bare value runs up to the next space: `f(password=hunter2)` and `password: hunter2;` end before the sign. */
function withoutCloser(value: string): string {
  const bare = value.replace(/[;,]+$/, '');
  return /[([{]/.test(bare) ? bare : bare.replace(/[)\]}]+$/, '');
}

/** The value of a command-line option: behind `=` as in `pair:env`, behind a space it must not be a word of a sentence. */
export const optionValue: Check = ({ secret, text, start }) => {
  const isJoined = text.slice(Math.max(0, start - 3), start).includes('=');
  // `--password=PASSWORT`: usage texts name the value in capitals, in every language.
  const isMetavariable = /^\p{Lu}[\p{Lu}\p{M}_-]+$/u.test(secret);
  return isMetavariable || isPlaceholder(secret, isJoined ? 'value' : 'code') || isDigestLike(secret) ? dropped : kept;
};
