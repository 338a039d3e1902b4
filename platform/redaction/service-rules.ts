/** Tokens of model providers, code hosts, package registries and other services that mark theirs with a prefix. */
import { ALNUM, BASE64, DOTTED, HEX, prefixed, sample, SLUG, UPPER, WORD, type Rule, type Run } from './rule.ts';

/** Groups of hexadecimal digits with dashes between them. */
const UUID: Run = { of: '0-9a-fA-F-', least: 36, most: 36 };
const uuid = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';

const MODELS: Rule[] = [
  prefixed('openai-key', 'sk-', SLUG, 16),
  prefixed('groq-key', 'gsk_', WORD, 20),
  prefixed('xai-key', 'xai-', SLUG, 24),
  prefixed('perplexity-key', 'pplx-', SLUG, 24),
  prefixed('huggingface-token', 'hf_ api_org_', ALNUM, 24),
  prefixed('replicate-token', 'r8_', ALNUM, 24),
  prefixed('nvidia-key', 'nvapi-', SLUG, 24),
  prefixed('cerebras-key', 'csk-', SLUG, 24),
  prefixed('fireworks-key', 'fw_', ALNUM, 20),
  prefixed('together-key', 'tgp_v1_', SLUG, 24),
  prefixed('pinecone-key', 'pcsk_', WORD, 24),
  prefixed('langsmith-key', 'lsv2_pt_ lsv2_sk_', WORD, 24),
  prefixed('voyage-key', 'pa-', SLUG, 32),
  prefixed('search-key', 'tvly- fc- jina_', SLUG, 24),
  prefixed('elevenlabs-key', 'sk_', HEX, 40),
  prefixed('e2b-key', 'e2b_', HEX, 32),
  prefixed('anyscale-key', 'esecret_', ALNUM, 20),
  prefixed('wandb-key', 'wandb_v1_', WORD, 24),
  prefixed('gimo-token', 'gimo_', SLUG, 40),
];

const CODE: Rule[] = [
  prefixed('github-token', 'ghp_ gho_ ghu_ ghs_ ghr_ github_pat_', WORD, 20),
  prefixed('gitlab-token', 'glpat- gldt- glrt- glrtr- glcbt- glptt- glft- glsoat- gloas- glimt- glagent- glffct- GR1348941', DOTTED, 18),
  prefixed('bitbucket-token', 'ATBB ATCTT3', `${SLUG}=`, 20),
  prefixed('atlassian-token', 'ATATT3 ATTA', `${SLUG}=`, 24),
  prefixed('npm-token', 'npm_', ALNUM, 30),
  prefixed('pypi-token', 'pypi-', SLUG, 50),
  prefixed('rubygems-key', 'rubygems_', HEX, 32),
  prefixed('crates-token', 'cio', ALNUM, 32),
  prefixed('nuget-key', 'oy2', 'a-z0-9', 43),
  prefixed('docker-token', 'dckr_pat_ dckr_oat_', SLUG, 24),
  prefixed('clojars-token', 'CLOJARS_', ALNUM, 40),
  prefixed('artifactory-key', 'AKCp cmVmdGtu', ALNUM, 50),
  prefixed('sonar-token', 'squ_ sqp_ sqa_', HEX, 36),
  prefixed('circleci-token', 'CCIPAT_ CCIPRJ_', WORD, 24),
  prefixed('buildkite-token', 'bkua_ bkaj_ bkct_', ALNUM, 24),
  prefixed('postman-key', 'PMAK-', SLUG, 40),
  prefixed('sourcegraph-token', 'sgp_', WORD, 32),
  prefixed('pulumi-token', 'pul-', HEX, 32),
  prefixed('snyk-token', 'snyk_uat.', DOTTED, 24),
  prefixed('sentry-token', 'sntrys_ sntryu_', `${BASE64}_-`, 32),
  prefixed('infracost-key', 'ico-', ALNUM, 32),
  prefixed('readme-key', 'rdme_', ALNUM, 40),
  prefixed('octopus-key', 'API-', UPPER, 26),
  prefixed('prefect-key', 'pnu_ pnb_', ALNUM, 30),
  prefixed('grafana-token', 'glsa_ glc_', `${BASE64}_`, 30),
  prefixed('newrelic-key', 'NRAK- NRIQ- NRII- NRRA- NRSP- NRBR- NRJS-', SLUG, 18),
  prefixed('dynatrace-token', 'dt0c01. dt0s01. dt0s16.', DOTTED, 60),
  prefixed('honeycomb-key', 'hcaik_ hcbik_ hcxik_ hcalk_ hcxlk_ hcamk_ hcxmk_ hcblk_', ALNUM, 24),
  prefixed('posthog-key', 'phx_ phc_ phs_', ALNUM, 32),
];

