// A Discord bot token begins with the base64 of the bot's numeric id, which is public and says when the bot was made.
// Published samples often do not: it ranks.
import type { Check } from './check.ts';

/** Ids count milliseconds from the first second of 2015, above 22 bits. */
const epoch = 1_420_070_400_000n;

export const discordId: Check = ({ secret }) => {
  const id = Buffer.from(secret.slice(0, secret.indexOf('.')), 'base64').toString('latin1');
  if (!/^\d{15,20}$/.test(id)) return { keep: true, confidence: 'low' };
  const made = new Date(Number((BigInt(id) >> 22n) + epoch));
  return { keep: true, proved: `bot id ${id}, made ${made.toISOString().slice(0, 10)}` };
};
