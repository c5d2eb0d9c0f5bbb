// Values that are no secret but stand for one: references to a variable or a store, placeholders, type names, code.
// Four grades, for what is a password in a `.env` file (`admin`) is a word in a program.
import { type Check, dropped, kept } from './check.ts';

/** `reference`: what points elsewhere. `value`: also what asks to be filled in. `words`: also names and prose. `code`: also expressions. */
export type Grade = 'reference' | 'value' | 'words' | 'code';

const references: readonly RegExp[] = [
  /\$\{[\w.:-]{1,80}(?:\[[^\]}]{0,20}\])?(?:[-:?=+][^}]{0,80})?\}/, // ${NAME}, ${NAME:-default}, ${NAME[1]}
  /\$\{\{[^}]{1,120}\}\}/, // ${{ secrets.NAME }}
  /^\$\$?[A-Za-z_]\w{0,80}(?:[/:].{0,200})?$/, // $NAME, $NAME/file
  /\$\([^)]{1,200}\)?/, // $(command)
  /^`[^`]*`$|^`[\w./-]+\s?$/, // `command`
  /\{\{-?\s{0,4}[^{}]{1,120}\}\}/, // {{ name }}
  /^\{\{/,
  /^%[A-Za-z_]\w{0,80}%$/, // %NAME%
  /^%\w{0,20}\([^)]{1,80}\)%?[sd]?$/, // %env(NAME)%, %(name)s
  /^%[-\d.]{0,8}[sdvqxu]$/, // printf
  /<%[=-]?.{0,200}$/,
  /^#\{[^}]{1,80}\}?$/,
  /^\{\d?\}$|^\{[A-Za-z_][\w.]{0,80}\}$/, // {0}, {name}
  /^<[^<>]{0,120}>?$/, // <password>
  /^\[[^\]]{0,120}\]?$/,
  /^@[@{]?[\w.-]{1,80}[@}]?@$/, // @NAME@
  /^__\w{1,80}__$/,
  /^(?:ENC|PKCS7|GPG)[[(]/,
  /^\{(?:AES|xor|enc|cipher|vault)\}/i,
  /^!(?:Ref|Sub|GetAtt|ImportValue|Join|vault|reference|env|secret|include)\b/i,
  /^(?:vault|ssm|secretsmanager|op|env|file|gcp-?sm|awssm|azurekv|keyvault|ref\+\w+|sops|doppler|infisical|bao|akv|secret|k8s)(?::\/\/|:(?!\d))/i,
  /^arn:aws[\w-]*:(?:secretsmanager|ssm|kms):/,
  /^projects\/[\w-]+\/secrets\//,
  /^\/(?:run|var\/run)\/secrets?\//,
  /^(?:Convert(?:To|From)|Get|New|Read)-[A-Z][A-Za-z]+$/, // Get-Credential
  /secretKeyRef|valueFrom|resolve:secretsmanager|resolve:ssm/,
];

const paths =
  /^(?:~|\.{1,2})?\/[\w.@-]+(?:\/[\w.@-]*)+$|^\.{0,2}\/?[\w-]+(?:\/[\w-]+)*\.(?:pem|key|crt|txt|json|ya?ml|conf|cfg|env|py|js|ts|sh|go|rb|html?|php|xml|ini|p12|pfx|jks)$|^[A-Za-z]:\\/;
const plainUrl = /^[a-z][a-z0-9+.-]{1,20}:\/\/[^@]*$/i;
const digests = /^(?:sha(?:1|256|384|512)|md5)[-:=]/i;

/** Words that say "put the value here"; a value made of nothing but these is a placeholder. */
const askingWords = new Set(
  `your my the a an this that some any insert enter replace replaceme change changeme changeit put add fill use set here with me it in to of for and or is be
   example examples sample dummy fake foo bar baz foobar foobared lorem ipsum todo fixme tbd placeholder placeholders redacted hidden masked removed omitted filtered scrubbed
   none null nil undefined nan na n/a true false yes no on off empty blank unset default required optional disabled enabled
   secret secrets password passwords passwd pwd pass passphrase token tokens key keys apikey api access auth authorization credential credentials cred creds
   private public client user username userid id name value string str text var variable env environment
   mypassword mysecret mytoken mykey mypass yourpassword yoursecret yourtoken yourkey yourapikey somepassword somesecret testpassword testsecret testtoken supersecret topsecret
   notasecret not real actual valid bearer basic oauth jwt long random generate generated strong very super hash encrypted
   test tests testing xxx xxxx abc abcd abcdef qwerty asdf asdfasdf deadbeef aaa foo1 bar1 abc123 test123 test1 1234 12345 123456 1234567 12345678 123456789 1234567890 0123456789 0123456789abcdef 0000 11111111 account app service
   anonymous anoncvs pserver proxypass repopwd
   bool boolean int integer number float double object array list dict map any char byte bytes void type optional`.split(/\s+/), // prettier-ignore
);

/** Whole values only: what people really choose as a password although it is also a word of the list above. */
const typeNames =
  /^(?:std::)?(?:String|string|str|bytes?|\[\]byte|Option(?:al)?[<[].{0,60}|Vec<.{0,60}|Promise<.{0,60}|SecretStr|SecretString|SecureString|Password|char\s?\*?|interface\{\}|any|unknown|never|object|varchar\(\d+\)|text|VARCHAR|TEXT|uuid|UUID|Buffer|Uint8Array)\??[;,]?$/;

function wordsOf(value: string): readonly string[] {
  return value
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9/]+/)
    .filter((word) => word !== '');
}

