// A Discord bot token begins with the base64 of the bot's numeric id. Published samples often do not: it ranks.
import type { Check } from './check.ts';

export const discordId: Check = ({ secret }) =>
  /^\d{15,20}$/.test(Buffer.from(secret.slice(0, secret.indexOf('.')), 'base64').toString('latin1'))
    ? { keep: true, proved: 'numeric id' }
    : { keep: true, confidence: 'low' };
