// Whether a name says that its value is a secret: by whole words, so that `minipass`, `NOPASSWD`, `tokenizer` and `PWD` say
// nothing, and by what the name ends in, so that `password_file`, `token_url` and `key_id` say the contrary.

/** `strong`: any literal beside it is taken for a secret. `weak`: only one that looks random. */
export type Strength = 'strong' | 'weak' | 'none';

const strongWords = new Set(
  `password passwords passwd passphrase passcode pass pwd pw pswd psw secret secrets token tokens apikey apikeys apitoken apisecret accesskey secretkey
   privatekey authtoken accesstoken refreshtoken clientsecret authkey appsecret encryptionkey signingkey masterkey sharedkey dbpassword dbpass dbpasswd dbpwd rootpass
   rootpassword userpass userpassword adminpassword adminpass mypassword requirepass masterauth credential credentials creds cred secretkeybase jwtsecret webhooksecret bindpw rootpw ldappassword
   secrete sessionsecret cookiesecret connectionstring keystorepassword storepass keypass storepassword keypassword hmackey pat psk presharedkey licensekey`.split(/\s+/), // prettier-ignore
);
const weakWords = new Set([
  'key',
  'keys',
  'auth',
  'authorization',
  'salt',
  'signature',
  'login',
  'seed',
  'sid',
  'oauth',
  'jwt',
  'bearer',
  'license',
  'dsn',
  'private',
  'pin',
  'cookie',
  'session',
  'access',
]);

/** Before `key` these make it a secret as surely as `password` does. */
const keyKinds = new Set(
  `api access private secret encryption encrypt signing sign master auth account shared session deploy ssh storage consumer hmac aes des rsa crypt cipher security
   webhook jwt admin service license integration subscription application app client account rest license write ingest insert read live prod`.split(/\s+/), // prettier-ignore
);

/** A key of these kinds is public, or no key to anything. */
const harmlessKinds = new Set(
  `public pub primary foreign gpg pgp sort partition cache hash index unique composite natural surrogate row range registry host known trusted site publishable
   translation i18n message lookup map field config csrf xsrf ssh_host next continuation page pagination cancellation cancel sync idempotency start end resume
   design recv fpr fingerprint syntax lexer parser css keyword punctuation operator`.split(/\s+/), // prettier-ignore
);

/** What a name ends in when its value describes a secret instead of being one. */
const describingWords = new Set(
  `file files filename path paths dir directory folder url uri urls endpoint host hostname port user username name names id ids type types length len size min max minimum maximum count
   ttl expiry expires expiration expire expired timeout lifetime age interval rotation duration date time timestamp created updated modified at enabled enable disabled disable required require optional allow allowed
   format algorithm alg algo header headers prefix suffix separator placeholder label error errors message messages msg hint title text description desc help
   mode policy policies provider service class pattern regex regexp ref reference version issuer audience scope scopes method methods backend input field fields form prompt prompts env var variable
   cache cookie cookies parameter param params arg args option options flag manager store storage strategy rule rules validator validation valid invalid checker check strength complexity confirm confirmation
   reset change changed forgot recovery show hide visible toggle usage used limit limits budget bucket role roles group account region arn value_from manager engine handler factory builder generator
   tag node item entry element attr attribute column row view model controller encryption
   middleware helper util utils schema template index list array set map func function callback fn event test tests spec mock example status state source src destination target kind level
   hash hashes hashed nonce encoder digest fingerprint checksum md5 sha1 sha256 crypt bits bytes encoding rounds iterations cost hasher grant request response info metadata meta config configuration settings`.split(/\s+/), // prettier-ignore
);

export function wordsOfName(name: string): readonly string[] {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .map((word) => word.replace(/^\d+|\d+$/g, ''))
    .filter((word) => word !== '');
}

/** Names run together: `SSHpassword`, `dbpassword`. What stands before must not turn the meaning. */
const runTogether =
  /^(?!no|min|max|get|has|is|show|hide|new|old|re|un|confirm|forgot|reset|change|check|verify)[a-z]{1,20}(password|passwd|passphrase|secretkey|apikey|accesskey|authtoken|accesstoken|clientsecret|privatekey)$/;

/** Whether it is a password that the name tells of, which people choose, and no key, which machines issue. */
export function isPasswordName(name: string): boolean {
  return /^(?:pass(?:word|wd|phrase|code)?s?|pwd|pw|pswd|psw|\w*(?:password|passwd|passphrase))$/.test(wordsOfName(name).at(-1) ?? '');
}

/** Programs repeat their names: what was said of one is said again. More of them are forgotten together. */
const mostKnown = 4096;
const known = new Map<string, Strength>();

export function strengthOf(name: string): Strength {
  let strength = known.get(name);
  if (strength !== undefined) return strength;
  strength = strengthOfWords(name);
  if (known.size >= mostKnown) known.clear();
  known.set(name, strength);
  return strength;
}

function strengthOfWords(name: string): Strength {
  const words = wordsOfName(name);
  const last = words.at(-1);
  // The working directory of every shell.
  if (last === undefined || /^(?:OLD)?PWD$/.test(name.replace(/^\$/, ''))) return 'none';
  if (describingWords.has(last)) return 'none';
  const pairs = words.map((word, index) => (index === 0 ? word : words[index - 1]! + word));
  const isStrong = words.some((word) => strongWords.has(word) || runTogether.test(word)) || pairs.some((pair) => strongWords.has(pair));
  const keyAt = words.findLastIndex((word) => word === 'key' || word === 'keys');
  const kind = keyAt > 0 ? words[keyAt - 1]! : '';
  if (words.some((word) => harmlessKinds.has(word)) && !words.some((word) => /^pass|^secret|^pwd$/.test(word))) return 'none';
  if (isStrong || keyKinds.has(kind)) return 'strong';
  return words.some((word) => weakWords.has(word)) ? 'weak' : 'none';
}