function asksToBeFilledIn(value: string): boolean {
  if (/^[xX*.\-_#?•·\s0]{3,}$/.test(value) || /^(.)\1{2,}$/.test(value)) return true;
  if (/\*{4,}|[xX]{5,}|\.{3,}$|…|•{3,}/.test(value)) return true;
  if (
    /change[-_ ]?(?:me|it|this)|replace[-_ ]?(?:me|with|this)|(?:your|insert|enter|put)[-_ ](?:\w{1,20}[-_ ]){0,4}(?:password|passwd|secret|token|key|credentials?)|(?:password|secret|token|key)[-_ ](?:here|goes)|^(?:todo|fixme)\b|example\.(?:com|org)|REDACTED|PLACEHOLDER|\bif not used\b|\bleave (?:it |this )?(?:empty|blank)\b/i.test(
      value,
    )
  )
    return true;
  if (/abcdefghijklmnopqrstu|12345678901234567890/i.test(value)) return true;
  if (/^(.{2,4})\1{3,}.{0,3}$/.test(value) && !/\d/.test(value)) return true; // asdfasdfasdfasdf
  const words = wordsOf(value.replace(/^[A-Z][A-Z_]{2,}=/, ''));
  return words.length > 0 && words.join('').length * 2 >= value.length && words.every((word) => askingWords.has(word));
}

/** A name, a type, or words of a sentence. */
function isNameOrProse(written: string): boolean {
  const value = written.replace(/^_+(?=[A-Za-z])/, '');
  if (typeNames.test(value) || digests.test(value)) return true;
  if (/^[A-Za-z]+(?:[ ,.'-]+[A-Za-z]+){2,}[.!?:]?$/.test(value)) return true; // three or more plain words
  if (/^[\p{Lu}]?\p{Ll}+(?:[ -]\p{L}+){0,2}[:.!?…]?$/u.test(value)) return true; // one to three words, translations
  if (/^[A-Z][A-Z]*(?:_[A-Z]+)+$/.test(value) || /^[a-z]+(?:[_.-][a-z]+)+$/.test(value)) return true; // CONSTANT_NAMES, css-classes, snake_names
  if (/^[a-z]+(?:[A-Z][a-z]+)+\d{0,3}$/.test(value) || /^(?:[A-Z][a-z]+){2,}\d{0,3}$/.test(value)) return true; // camelCase names
  if (
    !/^[\da-f-]{30,}$/i.test(value) &&
    /^(?:[A-Z\d]+|[a-z\d]+)(?:[_-](?:[A-Z\d]+|\d*[a-z][a-z\d]*))+$/.test(value) &&
    (value.match(/(?<![A-Za-z\d])[A-Za-z]{3,}(?![A-Za-z\d])/g)?.length ?? 0) >= 2
  )
    return true; // AES_128_GCM_SHA256
  // `Summer2020` is what people choose when they have to choose.
  const isSeason = /^[A-Z][a-z]{4,12}(?:19|20)\d\d$/.test(value);
  if (!isSeason && /^[A-Z]{0,5}[a-z]*\d{0,5}(?:[A-Z][a-z]+\d{0,5})+[A-Z\d]{0,6}$/.test(value)) return true; // ServerHttp2Session, kKeyFormatPKCS8, Ed25519PrivateKey
  if (/^[A-Za-z_]+\d{0,4}(?:(?:\.|::)[A-Za-z_]+\d{0,4})+$/.test(value)) return true; // package.module3.Name
  if (/(?:^|\s)#[\da-f]{3,8}$/i.test(value)) return true; // bold #C46C6C
  if (/^(?:sha|md|aes|rsa|ecdsa|hmac|[hrep]s)-?\d{1,4}(?:[-_/](?=\w)(?:\w|[-/](?=\w))*)?$/i.test(value)) return true; // sha256
  if (/^[\w.@+-]+(?:\/[\w.@+-]+)+\.[a-z]{1,5}$/.test(value) || /^[a-z\d.-]+\.[a-z]{2,6}\/[\w.%/-]+$/.test(value)) return true; // src/a.c, example.org/module
  if (isKebabName(value)) return true; // python3-requests, libexample-dev-1.0.4
  if (/,(?:omitempty|inline|opt|proto3)\b|^(?:PublicKey|Version)=/.test(value)) return true; // struct tags, assembly names
  if ((value.match(/\s[A-Za-z]{1,}/g)?.length ?? 0) >= 4) return true; // a sentence
  if (/^\s|^[+&|]/.test(value)) return true; // the quote was the end of another text
  if (/^(?:required|nullable|sometimes|bail|string|confirmed|present|min:\d+|same:\w+)\|/.test(value)) return true; // rules of a form
  return /^[^\w]*$|%[sd\d]\b|\{\d\}|\\[bdsw]|\[\^?\w-\w|\{\}|\{:|\(\?[:=!<]/.test(value);
}

/** Words in lower case, versions and short hashes, joined by signs: names of packages, files and classes. */
function isKebabName(value: string): boolean {
  const parts = value.split(/[-.:_+]+/);
  return (
    parts.length > 1 &&
    parts.some((part) => /^[a-z]{3}/.test(part)) &&
    parts.every((part) => /^(?:[a-z]{1,15}\d{0,3}|\d{1,4}|[0-9a-f]{5,6})$/.test(part))
  );
}

/** Code that computes the value, or a name that holds it. */
function isExpression(value: string): boolean {
  if (/^[A-Za-z_$][\w$]*(?:(?:\.|->|::|\?\.)[A-Za-z_$][\w$]*)+(?:[([].*)?$/.test(value)) return true; // config.password, os.environ["X"]
  if (/^[A-Za-z_$][\w$.]*\(.*$/.test(value) || /^(?:new|await|return|typeof|function|lambda|async)\b/.test(value)) return true;
  if (/^_*[A-Z][A-Z\d]*(?:_[A-Z\d]+)+$|^_+[A-Za-z]+(?:_[A-Za-z\d]+)*$|^\/.+\/[dgimsuvy]{0,6}$/.test(value)) return true; // CONSTANT_2, _name, /regex/
  if (/^(?:[A-Z]{1,5}[a-z]*\d{1,5})?(?:[A-Z][a-z]{2,}\d{0,3}){1,6}$/.test(value)) return true; // Ed25519PrivateKey
  if (/^--?[a-z][\w-]*$/.test(value)) return true; // --option
  return /[<>]=?|=>|&&|\|\||[{}();]\s*$/.test(value);
}

export function isPlaceholder(value: string, grade: Grade): boolean {
  const bare = value
    .trim()
    .replace(/^(["'`])(.*)\1$/s, '$2')
    .trim();
  if (bare === '' || references.some((form) => form.test(bare))) return true;
  if (paths.test(bare) || plainUrl.test(bare)) return true;
  if (grade === 'reference') return false;
  if (asksToBeFilledIn(bare)) return true;
  if (grade === 'value') return false;
  return isNameOrProse(bare) || (grade === 'code' && isExpression(bare));
}

/** `placeholder:reference`, `placeholder` (= `placeholder:value`), `placeholder:words`, `placeholder:code`. */
export const placeholder: Check = ({ secret }, argument) => {
  const grade: Grade = argument === 'reference' || argument === 'words' || argument === 'code' ? argument : 'value';
  return isPlaceholder(secret, grade) ? dropped : kept;
};
