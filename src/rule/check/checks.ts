// The names by which rule files call the checks.
import { awsKeyId, awsSecretKey } from './aws.ts';
import { azureDevops } from './azure-devops.ts';
import { azureKey } from './azure-key.ts';
import { base64Bytes, base64Text, base64UserPassword, dockerAuth } from './base64.ts';
import { bech32 } from './bech32.ts';
import { bip39 } from './bip39.ts';
import type { Check } from './check.ts';
import { crc32Base36, crc32Base62, crc32Base64, crc32Grafana, crc32Hex } from './crc32.ts';
import { cryptHash } from './crypt-hash.ts';
import { discordId } from './discord.ts';
import { entropy } from './entropy.ts';
import { githubFineGrained } from './github-fine-grained.ts';
import { base64Jwt, jwt } from './jwt.ts';
import { macaroon } from './macaroon.ts';
import { nkey } from './nkey.ts';
import { optionValue, pair } from './pair.ts';
import { payload } from './payload.ts';
import { base64Pem, pem, pgp } from './pem.ts';
import { placeholder } from './placeholder.ts';
import { dopplerKind, jfrogReference, slackIds, telegramId } from './public-parts.ts';
import { putty } from './putty.ts';
import { digit, length, mixed, testMode, varied } from './shape.ts';
import { urlPassword } from './url-password.ts';

export const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['aws-key-id', awsKeyId],
  ['aws-secret-key', awsSecretKey],
  ['azure-devops', azureDevops],
  ['azure-key', azureKey],
  ['base64-bytes', base64Bytes],
  ['base64-jwt', base64Jwt],
  ['base64-pem', base64Pem],
  ['base64-text', base64Text],
  ['base64-user-password', base64UserPassword],
  ['bech32', bech32],
  ['bip39', bip39],
  ['crc32-base36', crc32Base36],
  ['crc32-base62', crc32Base62],
  ['crc32-base64', crc32Base64],
  ['crc32-grafana', crc32Grafana],
  ['crc32-hex', crc32Hex],
  ['crypt-hash', cryptHash],
  ['digit', digit],
  ['docker-auth', dockerAuth],
  ['discord-id', discordId],
  ['doppler-kind', dopplerKind],
  ['entropy', entropy],
  ['github-fine-grained', githubFineGrained],
  ['jfrog-reference', jfrogReference],
  ['jwt', jwt],
  ['length', length],
  ['macaroon', macaroon],
  ['mixed', mixed],
  ['nkey', nkey],
  ['option-value', optionValue],
  ['pair', pair],
  ['payload', payload],
  ['pem', pem],
  ['pgp', pgp],
  ['placeholder', placeholder],
  ['putty', putty],
  ['slack-ids', slackIds],
  ['telegram-id', telegramId],
  ['test-mode', testMode],
  ['url-password', urlPassword],
  ['varied', varied],
]);
