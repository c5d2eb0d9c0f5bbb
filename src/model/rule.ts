// What the rest of unbake knows of a rule: enough to report, to judge and to filter, nothing of how it matches.
import type { Confidence, Severity } from './severity.ts';
import type { Secret } from './secret.ts';
import type { Span } from './span.ts';

export interface RuleInfo {
  /** Stable, unique, such as `github-token`: one per type of secret. */
  readonly id: string;
  /** Short and human, such as `GitHub token`. */
  readonly name: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** One or two sentences: what it is and what its holder can do. */
  readonly description: string;
  /** How to revoke or rotate it, with the provider's page. */
  readonly advice: string;
  readonly references: readonly string[];
  /** `builtin` = a YAML rule of ours, `secretlint` = the recommended preset, `user` = the user's own. */
  readonly origin: 'builtin' | 'secretlint' | 'user';
  /** The literal strings one of which must stand near a match; empty = every text is looked at. */
  readonly keywords: readonly string[];
}

/** What a rule says of one text. `start` and `end` are indices (UTF-16 code units) of the secret itself in that text. */
export interface Detection {
  readonly ruleId: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly secret: Secret;
  readonly start: number;
  readonly end: number;
  /** Other rules that found the same characters, the winner excluded. */
  readonly alsoRules: readonly string[];
  /** What a named check proved, in a few words, such as `checksum valid` or `encrypted RSA key`. */
  readonly proved: readonly string[];
  /** Of a private key: the SHA-256 of its SubjectPublicKeyInfo in hexadecimal, by which its certificate is found. No secret. */
  readonly publicKey?: string;
  /** Told by the format of the file: no text of it can be written over, only all of it be taken out. */
  readonly isWholeFile?: true;
}

/** A rule that threw, or was ended: the text was not completely looked at. */
export interface RuleFailure {
  readonly ruleId: string;
  readonly reason: string;
  /** The rule found more than it gives for one text: a shorter text would show the rest. */
  readonly isFlood?: true;
}

/** How far from its keyword a match may begin and end, in bytes. */
export interface Reach {
  readonly before: number;
  readonly after: number;
}

/** One rule as the keyword filter sees it. A keyword in lower case matches any case; with a capital in it, it matches exactly. */
export interface Detector {
  readonly ruleId: string;
  readonly keywords: readonly string[];
  readonly reach: Reach;
  /** It knows a value by the name beside it, and loses against a rule that knows its form. */
  readonly isGeneric?: boolean;
  /** False for the path of a document at which the rule does not look. */
  readonly looksAt?: (name: string) => boolean;
  /** What may stand around its keywords; undefined where nothing is known. Made when it is asked for. */
  readonly shape?: () => KeywordShape | undefined;
}

export interface KeywordShape {
  /** A number for `begins`; undefined for a keyword that stands near matches and not in them. */
  placeOf(keyword: string): number | undefined;
  /**
   * Where in the bytes a match of the rule may begin that holds the keyword from `start` to `end`: nowhere, at some indices, in falling order, or
   * `anywhere` where that is not known. Of the bytes from `length` on nothing is known; `isEnd`: there are none.
   */
  begins(place: number, bytes: Uint8Array, start: number, end: number, length: number, isEnd: boolean): readonly number[] | 'anywhere';
}

export interface DetectionResult {
  readonly detections: readonly Detection[];
  readonly failures: readonly RuleFailure[];
}

/** An index at which a match may begin, or a stretch in which one may begin and end. */
export type MatchPlace = number | Span;

/** A text with its path in the image (`app/.env`) or its pseudo path in metadata (`config/Env`), and which detectors are to look at it. */
export interface TextWindow {
  readonly text: string;
  readonly name: string;
  readonly detectors: readonly number[];
  /** Of a detector, where its matches may be, in rising order; without them, anywhere. */
  readonly places?: ReadonlyMap<number, readonly MatchPlace[]>;
}

/** What was seen of a window ahead of `detect`. */
export interface Survey {
  /** By detector, for the ruleset that gave it. A detector that is not there finds nothing. */
  readonly found: ReadonlyMap<number, unknown>;
  readonly failures: readonly RuleFailure[];
}

/** What a find that a format tells is reported as. */
export interface FormatTerms {
  readonly info: RuleInfo;
  /** The most that the user wants of it. */
  readonly cap: { readonly severity?: Severity; readonly confidence?: Confidence };
}

/** A loaded set of rules. `detect` may be called for any window of a text; it keeps no state between calls. */
export interface Ruleset {
  readonly rules: readonly RuleInfo[];
  readonly detectors: readonly Detector[];
  /** The rules for what formats of files tell, by the kind of find that each names. */
  readonly formats: ReadonlyMap<string, FormatTerms>;
  /** Changes when any rule, its pattern or its settings change. */
  readonly hash: string;
  /** Runs the patterns of the detectors over many windows, none longer than `milliseconds` over one: see `Limits.ruleMilliseconds`. */
  survey(windows: readonly TextWindow[], milliseconds: number): readonly Survey[];
  /**
   * Runs the detectors with these indices over a window of text. `name` is the path that the text has in the image
   * (`app/.env`) or the pseudo path of metadata (`config/Env`); rules with `paths` look at it. `survey` is that of this window.
   * Detections come sorted by start; overlapping ones are already merged into the most telling one.
   */
  detect(text: string, name: string, detectors: Iterable<number>, survey?: Survey): Promise<DetectionResult>;
}
