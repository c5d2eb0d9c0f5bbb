// Tokens that carry an identifier in the clear: it names the bot, the app or the workspace to revoke them in, and is no secret.
import type { Check } from './check.ts';
import { dayOf } from './fact.ts';

/** The digits before the colon. */
export const telegramId: Check = ({ secret }) => {
  const id = /^(?:bot)?(\d{6,12}):/.exec(secret)?.[1];
  return id === undefined ? { keep: true } : { keep: true, proved: `bot id ${id}` };
};

/** `T...` is a workspace, `A...` an app: they stand in webhooks and in app-level tokens. */
export const slackIds: Check = ({ secret }) => {
  const workspace = /hooks\.slack(?:-gov)?\.com\/(?:services|workflows|triggers)\/([TE][A-Z0-9]{6,14})(?=\/)/i.exec(secret)?.[1];
  const app = /^xapp-\d-(A[A-Z0-9]{6,14})-/.exec(secret)?.[1];
  const facts = [workspace === undefined ? '' : `workspace ${workspace.toUpperCase()}`, app === undefined ? '' : `app ${app}`].filter(
    (fact) => fact !== '',
  );
  return facts.length === 0 ? { keep: true } : { keep: true, proved: facts.join(', ') };
};

const dopplerKinds: Readonly<Record<string, string>> = {
  pt: 'personal token',
  st: 'service token',
  ct: 'token of the command line',
  sa: 'token of a service account',
  scim: 'SCIM token',
  audit: 'audit token',
};

/** `dp.st.` + the name of a configuration + `.` + the token. */
export const dopplerKind: Check = ({ secret }) => {
  const [, kind, config] = /^dp\.([a-z]{2,5})\.(?:([a-z0-9_-]{2,35})\.)?[A-Za-z0-9]/.exec(secret) ?? [];
  const told = kind === undefined ? undefined : dopplerKinds[kind];
  if (told === undefined) return { keep: true };
  return { keep: true, proved: config === undefined ? told : `${told}, configuration ${config}` };
};

/** JFrog's reference tokens are base64 of `reftkn:01:`, the second at which they expire, `:` and the secret. */
export const jfrogReference: Check = ({ secret }) => {
  const text = Buffer.from(secret, 'base64').toString('latin1');
  const expires = /^reftkn:\d{2}:(\d{10}):/.exec(text)?.[1];
  if (expires === undefined) return { keep: true, confidence: 'medium', proved: 'does not decode to a reference token' };
  return {
    keep: true,
    confidence: 'high',
    proved: `reference token, ${Number(expires) === 0 ? 'never expires' : `expires ${dayOf(Number(expires))}`}`,
  };
};