const WORKPLACE: Rule[] = [
  prefixed('slack-token', 'xoxa- xoxb- xoxc- xoxd- xoxe- xoxe. xoxo- xoxp- xoxr- xoxs- xapp- xwfp-', `${DOTTED}%`, 10),
  prefixed('slack-webhook', 'hooks.slack.com/', `${ALNUM}/_-`, 20),
  prefixed('discord-webhook', 'discord.com/api/webhooks/ discordapp.com/api/webhooks/', `${SLUG}/`, 40),
  prefixed('teams-webhook', 'webhook.office.com/', `${SLUG}/@%`, 60),
  prefixed('notion-token', 'ntn_ secret_', ALNUM, 40),
  prefixed('linear-key', 'lin_api_ lin_oauth_ lin_wh_', ALNUM, 32),
  prefixed('figma-token', 'figd_ figo_ figu_ figor_', SLUG, 36),
  prefixed('typeform-token', 'tfp_', DOTTED, 40),
  prefixed('contentful-token', 'CFPAT-', SLUG, 40),
  prefixed('clickup-token', 'pk_', WORD, 36),
  prefixed('dropbox-token', 'sl.', `${SLUG}.`, 60),
  prefixed('frameio-token', 'fio-u-', `${SLUG}=`, 60),
  prefixed('duffel-token', 'duffel_test_ duffel_live_', `${SLUG}=`, 40),
  prefixed('facebook-token', 'EAAA EAAB EAAC EAAD EAAG EAAH EAAJ EAAM EAAN IGQV IGAA', SLUG, 50),
  prefixed('sendgrid-key', 'SG.', DOTTED, 60),
  prefixed('brevo-key', 'xkeysib- xsmtpsib-', SLUG, 60),
  prefixed('resend-key', 're_', WORD, 28),
  prefixed('mailgun-key', 'key- pubkey-', HEX, 32),
  prefixed('mandrill-key', 'md-', SLUG, 22),
  // Two letters are too few for the filter, so each digit that may follow makes a literal.
  prefixed('twilio-key', Array.from('0123456789abcdef', (digit) => `SK${digit}`).join(' '), HEX, 31),
  prefixed('twitter-bearer', 'AAAAAAAAAAAAAAAAAAAAA', `${ALNUM}%`, 50),
  prefixed('twitch-token', 'oauth:', 'a-z0-9', 28),
  prefixed('zapier-webhook', 'hooks.zapier.com/hooks/catch/', `${ALNUM}/`, 10),
  {
    name: 'hubspot-token',
    literals: ['pat-na', 'pat-eu', 'pat-ap'],
    after: [{ of: '0-9', least: 1, most: 2 }, { of: '-', least: 1, most: 1 }, UUID],
    example: `pat-na1-${uuid}`,
  },
  { name: 'launchdarkly-key', literals: ['sdk-', 'api-', 'mob-'], after: [UUID], example: `sdk-${uuid}` },
  {
    name: 'airtable-token',
    literals: ['pat'],
    after: [
      { of: ALNUM, least: 14, most: 14 },
      { of: '.', least: 1, most: 1 },
      { of: HEX, least: 64 },
    ],
    example: `pat${sample(ALNUM, 14)}.${sample(HEX, 64)}`,
  },
];

const MONEY: Rule[] = [
  prefixed('stripe-key', 'sk_live_ sk_test_ sk_prod_ rk_live_ rk_test_ rk_prod_ whsec_', `${ALNUM}+/=`, 16),
  prefixed('square-token', 'sq0atp- sq0csp- sq0idp- EAAAE EAAAl', SLUG, 22),
  prefixed('shopify-token', 'shpat_ shpca_ shppa_ shpss_ shptka_', ALNUM, 32),
  prefixed('paypal-token', 'access_token$production$ access_token$sandbox$', `${ALNUM}$`, 40),
  prefixed('plaid-token', 'access-sandbox- access-development- access-production-', 'a-f0-9-', 32),
  prefixed('flutterwave-key', 'FLWSECK- FLWSECK_TEST-', SLUG, 12),
  prefixed('razorpay-key', 'rzp_live_ rzp_test_', ALNUM, 14),
  prefixed('easypost-key', 'EZAK EZTK', ALNUM, 54),
  prefixed('shippo-token', 'shippo_live_ shippo_test_', HEX, 40),
  prefixed('lob-key', 'live_ test_', HEX, 35),
];

export const SERVICE_RULES: readonly Rule[] = [...MODELS, ...CODE, ...WORKPLACE, ...MONEY];
