// Tokens that are, or begin with, base64 of JSON: that it parses shows that they were issued, and some members name the owner.
import type { Check } from './check.ts';
import { dayOf, factOf, memberOf } from './fact.ts';

interface Form {
  /** The base64 is the group. */
  readonly payload: RegExp;
  /** Members that are no secret, by what they are called in reports. */
  readonly told: readonly (readonly [label: string, ...names: string[]])[];
}

const forms: ReadonlyMap<string, Form> = new Map<string, Form>([
  ['1password', { payload: /^ops_(ey[\w+/-]+=*)$/, told: [['account', 'signInAddress']] }],
  [
    'grafana',
    {
      payload: /^(?:glc_)?(ey[\w+/-]+=*)$/,
      told: [
        ['organisation', 'o'],
        ['organisation', 'id'],
        ['region', 'm', 'r'],
      ],
    },
  ],
  ['mapbox', { payload: /^sk\.(ey[\w+/-]+=*)\./, told: [['user', 'u']] }],
  [
    'sentry',
    {
      payload: /^sntrys_(ey[\w+/-]+=*)_/,
      told: [
        ['organisation', 'org'],
        ['region', 'region_url'],
        ['server', 'url'],
      ],
    },
  ],
]);

/** `payload:sentry`. Says nothing of the other forms of that provider's tokens. */
export const payload: Check = ({ secret }, argument) => {
  const form = forms.get(argument);
  const encoded = form?.payload.exec(secret)?.[1];
  if (form === undefined || encoded === undefined) return { keep: true };
  const content = jsonOf(encoded);
  if (content === undefined) return { keep: true, confidence: 'medium', proved: 'payload does not decode' };
  const facts = form.told.map(([label, ...names]) => [label, factOf(memberOf(content, ...names))]).filter(([, fact]) => fact !== undefined);
  const issued = memberOf(content, 'iat');
  const since = typeof issued === 'number' ? [`issued ${dayOf(issued)}`] : [];
  return { keep: true, confidence: 'high', proved: ['payload decodes', ...facts.map((fact) => fact.join(' ')), ...since].join(', ') };
};

function jsonOf(encoded: string): object | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
