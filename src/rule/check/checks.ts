// The names by which rule files call the checks.
import { awsKeyId, awsSecretKey } from './aws.ts';
import { base64Bytes, base64Text, base64UserPassword, dockerAuth } from './base64.ts';
import type { Check } from './check.ts';
import { crc32Base36, crc32Base62, crc32Grafana, crc32Hex } from './crc32.ts';
import { cryptHash } from './crypt-hash.ts';
import { discordId } from './discord.ts';
import { entropy } from './entropy.ts';
import { base64Jwt, jwt } from './jwt.ts';
import { optionValue, pair } from './pair.ts';
import { base64Pem, pem, pgp, putty } from './pem.ts';
import { placeholder } from './placeholder.ts';
import { digit, length, mixed, testMode, varied } from './shape.ts';
import { urlPassword } from './url-password.ts';

export const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['aws-key-id', awsKeyId],
  ['aws-secret-key', awsSecretKey],
  ['base64-bytes', base64Bytes],
  ['base64-jwt', base64Jwt],
  ['base64-pem', base64Pem],
  ['base64-text', base64Text],
  ['base64-user-password', base64UserPassword],
  ['crc32-base36', crc32Base36],
  ['crc32-base62', crc32Base62],
  ['crc32-grafana', crc32Grafana],
  ['crc32-hex', crc32Hex],
  ['crypt-hash', cryptHash],
  ['digit', digit],
  ['docker-auth', dockerAuth],
  ['discord-id', discordId],
  ['entropy', entropy],
  ['jwt', jwt],
  ['length', length],
  ['mixed', mixed],
  ['option-value', optionValue],
  ['pair', pair],
  ['pem', pem],
  ['pgp', pgp],
  ['placeholder', placeholder],
  ['putty', putty],
  ['test-mode', testMode],
  ['url-password', urlPassword],
  ['varied', varied],
]);
