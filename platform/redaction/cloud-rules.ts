/** Credentials of clouds, hosters and secret stores. */
import { ALNUM, BASE64, DOTTED, HEX, prefixed, sample, SLUG, UPPER, WORD, type Rule } from './rule.ts';

const AWS: Rule[] = [
  prefixed('aws-access-key', 'AKIA ASIA ABIA ACCA', UPPER, 16),
  prefixed('aws-session-token', 'IQoJb3JpZ2lu FwoGZXIvYXdz FQoGZXIvYXdz', `${BASE64}%_-`, 60),
  prefixed('aws-bedrock-key', 'ABSK bedrock-api-key-', BASE64, 60),
];

const AZURE: Rule[] = [
  {
    name: 'azure-client-secret',
    literals: Array.from('0123456789', (digit) => `${digit}Q~`),
    before: { of: `${DOTTED}~`, least: 3, most: 3 },
    after: [{ of: `${DOTTED}~`, least: 30 }],
    example: `abc8Q~${sample(ALNUM, 34)}`,
  },
  {
    name: 'azure-key',
    literals: ['JQQJ9', 'AzFu', 'ACDb', '+AEh', '+ASt', '+ACR', 'AzSe', 'AzCa', 'APIM'],
    before: { of: `${ALNUM}+/`, least: 20, most: 80 },
    after: [{ of: `${ALNUM}+/`, least: 4 }],
    example: `${sample(ALNUM, 52)}JQQJ99${sample(ALNUM, 26)}`,
  },
  {
    name: 'azure-signature',
    literals: ['?sig=', '&sig=', ';sig='],
    after: [{ of: `${SLUG}%+/=`, least: 20 }],
    example: `?sv=2024&sig=${sample(ALNUM, 43)}%3D`,
    isName: true,
  },
];

const SIGNED: Rule[] = [
  {
    name: 'signed-url',
    literals: ['X-Amz-Signature=', 'X-Goog-Signature=', 'X-Amz-Security-Token=', 'Signature='],
    after: [{ of: `${SLUG}%+/=~`, least: 24 }],
    example: `X-Amz-Signature=${sample(HEX, 64)}`,
    isName: true,
  },
];

const GOOGLE: Rule[] = [
  prefixed('google-api-key', 'AIza', SLUG, 33),
  prefixed('google-client-secret', 'GOCSPX-', SLUG, 20),
  prefixed('google-access-token', 'ya29.', SLUG, 24),
  prefixed('google-refresh-token', '1//0', SLUG, 30),
];

/** A Discord token begins with a number in base64, so with one of these. */
const DISCORD_STARTS = 'MNO'.split('').flatMap((a) => 'DTjz'.split('').flatMap((b) => 'AEIMQUYcgk'.split('').map((c) => `${a}${b}${c}`)));

const OTHERS: Rule[] = [
  prefixed('digitalocean-token', 'dop_v1_ doo_v1_ dor_v1_', HEX, 40),
  prefixed('heroku-key', 'HRKU-', SLUG, 30),
  prefixed('cloudflare-key', 'v1.0- cfut_ cfat_ cfk_', SLUG, 32),
  prefixed('fly-token', 'fm1r_ fm1a_ fm2_ fo1_', `${BASE64}_-`, 40),
  prefixed('render-key', 'rnd_', ALNUM, 28),
  prefixed('vercel-token', 'vcp_ vci_ vca_ vcr_ vck_', ALNUM, 24),
  prefixed('netlify-token', 'nfp_ nfo_ nfc_ nfb_ nfu_', ALNUM, 30),
  prefixed('supabase-key', 'sbp_ sb_secret_ sb_publishable_', SLUG, 20),
  prefixed('planetscale-token', 'pscale_tkn_ pscale_pw_ pscale_oauth_', `${DOTTED}=`, 32),
  prefixed('neon-key', 'napi_', WORD, 40),
  prefixed('doppler-token', 'dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.', DOTTED, 40),
  prefixed('vault-token', 'hvs. hvb. hvr.', DOTTED, 20),
  prefixed('scalingo-token', 'tk-us-', SLUG, 40),
  prefixed('alibaba-key', 'LTAI', ALNUM, 16),
  prefixed('tencent-key', 'AKID', ALNUM, 28),
  prefixed('volcengine-key', 'AKLT', SLUG, 36),
  prefixed('yandex-key', 'AQVN YCAJ YCN y0_Ag t1.', SLUG, 32),
  prefixed('databricks-token', 'dapi dkea dose', 'a-f0-9-', 32),
  prefixed('openshift-token', 'sha256~', SLUG, 43),
  prefixed('onepassword-token', 'ops_eyJ', `${BASE64}_-`, 60),
  prefixed('age-key', 'AGE-SECRET-KEY-1', UPPER, 50),
  prefixed('telegram-token', 'api.telegram.org/bot', `${SLUG}:`, 40),
  {
    name: 'telegram-token',
    literals: [':AA'],
    before: { of: '0-9', least: 8, most: 10 },
    after: [{ of: SLUG, least: 31 }],
    example: `123456789:AA${sample(ALNUM, 33)}`,
  },
  {
    name: 'discord-token',
    literals: DISCORD_STARTS,
    after: [
      { of: SLUG, least: 20, most: 26 },
      { of: '.', least: 1, most: 1 },
      { of: SLUG, least: 6, most: 6 },
      { of: '.', least: 1, most: 1 },
      { of: SLUG, least: 27 },
    ],
    example: `MTA${sample(ALNUM, 23)}.${sample(ALNUM, 6)}.${sample(ALNUM, 38)}`,
  },
  {
    name: 'terraform-token',
    literals: ['.atlasv1.'],
    before: { of: ALNUM, least: 14 },
    after: [{ of: `${SLUG}=`, least: 50 }],
    example: `${sample(ALNUM, 14)}.atlasv1.${sample(ALNUM, 67)}`,
  },
  {
    name: 'mailchimp-key',
    literals: Array.from('0123456789abcdef', (digit) => `${digit}-us`),
    before: { of: HEX, least: 31, most: 31 },
    after: [{ of: '0-9', least: 1, most: 2 }],
    example: `${sample(HEX, 32)}-us12`,
  },
  {
    name: 'newrelic-license',
    literals: ['NRAL'],
    before: { of: ALNUM, least: 36, most: 40 },
    after: [],
    example: `${sample(HEX, 36)}NRAL`,
  },
  {
    name: 'maxmind-key',
    literals: ['_mmk'],
    before: { of: WORD, least: 36, most: 36 },
    after: [],
    example: `${sample(ALNUM, 6)}_${sample(ALNUM, 29)}_mmk`,
  },
  {
    name: 'ansible-vault',
    literals: ['$ANSIBLE_VAULT;'],
    after: [
      { of: '0-9.;', least: 4, most: 8 },
      { of: `${SLUG};`, least: 3, most: 80 },
      { of: String.raw`\s\\`, least: 1, most: 16 },
      { of: String.raw`${HEX}\s\\nr`, least: 32 },
    ],
    example: `$ANSIBLE_VAULT;1.1;AES256\n${sample(HEX, 64)}`,
  },
];

export const CLOUD_RULES: readonly Rule[] = [...AWS, ...AZURE, ...SIGNED, ...GOOGLE, ...OTHERS];
