// A name and the value assigned to it, where only the name tells that the value is a secret. `pair:env` for places that hold
// settings (ENV, `.env`, command lines): nearly every value counts. `pair:config` for structured files, `pair:code` for everything
// else; `pair:named` where the name is itself a value (`name: X`, `value: Y`), `pair:split` for texts that are put together,
// `pair:argument` where no name stands by.
import { type Check, dropped, kept } from './check.ts';
import { entropyOf } from './entropy.ts';
import { isPlaceholder } from './placeholder.ts';
import { isPasswordName, type Strength, strengthOf } from './telling-name.ts';

const longestName = 80;
const nameCharacters = new Set(
  Array.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$-', (character) => character.charCodeAt(0)),
);

/** The whole name that ends at, or begins before, the matched part of it. */
function wholeName(text: string, index: number, matched: string): string {
  return text.slice(nameStart(text, index), index) + matched;
}

function nameStart(text: string, index: number): number {
  let start = index;
  while (start > 0 && index - start < longestName && nameCharacters.has(text.charCodeAt(start - 1))) start--;
  return start;
}

/** The last part of a path: what stands behind it, after a space, is its digest or size. */
function isPathEnd(text: string, index: number): boolean {
  return text[nameStart(text, index) - 1] === '/';
}

/** Random enough to be issued by a machine. */
function looksIssued(value: string): boolean {
  if (value.length < 12 || /\s/.test(value) || !/\d/.test(value)) return false;
  const isHex = /^[0-9a-f-]+$/i.test(value);
  return value.length >= (isHex ? 24 : 12) && entropyOf(value) >= (isHex ? 2.8 : 3.3);
}

/** Lists are of names more often than of values: not of class names with a number, and not of words that are joined. */
function looksIssuedInList(value: string): boolean {
  return looksIssued(value) && value.replace(/\D/g, '').length >= 3 && !/^_*[A-Za-z]+\d*(?:[_-][A-Za-z\d]+)+$/.test(value);
}

