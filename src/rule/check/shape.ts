// What kinds of characters a token has. Issued tokens mix them, identifiers and words do not.
import { type Check, dropped, kept } from './check.ts';

/** A row of one letter is made up, but no word of a table: the check `varied` lowers it. */
const oneLetter = /([a-z])\1{15}/i;

/** At least one digit, or as many as the argument says: words in tables of names have none. */
export const digit: Check = ({ secret }, argument) =>
  secret.replace(/\D/g, '').length >= Number(argument || 1) || oneLetter.test(secret) ? kept : dropped;

/** A digit and a letter, or both cases: `mixed` drops words, numbers and snake_case names. */
export const mixed: Check = ({ secret }) => {
  const kinds = Number(/[a-z]/.test(secret)) + Number(/[A-Z]/.test(secret)) + Number(/\d/.test(secret));
  return kinds >= 2 || oneLetter.test(secret) ? kept : dropped;
};

/** A row of letters in the order of the alphabet, as nobody issues them. */
const alphabetRow =
  /abcdefghijkl|bcdefghijklm|cdefghijklmn|defghijklmno|efghijklmnop|fghijklmnopq|ghijklmnopqr|hijklmnopqrs|ijklmnopqrst|jklmnopqrstu|klmnopqrstuv|lmnopqrstuvw|mnopqrstuvwx|nopqrstuvwxy|opqrstuvwxyz/i;

const mask = /[xX]{8,}|\*{3,}|0{12,}|\.{3,}/;
/** Four letters stand in many a random token by chance, so short words must be set off by signs or be one case throughout. */
const askingWords =
  /(?:EXAMPLE){2,}|(?:example){2,}|PLACEHOLDER|placeholder|REDACTED|redacted|(?<![A-Za-z0-9])(?:YOUR|your)[-_]|(?:YOUR|your)[-_]?(?:API|api|TOKEN|token|KEY|key|SECRET|secret)|[-_](?:HERE|here)(?![A-Za-z0-9])/;

/** `npm_install_D_types_node_6290`: names of messages in programs. */
const joinedWords = /^[A-Za-z]+(?:_[A-Za-z]+){4}/;

/** Drops masks (`sk_live_xxxxxxxx`), words that ask for a value and names of five words; a row of the alphabet or of one character only lowers. */
export const varied: Check = ({ secret }) => {
  if (mask.test(secret) || askingWords.test(secret) || joinedWords.test(secret)) return dropped;
  const longest = Math.max(5, Math.floor(secret.length / 3));
  const isMadeUp = alphabetRow.test(secret) || /(?:test){4,}|(?:1234567890){2,}/i.test(secret) || new RegExp(`([^\\n])\\1{${longest},}`).test(secret);
  return isMadeUp ? { keep: true, severity: 'low', confidence: 'low', proved: 'looks made up' } : kept;
};

/** So many characters at least: `length:24`. */
export const length: Check = ({ secret }, argument) => (secret.length >= Number(argument) ? kept : dropped);

/** Keys of a provider's test mode open no live account. */
export const testMode: Check = ({ secret }) => (/_test_/i.test(secret) ? { keep: true, severity: 'low', proved: 'test mode' } : kept);
