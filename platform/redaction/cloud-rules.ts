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
    least: 30,
    pattern: '[A-Za-z0-9_~.-]{3}\\dQ~[A-Za-z0-9_~.-]{30,36}',
    example: `abc8Q~${sample(ALNUM, 34)}`,
    behind: 3,
  },
  {
    name: 'azure-key',
    literals: ['JQQJ9', 'AzFu', 'ACDb', '+AEh', '+ASt', '+ACR', 'AzSe', 'AzCa', 'APIM'],
    least: 2,
    pattern:
      '[A-Za-z0-9+/]{20,80}(?:JQQJ9[A-Za-z0-9+/]{8,40}|AzFu[A-Za-z0-9+/]{4,8}|ACDb[A-Za-z0-9+/]{4,8}|\\+(?:AEh|ASt|ACR)[A-Za-z0-9+/]{4,8}|AzSe[A-Za-z0-9+/]{6}|AzCa[A-Za-z0-9+/]{4,8}|APIM[A-Za-z0-9+/]{4,8})={0,2}',
    example: `${sample(ALNUM, 52)}JQQJ99${sample(ALNUM, 26)}`,
    behind: 1,
  },
  {
    name: 'azure-signature',
    literals: ['?sig=', '&sig=', ';sig='],
    least: 20,
    pattern: '[?&;]sig=([A-Za-z0-9%+/_=-]{20,})',
    example: `?sv=2024&sig=${sample(ALNUM, 43)}%3D`,
    isInside: true,
  },
];

const SIGNED: Rule[] = [
  {
    name: 'signed-url',
    literals: ['X-Amz-Signature=', 'X-Goog-Signature=', 'X-Amz-Security-Token=', 'Signature='],
    least: 24,
    pattern: '(?:X-Amz-|X-Goog-)?(?:Signature|Security-Token)=([A-Za-z0-9%+/_=~-]{24,})',
    example: `X-Amz-Signature=${sample(HEX, 64)}`,
    isInside: true,
    window: 2100,
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
    least: 31,
    pattern: '\\d{8,10}:AA[A-Za-z0-9_-]{31,34}',
    example: `123456789:AA${sample(ALNUM, 33)}`,
    behind: 8,
  },
  {
    name: 'discord-token',
    literals: DISCORD_STARTS,
    least: 50,
    pattern: '[MNO][A-Za-z0-9_-]{22,28}\\.[A-Za-z0-9_-]{6}\\.[A-Za-z0-9_-]{27,40}',
    example: `MTA${sample(ALNUM, 23)}.${sample(ALNUM, 6)}.${sample(ALNUM, 38)}`,
  },
  {
    name: 'terraform-token',
    literals: ['.atlasv1.'],
    least: 50,
    pattern: '[A-Za-z0-9]{14}\\.atlasv1\\.[A-Za-z0-9_=-]{50,80}',
    example: `${sample(ALNUM, 14)}.atlasv1.${sample(ALNUM, 67)}`,
    behind: 14,
  },
  {
    name: 'mailchimp-key',
    literals: Array.from('0123456789abcdef', (digit) => `${digit}-us`),
    least: 1,
    pattern: '[a-f0-9]{32}-us\\d{1,2}',
    example: `${sample(HEX, 32)}-us12`,
    behind: 31,
  },
  {
    name: 'newrelic-license',
    literals: ['NRAL'],
    least: 0,
    pattern: '[A-Za-z0-9]{36,40}NRAL',
    example: `${sample(HEX, 36)}NRAL`,
    behind: 36,
  },
  {
    name: 'maxmind-key',
    literals: ['_mmk'],
    least: 0,
    pattern: '[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk',
    example: `${sample(ALNUM, 6)}_${sample(ALNUM, 29)}_mmk`,
    behind: 29,
  },
  {
    name: 'ansible-vault',
    literals: ['$ANSIBLE_VAULT;'],
    least: 3,
    pattern: '\\$ANSIBLE_VAULT;[0-9.]{3,6};[A-Z0-9]{3,12}[A-Za-z0-9;_-]*(?:\\s|\\\\n)+[0-9a-f\\s]{32,}',
    example: `$ANSIBLE_VAULT;1.1;AES256\n${sample(HEX, 64)}`,
    window: 16_384,
  },
];

export const CLOUD_RULES: readonly Rule[] = [...AWS, ...AZURE, ...SIGNED, ...GOOGLE, ...OTHERS];