/** As people and generators make passwords: no identifier of a program, a digit and a capital or a sign. */
function looksChosen(value: string): boolean {
  return /^[^\s()[\]{}<>,;"'`\\]{8,64}$/.test(value) && /\d/.test(value) && /[a-z]/i.test(value) && /[!@#%^&*+~?-]/.test(value);
}

/** Outside of programs a word with two digits in it is meant as it stands; `sha256`, `base64` and the like are kinds of things. */
function isBarePassword(value: string, place: string, file: string): boolean {
  const isText = place === 'config' ? !/\.php$/i.test(file) : /\.(?:log|out|md|rst|txt)$/i.test(file);
  return (
    isText &&
    /^(?=\D*\d\D*\d)(?=[^A-Za-z]*[A-Za-z])[A-Za-z\d!@#%^&*+~?-]{8,64}$/.test(value) &&
    !/^[a-z]{2,12}-?\d{1,4}(?:-[a-z\d-]+)?$/.test(value) &&
    !/^(?:v?\d+(?:-|$)|[a-z\d]+(?:-[a-z\d]+)+$)/.test(value)
  );
}

/** Words and names change between small and capital letters only where a word begins. */
function areRandomLetters(value: string): boolean {
  const changes = value.match(/(?<=[a-z])[A-Z]|(?<=[A-Z])[a-z]/g)?.length ?? 0;
  return value.length >= 12 && changes >= value.length / 3 && entropyOf(value) >= 3.2;
}

/** `^4.0.0`, `>=1.2 <2.x`, `1.0 || 2.0`: what a package wants of another, whose name may be `js-tokens`. */
function isVersionRange(value: string): boolean {
  return (
    value.length <= 100 &&
    value.split(/[ ,|]+/).every((part) => /^[\^~<>=v]{0,3}(?:\d{1,6}(?:\.(?:\d{1,6}|[x*])){1,3}(?:[-+][\w.+-]{1,40})?|-)?$|^[\^~]\d{1,6}$/.test(part))
  );
}

/** Digests in lock files and package lists stand beside names such as `integrity-key`. */
function isDigestLike(value: string): boolean {
  if (isVersionRange(value)) return true;
  return /^(?:sha\d{1,3}|md5)[-:=]/i.test(value) || /^[\d.]+$/.test(value) || /^v?\d+(?:\.\d+){1,3}[\w.+-]*$/.test(value);
}

const localePath = /(?:^|[/._-])(?:locales?|i18n|l10n|lang(?:uage)?s?|translations?|messages|nls)(?:[/._-]|$)/i;

/** What stands bare in a program is an expression unless it has the characters of a token. */
const bareToken = /^[A-Za-z0-9+/=_.~-]+$/;

/** No sequence of brackets that a program could hold: `o)p${e]`. Closers of what is around it are cut off before. */
function hasUnevenBrackets(value: string): boolean {
  const open: string[] = [];
  for (const character of value) {
    if ('([{'.includes(character)) open.push(character);
    else if (')]}'.includes(character) && '([{'.indexOf(open.pop() ?? '') !== ')]}'.indexOf(character)) return true;
  }
  return false;
}

/** What cannot be code is meant as it stands, whatever signs it has. */
function isNoExpression(value: string): boolean {
  return value.length >= 12 && hasUnevenBrackets(value) && !isPlaceholder(value, 'value') && entropyOf(value) >= 3.5;
}

interface Beside {
  readonly whole: string;
  readonly strength: Strength;
  readonly place: string;
  /** The path of the file. */
  readonly file: string;
  readonly isQuoted: boolean;
  /** The value is all that the line holds behind the name. */
  readonly isWholeLine: boolean;
}

function accepts(value: string, { whole, strength, place, file, isQuoted, isWholeLine }: Beside): boolean {
  if (place === 'env')
    return strength === 'strong'
      ? value.length >= 4 && !isPlaceholder(value, 'value') && (isQuoted || !/^[A-Za-z_]+(?:\.[A-Za-z_]+)+$/.test(value))
      : looksIssued(value) && !isPlaceholder(value, isQuoted ? 'words' : 'code');
  // `thisIsDog11` beside `password` is one, beside `key` it is a name.
  const isPassword =
    isPasswordName(whole) && (isQuoted ? /^(?=\D*\d)(?=[^A-Za-z]*[A-Za-z])[^\s_.|]{8,64}$/.test(value) : isBarePassword(value, place, file));
  if (isPassword && !isQuoted && place === 'code') return !isDigestLike(value) && !isPlaceholder(value, 'value');
  if (place === 'code' && !isQuoted && isWholeLine && strength === 'strong' && isNoExpression(value)) return true;
  if (isDigestLike(value) || isPlaceholder(value, isPassword ? 'value' : isQuoted ? 'words' : 'code')) return false;
  // Prose and help texts; whoever writes a passphrase of words into a program gives it a digit.
  if (place === 'code' && (value.match(/\s/g)?.length ?? 0) >= 2 && !/\d/.test(value)) return false;
  // OpenPGP key ids stand beside "key" in every log of a package manager.
  if (!isQuoted && place === 'code' && /^[0-9A-F]{40}$/.test(value)) return false;
  if (strength === 'weak') return value.length >= 16 && looksIssued(value) && (isQuoted || bareToken.test(value));
  if (!isQuoted && place === 'code')
    return (bareToken.test(value) && looksIssued(value)) || (isWholeLine && isPasswordName(whole) && looksChosen(value));
  if (localePath.test(file)) return looksIssued(value);
  // Human passwords have a digit or a sign in them; what is left of letters alone is a word or a name, unless it is random.
  return (
    value.length >= (place === 'config' ? 5 : 6) &&
    (!/^[A-Za-z]+$/.test(value) || areRandomLetters(value)) &&
    (/\d/.test(value) || /^\w.*[^\w\s.,:;'"/-]/.test(value) || entropyOf(value) >= 3.5)
  );
}

const isSetter = /(?:^|[._$-])(?:set|with|put|add|use|define|login|auth|pass|pwd|secret)|Password$|Secret$/i;

/** `put("password", "..."`: functions that set, name or compare a value, or give a default for one. */
const settingCall =
  /(?<![A-Za-z])(?:define|put\w{0,12}|set\w{0,16}|\w{0,6}env\w{0,10}|get\w{0,12}|str\w{0,6}cmp\w{0,4}|add\w{0,12}|compare\w{0,8}|equals?|config|fetch)\s?\(\s{0,4}["'`]?$/i;

/** `password "..."` as the whole line, as in configuration files and `#define`; `:password "..."` and `(setq password "...")` of Lisps. */
function isDirective(text: string, index: number, end: number): boolean {
  const start = nameStart(text, index);
  const before = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  if (/(?:^|[\s{(]):$|\(set[qf][ \t]{1,4}$/.test(before)) return /^"[\s)}\]]|^"$/.test(text.slice(end, end + 2));
  return (
    /^[ \t]{0,24}(?:(?:#[ \t]{0,4}define|export|const|set|setenv)[ \t]{1,8})?$/.test(before) &&
    /^["'][ \t]{0,4}[;,]?[ \t]{0,8}(?:$|\r|\n|\/[/*]|#)/.test(text.slice(end, end + 24))
  );
}

export const pair: Check = ({ secret, groups, text, index, start, end, name: file }, argument) => {
  if (argument === 'argument') return isArgument(secret) ? kept : dropped;
  const matched = groups['name'] ?? groups['name2'] ?? groups['name3'] ?? groups['name4'] ?? '';
  const isNameFirst = argument !== 'named' && text.startsWith(matched, index);
  const whole = isNameFirst ? wholeName(text, index, matched) : matched;
  const strength = strengthOf(whole);
  if (strength === 'none') return dropped;
  if (argument === 'named') return isNamedValue(secret, text, start, whole, strength, file) ? kept : dropped;
  if (argument === 'split') return strength === 'strong' && accepts(joined(secret), literal(whole, strength, file)) ? kept : dropped;
  const before = text[start - 1];
  const isQuoted = before === '"' || before === "'" || before === '`';
  const value = isQuoted ? secret : withoutCloser(secret);
  const behind = text.slice(end, end + 8);
  // The name of a module, and the next option of a command line.
  if (isQuoted && /\b(?:require|import|resolve)\s{0,2}\(\s{0,2}["'`]$/.test(text.slice(Math.max(0, start - 24), start))) return dropped;
  if (!isQuoted && /^--?[a-z][a-z-]*(?:=|$)/.test(value)) return dropped;
  if (!isQuoted && /^\s{0,3}[([]|^\s*(?:\+ |\?\?|\|\| )/.test(behind)) return dropped;
  // The names of tests that passed, in the summaries of test runs.
  if (argument === 'code' && whole === 'PASS' && !isQuoted && /^[a-z\d.+_-]+(?:\/[a-zA-Z\d.+_-]+)*$/.test(value)) return dropped;
  const between = isNameFirst ? text.slice(index + matched.length, start) : '';
  if (argument === 'code' && /^[ \t]+$/.test(between) && isPathEnd(text, index)) return dropped;
  // In a list of texts the one behind a telling one is seldom its value; behind a bare space even less.
  const isCall = isQuoted && strength === 'strong' && settingCall.test(text.slice(Math.max(0, nameStart(text, index) - 40), nameStart(text, index)));
  if (between.includes(',') && !isCall && !(isQuoted ? looksIssuedInList(value) : value.length >= 20 && looksIssuedInList(value))) return dropped;
  // `token("comment2")` makes a token of a language, `setToken("...")` sets one.
  if (isQuoted && /^\s{0,4}\(\s{0,4}["'`]$/.test(between) && !isSetter.test(whole) && !looksIssuedInList(value)) return dropped;
  // `password.encode("latin1")` is about a password; `source.setPassword("...")` has one.
  if (
    between.startsWith('(') &&
    whole.includes('.') &&
    !/\.(?:equals\w*|compareTo\w*|eql)$/.test(whole) &&
    strengthOf(whole.slice(whole.lastIndexOf('.') + 1)) === 'none'
  )
    return dropped;
  if (
    /^[^=:>]*\($/.test(between) ||
    (/^["'`\s)\]]*$/.test(between) &&
      argument === 'code' &&
      isNameFirst &&
      !(looksIssued(value) && bareToken.test(value) && !/^[A-Za-z]\w*_\w*$/.test(value)) &&
      !(isQuoted && strength === 'strong' && isDirective(text, index, end)))
  )
    return dropped;
  const isWholeLine =
    isNameFirst &&
    /^["'`,;]?[ \t]*(?:\r|\n|$)/.test(behind) &&
    /(?:^|\n)[ \t]*(?:[^\s=:,;()]{1,40}[ \t]+){0,5}$/.test(text.slice(Math.max(0, nameStart(text, index) - 80), nameStart(text, index)));
  if (!accepts(value, { whole, strength, place: argument, file, isQuoted, isWholeLine })) return dropped;
  // `key = "..."` in a program is as often the key of a table as that of a door.
  return argument === 'code' && strength === 'weak' ? { keep: true, severity: 'low' } : kept;
};

const literal = (whole: string, strength: Strength, file: string): Beside => ({
  whole,
  strength,
  place: 'config',
  file,
  isQuoted: true,
  isWholeLine: false,
});

/** `"abc" + "def"` as `abcdef`. */
function joined(pieces: string): string {
  return pieces.replace(/(["'`])\s*(?:[+.&\\]|\|\|)?\s*[A-Za-z@]{0,2}\1/g, '').replace(/^["'`]|["'`]$/g, '');
}

/** A variable of a container is a setting, whatever file it stands in. */
function isNamedValue(secret: string, text: string, start: number, whole: string, strength: Strength, file: string): boolean {
  const isQuoted = /["'>]/.test(text[start - 1] ?? '');
  const place = /^[A-Z][A-Z\d_]+$/.test(whole) ? 'env' : 'config';
  return accepts(isQuoted ? secret : withoutCloser(secret), { whole, strength, place, file, isQuoted, isWholeLine: false });
}

/** Beside a user in a call or a sentence: no name of a program, and no word. */
function isArgument(value: string): boolean {
  return (
    /\d/.test(value) && /[A-Za-z]/.test(value) && !isDigestLike(value) && (looksIssued(value) || looksChosen(value) || /^[^_.\s/]{6,40}$/.test(value))
  );
}

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
