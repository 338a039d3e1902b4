/**
 * Credentials as their makers describe them, and the places where they turn up. This file knows nothing of the rules that look for
 * them: a format is `{alphabet:length}` between fixed text.
 */
import { ALPHABETS, randomOf, type Random } from './random.ts';

/** Name of the setting that holds one, and its format. */
type Format = readonly [name: string, format: string];

/** Formats that a reader can tell from the value alone. */
const MARKED: readonly Format[] = [
  ['OPENAI_API_KEY', 'sk-{alnum:48}'],
  ['OPENAI_API_KEY', 'sk-proj-{url:74}T3BlbkFJ{url:74}'],
  ['OPENAI_ADMIN_KEY', 'sk-admin-{url:58}T3BlbkFJ{url:58}'],
  ['ANTHROPIC_API_KEY', 'sk-ant-api03-{url:93}AA'],
  ['ANTHROPIC_ADMIN_KEY', 'sk-ant-admin01-{url:93}AA'],
  ['OPENROUTER_API_KEY', 'sk-or-v1-{hex:64}'],
  ['DEEPSEEK_API_KEY', 'sk-{hex:32}'],
  ['GROQ_API_KEY', 'gsk_{alnum:52}'],
  ['XAI_API_KEY', 'xai-{alnum:80}'],
  ['PERPLEXITY_API_KEY', 'pplx-{hex:48}'],
  ['HF_TOKEN', 'hf_{alnum:34}'],
  ['REPLICATE_API_TOKEN', 'r8_{alnum:37}'],
  ['NVIDIA_API_KEY', 'nvapi-{url:64}'],
  ['PINECONE_API_KEY', 'pcsk_{alnum:6}_{alnum:63}'],
  ['LANGSMITH_API_KEY', 'lsv2_pt_{hex:32}_{hex:10}'],
  ['GEMINI_API_KEY', 'AIzaSy{url:33}'],
  ['GOOGLE_CLIENT_SECRET', 'GOCSPX-{url:28}'],
  ['GOOGLE_ACCESS_TOKEN', 'ya29.a0A{url:160}'],
  ['GOOGLE_REFRESH_TOKEN', '1//0g{url:90}'],
  ['AWS_ACCESS_KEY_ID', 'AKIA{base32:16}'],
  ['AWS_ACCESS_KEY_ID', 'ASIA{base32:16}'],
  ['AZURE_CLIENT_SECRET', '{alnum:3}8Q~{url:34}'],
  ['AZURE_STORAGE_KEY', '{base64:76}+AStu{base64:5}=='],
  ['GITHUB_TOKEN', 'ghp_{alnum:36}'],
  ['GITHUB_OAUTH', 'gho_{alnum:36}'],
  ['GITHUB_APP_TOKEN', 'ghs_{alnum:36}'],
  ['GITHUB_PAT', 'github_pat_{alnum:22}_{alnum:59}'],
  ['GITLAB_TOKEN', 'glpat-{url:20}'],
  ['GITLAB_RUNNER_TOKEN', 'glrt-{url:20}'],
  ['ATLASSIAN_API_TOKEN', 'ATATT3xFfGF0{url:171}={hex:8}'],
  ['BITBUCKET_APP_PASSWORD', 'ATBB{alnum:24}{hex:8}'],
  ['NPM_TOKEN', 'npm_{alnum:36}'],
  ['PYPI_TOKEN', 'pypi-AgEIcHlwaS5vcmc{url:160}'],
  ['DOCKER_PAT', 'dckr_pat_{url:27}'],
  ['RUBYGEMS_KEY', 'rubygems_{hex:48}'],
  ['SLACK_BOT_TOKEN', 'xoxb-{digits:12}-{digits:13}-{alnum:24}'],
  ['SLACK_USER_TOKEN', 'xoxp-{digits:12}-{digits:12}-{digits:13}-{hex:32}'],
  ['SLACK_APP_TOKEN', 'xapp-1-A{upper:10}-{digits:13}-{hex:64}'],
  ['DISCORD_BOT_TOKEN', 'MTE{alnum:23}.G{alnum:5}.{url:38}'],
  ['TELEGRAM_BOT_TOKEN', '{digits:10}:AA{url:33}'],
  ['TWILIO_API_KEY', 'SK{hex:32}'],
  ['SENDGRID_API_KEY', 'SG.{url:22}.{url:43}'],
  ['MAILGUN_API_KEY', 'key-{hex:32}'],
  ['MAILCHIMP_API_KEY', '{hex:32}-us{digits:2}'],
  ['BREVO_API_KEY', 'xkeysib-{hex:64}-{alnum:16}'],
  ['RESEND_API_KEY', 're_{alnum:8}_{alnum:24}'],
  ['STRIPE_SECRET_KEY', 'sk_live_{alnum:24}'],
  ['STRIPE_SECRET_KEY', 'sk_test_51{alnum:97}'],
  ['STRIPE_WEBHOOK_SECRET', 'whsec_{alnum:32}'],
  ['SHOPIFY_TOKEN', 'shpat_{hex:32}'],
  ['SQUARE_TOKEN', 'sq0atp-{url:22}'],
  ['PLAID_TOKEN', 'access-production-{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}'],
  ['DIGITALOCEAN_TOKEN', 'dop_v1_{hex:64}'],
  ['HEROKU_API_KEY', 'HRKU-AA{url:58}'],
  ['FLY_API_TOKEN', 'fm2_{base64:120}'],
  ['NETLIFY_TOKEN', 'nfp_{alnum:36}'],
  ['SUPABASE_TOKEN', 'sbp_{hex:40}'],
  ['PLANETSCALE_TOKEN', 'pscale_tkn_{url:43}'],
  ['DOPPLER_TOKEN', 'dp.st.prd.{alnum:43}'],
  ['VAULT_TOKEN', 'hvs.{url:90}'],
  ['TFC_TOKEN', '{alnum:14}.atlasv1.{alnum:67}'],
  ['DATABRICKS_TOKEN', 'dapi{hex:32}'],
  ['PULUMI_ACCESS_TOKEN', 'pul-{hex:40}'],
  ['NEW_RELIC_API_KEY', 'NRAK-{upper:27}'],
  ['NEW_RELIC_LICENSE_KEY', '{hex:36}NRAL'],
  ['GRAFANA_TOKEN', 'glsa_{alnum:32}_{hex:8}'],
  ['SENTRY_AUTH_TOKEN', 'sntryu_{hex:64}'],
  ['DYNATRACE_TOKEN', 'dt0c01.{base32:24}.{base32:64}'],
  ['POSTMAN_API_KEY', 'PMAK-{hex:24}-{hex:34}'],
  ['NOTION_TOKEN', 'ntn_{alnum:46}'],
  ['LINEAR_API_KEY', 'lin_api_{alnum:40}'],
  ['FIGMA_TOKEN', 'figd_{url:40}'],
  ['AIRTABLE_TOKEN', 'pat{alnum:14}.{hex:64}'],
  ['HUBSPOT_TOKEN', 'pat-na1-{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}'],
  ['ALIBABA_ACCESS_KEY', 'LTAI{alnum:20}'],
  ['TENCENT_SECRET_ID', 'AKID{alnum:32}'],
  ['AGE_KEY', 'AGE-SECRET-KEY-1{upper:58}'],
  ['ID_TOKEN', 'eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJ{url:120}.{url:86}'],
];

