// What secretlint's recommended preset (13.0.6) looks for, by the package of each rule. Keywords and probes are read off its source;
// `test/rule/preset-table.test.ts` feeds each of its rules and fails when one is missing here.
import type { Confidence, Severity } from '../model/severity.ts';
import type { Reach } from '../model/rule.ts';
import type { PresetRule } from './preset-rule.ts';
import { defaultReach, parseCheck } from './rule-file.ts';

interface Row {
  readonly package: string;
  readonly name: string;
  readonly keywords: readonly string[];
  readonly probe: RegExp;
  readonly severity?: Severity;
  readonly confidence?: Confidence;
  readonly allows: string;
  readonly revoke: string;
  readonly page: string;
  readonly inner?: RegExp;
  readonly checks?: readonly string[];
  readonly reach?: Reach;
  readonly isGeneric?: boolean;
}

const keyReach: Reach = { before: 256, after: 16_384 };

const rows: readonly Row[] = [
  { package: 'aws', name: 'AWS secret access key', keywords: ['secret'], probe: /secret_?access_?key["']?\s*(?::|=>|=)\s*["']?[A-Za-z0-9/+=]{40}/i, severity: 'critical', confidence: 'high',
    allows: 'It signs requests as the AWS identity that owns it.', revoke: 'Deactivate and delete the access key in IAM, then look for its use in CloudTrail.', page: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html', checks: ['aws-secret-key'] },
  { package: 'gcp', name: 'Google Cloud service account key file', keywords: ['private_key_id'], probe: /"private_key_id"/, severity: 'critical', confidence: 'high',
    allows: 'It signs in as the service account.', revoke: 'Delete the key of the service account.', page: 'https://cloud.google.com/iam/docs/keys-create-delete#deleting', inner: /"private_key"\s*:\s*"([^"]{20,12000})"/, reach: keyReach },
  { package: 'privatekey', name: 'Private key', keywords: ['PRIVATE KEY'], probe: /-----BEGIN[A-Z ]{0,12}PRIVATE KEY(?: BLOCK)?-----/, severity: 'high', confidence: 'high',
    allows: 'Whoever holds it can act as its owner.', revoke: 'Make a new key pair, revoke certificates of this one and remove its public half from every place that trusts it.', page: 'https://datatracker.ietf.org/doc/html/rfc7468', checks: ['pem'], reach: keyReach },
  { package: 'npm', name: 'npm access token', keywords: ['npm_', '_authToken', ':x-oauth-basic@'], probe: /npm_[A-Za-z0-9_]{36}|_authToken=[^$]|:x-oauth-basic@/, severity: 'high', confidence: 'high',
    allows: 'It reads private packages and may publish new versions.', revoke: 'Revoke the token with `npm token revoke`.', page: 'https://docs.npmjs.com/revoking-access-tokens', checks: ['placeholder', 'varied', 'crc32-base62'] },
  { package: 'basicauth', name: 'URL with user and password', keywords: ['://'], probe: /(?:https?|ftps?):\/\/[-\w]{1,256}:[-\w]{1,256}@/, severity: 'medium', confidence: 'medium', isGeneric: true,
    allows: 'It signs in to the server of the URL.', revoke: 'Change the password at the server of the URL.', page: 'https://datatracker.ietf.org/doc/html/rfc3986#section-3.2.1', inner: /:\/\/[^:@/]*:([^@]+)@/, checks: ['placeholder'] },
  { package: 'slack', name: 'Slack token or webhook', keywords: ['xox', 'xapp-', 'hooks.slack.com'], probe: /\b(?:xox[bpaor]|xapp)-|hooks\.slack\.com\/services\/T/i, severity: 'high', confidence: 'high',
    allows: 'It reads or writes in a Slack workspace.', revoke: 'Revoke the token or webhook in the settings of the Slack app.', page: 'https://docs.slack.dev/reference/methods/auth.revoke', checks: ['varied', 'digit:4', 'placeholder', 'length:20'] },
  { package: 'sendgrid', name: 'SendGrid API key', keywords: ['SG.'], probe: /SG\.\w{1,128}\.\w/, severity: 'high', confidence: 'high',
    allows: 'It sends mail in your name.', revoke: 'Delete the key under Settings, API Keys.', page: 'https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys', checks: ['varied'] },
  { package: 'shopify', name: 'Shopify token', keywords: ['shppa_', 'shpca_', 'shpat_', 'shpss_'], probe: /shp(?:pa|ca|at|ss)_[a-zA-Z0-9]{32}/, severity: 'high', confidence: 'high',
    allows: 'It reads and changes a shop.', revoke: 'Rotate the credentials of the app or uninstall it from the shop.', page: 'https://shopify.dev/docs/apps/build/authentication-authorization/client-secrets/rotate-revoke-client-credentials', checks: ['varied'] },
  { package: 'stripe', name: 'Stripe secret key', keywords: ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_'], probe: /[sr]k_(?:live|test)_[a-zA-Z0-9]{24}/, severity: 'high', confidence: 'high',
    allows: 'It moves money and reads customers.', revoke: 'Roll the key in the Stripe dashboard.', page: 'https://docs.stripe.com/keys#rolling-keys', checks: ['varied', 'test-mode'] },
  { package: 'github', name: 'GitHub token', keywords: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'], probe: /gh[pousr]_[A-Za-z0-9_]{36}|ghs_[0-9]{1,20}_|github_pat_[A-Za-z0-9_]{82}/, severity: 'high', confidence: 'high',
    allows: 'It acts as a GitHub user or app: reads private code, pushes, releases.', revoke: 'Delete the token under Settings, Developer settings.', page: 'https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/token-expiration-and-revocation', checks: ['varied', 'crc32-base62'] },
  { package: 'gitlab', name: 'GitLab personal access token', keywords: ['glpat-'], probe: /glpat-[A-Za-z0-9_-]{20}/, severity: 'high', confidence: 'high',
    allows: 'It acts as a GitLab user.', revoke: 'Revoke the token under Preferences, Access tokens.', page: 'https://docs.gitlab.com/user/profile/personal_access_tokens/#revoke-or-rotate-a-personal-access-token', checks: ['varied', 'crc32-base36'] },
  { package: 'grafana', name: 'Grafana token', keywords: ['glc_', 'glsa_'], probe: /glc_[A-Za-z0-9+/]{32}|glsa_[A-Za-z0-9]{32}_/, severity: 'high', confidence: 'high',
    allows: 'It reads and changes dashboards and data sources.', revoke: 'Delete the token of the service account or access policy.', page: 'https://grafana.com/docs/grafana/latest/administration/service-accounts/', checks: ['varied', 'crc32-grafana'] },
  { package: 'openai', name: 'OpenAI API key', keywords: ['T3BlbkFJ'], probe: /T3BlbkFJ/, severity: 'high', confidence: 'high',
    allows: 'It calls the API at your cost.', revoke: 'Delete the key in the OpenAI dashboard.', page: 'https://help.openai.com/en/articles/9047852-how-can-i-delete-my-api-key' },
  { package: 'anthropic', name: 'Anthropic API key', keywords: ['sk-ant-api0'], probe: /sk-ant-api0\d-/, severity: 'high', confidence: 'high',
    allows: 'It calls the API at your cost.', revoke: 'Delete the key in the Anthropic console.', page: 'https://support.anthropic.com/en/articles/9767949-api-key-best-practices-keeping-your-keys-safe-and-secure', checks: ['varied'] },
  { package: 'groq', name: 'Groq API key', keywords: ['gsk_'], probe: /gsk_[a-zA-Z0-9]{52}/, severity: 'high', confidence: 'high',
    allows: 'It calls the API at your cost.', revoke: 'Delete the key in the Groq console.', page: 'https://console.groq.com/keys', checks: ['varied'] },
  { package: 'huggingface', name: 'Hugging Face token', keywords: ['hf_'], probe: /hf_[a-zA-Z]{34}/, severity: 'high', confidence: 'high',
    allows: 'It reads private models and data sets, and may write them.', revoke: 'Delete the token under Settings, Access Tokens.', page: 'https://huggingface.co/docs/hub/security-tokens', checks: ['varied', 'mixed'] },
  { package: 'linear', name: 'Linear API key', keywords: ['lin_api_'], probe: /lin_api_[a-zA-Z0-9_]{32}/, severity: 'high', confidence: 'high',
    allows: 'It reads and changes issues.', revoke: 'Revoke the key under Settings, API.', page: 'https://linear.app/docs/api-and-webhooks', checks: ['varied'] },
  { package: 'notion', name: 'Notion integration token', keywords: ['ntn_'], probe: /ntn_[0-9]{11}/, severity: 'high', confidence: 'high',
    allows: 'It reads and changes what the integration can see.', revoke: 'Refresh the secret of the integration.', page: 'https://developers.notion.com/docs/authorization' },
  { package: '1password', name: '1Password service account token', keywords: ['ops_ey'], probe: /ops_ey/, severity: 'critical', confidence: 'high',
    allows: 'It opens the vaults of the service account.', revoke: 'Revoke the token of the service account.', page: 'https://developer.1password.com/docs/service-accounts/manage-service-accounts/', reach: { before: 256, after: 2048 } },
  { package: 'database-connection-string', name: 'Database URL with password', keywords: ['mongodb', 'mysql', 'postgres'], probe: /(?:mongodb(?:\+srv)?|mysqlx?|postgres(?:ql)?):\/\/[^:/\s]{1,100}:[^@/\s]{1,200}@/i, severity: 'high', confidence: 'medium',
    allows: 'It signs in to the database.', revoke: 'Change the password of the database user.', page: 'https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html', inner: /:\/\/[^:/\s]*:([^@/\s]+)@/, checks: ['placeholder'] },
  { package: 'hashicorp-vault', name: 'HashiCorp Vault token', keywords: ['hvs.', 'hvb.', 'hvr.'], probe: /hv[sbr]\.[A-Za-z0-9_-]{90}/, severity: 'critical', confidence: 'high',
    allows: 'It reads secrets from Vault.', revoke: 'Revoke it with `vault token revoke`.', page: 'https://developer.hashicorp.com/vault/docs/commands/token/revoke', checks: ['varied'] },
  { package: 'vercel', name: 'Vercel token', keywords: ['vcp_', 'vci_', 'vca_', 'vcr_', 'vck_'], probe: /vc[piark]_[A-Za-z0-9]{20}/, severity: 'high', confidence: 'high',
    allows: 'It deploys and reads projects.', revoke: 'Delete the token under Account Settings, Tokens.', page: 'https://vercel.com/docs/sign-in-with-vercel/tokens', checks: ['varied', 'mixed', 'length:58', 'crc32-base62'] },
  { package: 'databricks', name: 'Databricks token', keywords: ['dapi'], probe: /dapi[A-Fa-f0-9]{32}/, severity: 'high', confidence: 'high',
    allows: 'It acts as a Databricks user.', revoke: 'Revoke the token under Settings, Developer, Access tokens.', page: 'https://docs.databricks.com/aws/en/dev-tools/auth/pat', checks: ['varied'] },
  { package: 'docker', name: 'Docker Hub personal access token', keywords: ['dckr_pat_'], probe: /dckr_pat_/, severity: 'high', confidence: 'high',
    allows: 'It pulls private images and may push new ones.', revoke: 'Delete the token under Account settings, Personal access tokens.', page: 'https://docs.docker.com/security/access-tokens/', checks: ['varied'] },
  { package: 'figma', name: 'Figma token', keywords: ['figd_'], probe: /figd_/, severity: 'high', confidence: 'high',
    allows: 'It reads and comments on files.', revoke: 'Revoke the token under Settings, Security.', page: 'https://help.figma.com/hc/en-us/articles/8085703771159-Manage-personal-access-tokens', checks: ['varied'] },
  { package: 'cloudflare', name: 'Cloudflare token', keywords: ['cfk_', 'cfut_', 'cfat_'], probe: /(?:cfk|cfut|cfat)_[A-Za-z0-9]{40}/, severity: 'high', confidence: 'high',
    allows: 'It changes zones, workers or accounts.', revoke: 'Roll or delete the token under My Profile, API Tokens.', page: 'https://developers.cloudflare.com/fundamentals/api/how-to/roll-token/', checks: ['varied'] },
  { package: 'tailscale', name: 'Tailscale key', keywords: ['tskey-'], probe: /tskey-[a-z]{2,20}-/, severity: 'high', confidence: 'high',
    allows: 'It joins machines to the network or manages it.', revoke: 'Revoke the key in the admin console.', page: 'https://tailscale.com/kb/1085/auth-keys#revoking-an-auth-key', checks: ['varied'] },
]; // prettier-ignore

export const presetRules: readonly PresetRule[] = rows.map((row) => ({
  package: row.package,
  info: {
    id: `secretlint/${row.package}`,
    name: row.name,
    severity: row.severity ?? 'high',
    confidence: row.confidence ?? 'high',
    description: `${row.name}. ${row.allows}`,
    advice: `${row.revoke} See ${row.page}`,
    references: [row.page, `https://github.com/secretlint/secretlint/tree/master/packages/%40secretlint/secretlint-rule-${row.package}`],
    origin: 'secretlint',
    keywords: row.keywords,
  },
  reach: row.reach ?? defaultReach,
  probe: row.probe,
  ...(row.inner === undefined ? {} : { inner: row.inner }),
  checks: (row.checks ?? []).map(parseCheck),
  isGeneric: row.isGeneric ?? false,
}));
