// Keys of Azure's services: four letters near the end name the service, and behind them stands a Marvin32 of all before.
// The newer form of 84 characters has one seed for all services, the older one a seed for each kind of key.
import type { Check } from './check.ts';
import { littleEndian, ranked, toBase } from './checksum.ts';
import { marvin32 } from './marvin32.ts';

/** The services by their letters, with the seeds of their kinds of keys. */
const services: Readonly<Record<string, readonly string[]>> = {
  '+ASb': ['Send0000', 'Listen00', 'Manage00', 'System00', 'Unknown0'],
  '+AEh': ['Send0000', 'Listen00', 'Manage00', 'System00', 'Unknown0'],
  '+ARm': ['Send0000', 'Listen00', 'Manage00', 'System00', 'Unknown0'],
  '+ABa': ['AbAcct00'],
  AzFu: ['Master00', 'System00', 'Functi00'],
  ACDb: ['MastRW00', 'MastRO00', 'SysAll00', 'Resour00', 'SystRO00', 'SystRW00', 'Encryp00'],
  '+ASt': ['Default0'],
  AzSe: ['Query000', 'PAdmin00'],
  '+AMC': ['Classic0'],
  '+ACR': ['ACRDflt0'],
  AIoT: ['IoTHub00', 'DpsKey00', 'Device00'],
  '+SQL': ['UsrPwd00'],
  APIM: ['Tenant00', 'IoTHub00', 'Gatewy00', 'GitKey00'],
};

/** Names no service where the letters are not known; the sum of such a key is not looked at. */
export const azureKey: Check = ({ secret }) => {
  if (/^[A-Za-z0-9]{52}JQQJ9[9DH][A-Za-z0-9]{26}/.test(secret) && /^.{84}(?:..==)?$/.test(secret)) return ranked(hasNewerSum(secret), issued(secret));
  const key = secret.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/');
  const bytes = Buffer.from(key, 'base64');
  const seeds = services[key.slice(-10, -6)];
  if (seeds === undefined || bytes.length < 24) return { keep: true };
  const sum = bytes.readUInt32LE(bytes.length - 4);
  return ranked(seeds.some((seed) => marvin32(bytes.subarray(0, -4), seed) === sum));
};

/** Written in base62, or in base64; the short form holds the first 4 of 6 characters. */
function hasNewerSum(key: string): boolean {
  const sum = littleEndian(marvin32(Buffer.from(key.slice(0, 80), 'base64'), 'Default0'));
  const written = key.slice(80).replace(/=+$/, '');
  const base62 = toBase(sum.readUInt32BE(0), 62, 1).padEnd(6, '0');
  return base62.startsWith(written.slice(0, 5)) || sum.toString('base64').startsWith(written);
}

/** A letter for the year from 2024 on, and one for the month. */
function issued(key: string): string[] {
  const [year, month] = [key.charCodeAt(58) - 65, key.charCodeAt(59) - 65];
  return year >= 0 && year < 26 && month >= 0 && month < 12 ? [`issued ${2024 + year}-${String(month + 1).padStart(2, '0')}`] : [];
}