/** Formats that say nothing of themselves: only the name beside them does. */
const OPAQUE: readonly Format[] = [
  ['AWS_SECRET_ACCESS_KEY', '{base64:40}'],
  ['AZURE_OPENAI_API_KEY', '{hex:32}'],
  ['DATADOG_API_KEY', '{hex:32}'],
  ['DD_APPLICATION_KEY', '{hex:40}'],
  ['CLOUDFLARE_API_TOKEN', '{url:40}'],
  ['FASTLY_API_TOKEN', '{url:32}'],
  ['MISTRAL_API_KEY', '{alnum:32}'],
  ['COHERE_API_KEY', '{alnum:40}'],
  ['TOGETHER_API_KEY', '{hex:64}'],
  ['TWILIO_AUTH_TOKEN', '{hex:32}'],
  ['SNYK_TOKEN', '{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}'],
  ['CODECOV_TOKEN', '{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}'],
  ['ALGOLIA_API_KEY', '{hex:32}'],
  ['OKTA_API_TOKEN', '00{url:40}'],
  ['VERCEL_TOKEN', '{alnum:24}'],
  ['CIRCLECI_TOKEN', '{hex:40}'],
  ['GITEA_TOKEN', '{hex:40}'],
  ['OAUTH_CLIENT_SECRET', '{url:64}'],
  ['SESSION_SECRET', '{base64:43}='],
  ['SIGNING_KEY', '{base64:43}='],
  ['appSecret', '{hex:32}'],
  ['accessToken', '{url:48}'],
  ['refresh_token', '{url:64}'],
  ['DB_PASSWORD', '{alnum:20}'],
];

export type Credential = { name: string; value: string };

function filled(format: string, random: Random): string {
  return format.replaceAll(/\{(\w+):(\d+)\}/g, (_all, name: keyof typeof ALPHABETS, length: string) =>
    random.text(ALPHABETS[name], Number(length)),
  );
}

/** In: how many of each format. */
export function makeCredentials(each: number, seed = 1): Credential[] {
  const random = randomOf(seed);
  const formats = [...MARKED, ...OPAQUE];
  return formats.flatMap(([name, format]) => Array.from({ length: each }, () => ({ name, value: filled(format, random) })));
}

const words = (name: string): string =>
  name
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();
const dashed = (name: string): string => words(name).replaceAll(' ', '-');

/** Where a credential turns up. */
export const CARRIERS: Record<string, (credential: Credential) => string> = {
  'a plain line': ({ name, value }) => `2026-03-04 11:22:33 using the ${words(name)} ${value} for this call`,
  JSON: ({ name, value }) => JSON.stringify({ level: 'info', config: { [name.toLowerCase()]: value, retries: 3 } }),
  'an environment assignment': ({ name, value }) => `export ${name}=${value}`,
  'a URL': ({ name, value }) =>
    `GET https://api.example.com/v1/items?limit=10&${name.toLowerCase()}=${encodeURIComponent(value)}&page=2 200`,
  'a header': ({ name, value }) => (name.length % 2 === 0 ? `> Authorization: Bearer ${value}` : `> X-${dashed(name)}: ${value}`),
  'a stack trace': ({ name, value }) =>
    `Error: request failed: invalid ${words(name)} '${value}'\n    at Client.send (/srv/app/node_modules/client/index.js:41:13)\n    at async main (/srv/app/src/main.ts:12:3)`,
};
