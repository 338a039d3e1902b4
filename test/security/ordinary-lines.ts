/** Lines as programs write them every day, full of things that look drawn and are no secret. */
import { ALPHABETS, randomOf, type Random } from './random.ts';

const WORDS = [
  'token',
  'index',
  'cache',
  'worker',
  'queue',
  'parser',
  'secretary',
  'keyboard',
  'author',
  'monkey',
  'tokenizer',
  'password',
] as const;
const hex = (random: Random, length: number): string => random.text(ALPHABETS.hex, length);
const ulid = (random: Random): string => `01${random.text(ALPHABETS.crockford, 24)}`;
const uuid = (random: Random): string => [8, 4, 4, 4, 12].map((length) => hex(random, length)).join('-');
const version = (random: Random): string => `${random.below(20)}.${random.below(40)}.${random.below(100)}`;
const file = (random: Random): string => `src/${random.pick(WORDS)}/${random.pick(WORDS)}-${random.pick(WORDS)}.test.ts`;
const number = (random: Random): number => random.below(1_000_000);
const word = (random: Random): string => random.pick(WORDS);
const time = (random: Random): string =>
  `2026-0${1 + random.below(9)}-1${random.below(10)}T1${random.below(10)}:2${random.below(10)}:33.${100 + random.below(900)}Z`;
const smallFile = (random: Random): string =>
  Buffer.from(`{"name":"${word(random)}","n":${number(random)},"items":["${hex(random, 12)}"]}`).toString('base64');
const bytes = (random: Random, length: number): string => random.text(ALPHABETS.base64, length);

const SHAPES: readonly [(random: Random) => string, ...((random: Random) => string)[]] = [
  (r) => `commit ${hex(r, 40)}`,
  (r) => `${hex(r, 7)} ${word(r)}: ${word(r)} the ${word(r)} of ${file(r)}`,
  (r) => `index ${hex(r, 10)}..${hex(r, 10)} 100644`,
  (r) => `[${time(r)}] run r_${ulid(r)} of a_${ulid(r)} done in ${number(r)} ms`,
  (r) =>
    `{"level":"info","time":"${time(r)}","correlation_id":"${uuid(r)}","path":"/ops/runs/r_${ulid(r)}","status":200,"ms":${r.below(90)},"msg":"request"}`,
  (r) => `{"hash":"${hex(r, 64)}","packet_hash":"${hex(r, 64)}","kid":"${hex(r, 16)}","signature":"${hex(r, 128)}"}`,
  (r) => `    "integrity": "sha512-${bytes(r, 86)}==",`,
  (r) =>
    `    "node_modules/${word(r)}": { "version": "${version(r)}", "resolved": "https://registry.example/${word(r)}/-/${word(r)}-${version(r)}.tgz" },`,
  (r) => `sha256:${hex(r, 64)} pulled ${word(r)}:${version(r)}`,
  (r) => `etag: W/"${hex(r, 8)}-${bytes(r, 27)}"`,
  (r) => `x-request-id: ${uuid(r)}`,
  (r) => `data:application/json;base64,${smallFile(r)}`,
  (r) => `payload ${smallFile(r)}`,
  (r) => `blob ${bytes(r, 120)}`,
  (r) => `    at ${word(r)}.${word(r)} (file:///srv/app/${file(r)}:${r.below(300)}:${r.below(80)})`,
  (r) => `usage: input_tokens=${number(r)} output_tokens=${number(r)} cached_tokens=${number(r)} total_tokens: ${number(r)}`,
  (r) => `cache_key=${hex(r, 40)} hit=true`,
  (r) => `restored cache key: ${word(r)}-linux-${hex(r, 64)}`,
  (r) => `idempotency-key: ${uuid(r)}`,
  (r) => `{"next_page_token":"${bytes(r, 32)}","items":${r.below(50)}}`,
  (r) => `{"key":"r_${ulid(r)}/${word(r)}/1/0","rev":${r.below(9)}}`,
  (r) => `primary_key=${number(r)} partition_key=${uuid(r)} sort_key=${time(r)}`,
  (r) => `public_key: ${hex(r, 64)}`,
  (r) => `the token is stored in ${file(r)}; see tokens/${word(r)}.ts and keys/tokens.json`,
  (r) => `secret: projects/demo/secrets/${word(r)}/versions/${r.below(20)}`,
  (r) => `  api_key: \${${word(r).toUpperCase()}_API_KEY}`,
  (r) => `password: ******** (set PASSWORD_FILE to change it), token_type=Bearer, max_tokens=${number(r)}`,
  (r) => `GET https://example.com/${word(r)}/${uuid(r)}?page=${r.below(9)}&sort=${word(r)} ${200 + r.below(300)} ${number(r)}b`,
  (r) => `fetching ssh://git@example.com/${word(r)}/${word(r)}.git at ${hex(r, 40)}`,
  (r) => `${version(r)} -> ${version(r)} (${word(r)}@${version(r)}-beta.${r.below(9)})`,
  (r) => `-rw-r--r-- 1 app app ${number(r)} Mar  4 11:22 ${file(r)}`,
  (r) => `pid ${number(r)} container ${hex(r, 12)} image ${word(r)}@sha256:${hex(r, 64)}`,
  (r) => `task-${number(r)} risk-${number(r)} disk-${hex(r, 8)} ask-${word(r)} live_${word(r)} test_${word(r)}_${r.below(99)}`,
  (r) => `import { ${word(r)}Key, ${word(r)}Token } from '#${word(r)}/${word(r)}-keys.ts';`,
  (r) => `const ${word(r)}Key = createHash('sha256').update(${word(r)}).digest('hex');`,
  (r) => `  tokenize(${word(r)}Token, secretaryName, keyOf(${word(r)}))`,
  (r) => `ok ${number(r)} - ${word(r)} keeps its ${word(r)} for ${r.below(60)} s # ${r.below(900)} ms`,
  (r) => `trace_id=${hex(r, 32)} span_id=${hex(r, 16)} duration=${r.below(900)}us`,
];

/** In: how many. */
export function makeOrdinaryLines(count: number, seed = 1): string[] {
  const random = randomOf(seed);
  return Array.from({ length: count }, () => random.pick(SHAPES)(random));
}
