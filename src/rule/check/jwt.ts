// A JSON Web Token: the header must decode to JSON with an algorithm. Tells who issued it and whether it has expired.
import { decodeBase64 } from './base64.ts';
import { type Check, dropped, type Verdict } from './check.ts';
import { dayOf, factOf, memberOf } from './fact.ts';

function jsonOf(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

export const jwt: Check = ({ secret }) => verdictOf(secret);

/** The same, once more in base64. */
export const base64Jwt: Check = ({ secret }) => {
  const inner = decodeBase64(secret).toString('latin1');
  return /^ey[\w-]+=*\.[\w-]*=*\.[\w-]*=*$/.test(inner) ? verdictOf(inner) : dropped;
};

function verdictOf(secret: string): Verdict {
  const parts = secret.split('.');
  const header = jsonOf(parts[0]!);
  const payload = jsonOf(parts[1] ?? '');
  const isEncrypted = parts.length === 5;
  // A header that was damaged in copying, before a payload that is whole: still the token of somebody.
  const isDamaged =
    header === undefined &&
    payload !== undefined &&
    /^\{\s{0,4}"(?:alg|typ|kid|cty|enc|jwk|x5t)"[^]*\}$/.test(Buffer.from(parts[0]!, 'base64url').toString('latin1'));
  if ((header === undefined && !isDamaged) || (!isEncrypted && payload === undefined)) return dropped;
  if (header === undefined) return { keep: true, severity: 'low', confidence: 'low', proved: 'header does not decode' };
  const facts = [
    `algorithm ${String(header['alg'] ?? 'not named')
      .replace(/[^\w -]/g, '')
      .slice(0, 20)}`,
  ];
  if (payload === undefined) return { keep: true, severity: 'low', proved: [...facts, 'encrypted'].join(', ') };
  if (payload['kubernetes.io/serviceaccount/secret.name'] !== undefined || payload['kubernetes.io'] !== undefined)
    facts.push(`Kubernetes service account${serviceAccountOf(payload)}`);
  if (payload['role'] === 'service_role' && payload['iss'] === 'supabase') facts.push('Supabase service role');
  // The subject and name that every tutorial uses, with whatever signature.
  if (payload['sub'] === '1234567890' && payload['name'] === 'John Doe')
    return { keep: true, severity: 'info', confidence: 'low', proved: 'payload of the jwt.io sample' };
  const expires = payload['exp'];
  if ((parts[2] ?? '') === '' || String(header['alg']).toLowerCase() === 'none')
    return { keep: true, severity: 'low', proved: [...facts, 'not signed'].join(', ') };
  if (typeof expires !== 'number') return { keep: true, proved: [...facts, 'never expires'].join(', ') };
  // Expiry as a plain fact: whether it has passed depends on the day of the scan, and a finding should not.
  return { keep: true, proved: [...facts, `expires ${dayOf(expires)}`].join(', ') };
}

/** Namespace and name, as tokens of secrets and tokens of the token API have them; empty when they are not plain. */
function serviceAccountOf(payload: Record<string, unknown>): string {
  const legacy = 'kubernetes.io/serviceaccount';
  const namespace = factOf(payload[`${legacy}/namespace`] ?? memberOf(payload, 'kubernetes.io', 'namespace'));
  const name = factOf(payload[`${legacy}/service-account.name`] ?? memberOf(payload, 'kubernetes.io', 'serviceaccount', 'name'));
  return namespace === undefined || name === undefined ? '' : ` ${namespace}/${name}`;
}
