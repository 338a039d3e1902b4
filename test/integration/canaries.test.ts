/**
 * Twenty secrets go through a whole instance: as provider keys, as values of the environment, in what processes and models write.
 * None of them may be found in logs, in the files of GICS and Temporal, in an answer or in a stream.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Draft, GraphNode, Run } from '#contract/objects.ts';
import { makeRepo } from '../helpers/repo.ts';
import { startStack, type Stack } from '../helpers/stack.ts';
import { ALPHABETS, randomOf } from '../security/random.ts';

const random = randomOf(20);
const text = (length: number): string => random.text(ALPHABETS.alnum, length);
const hex = (length: number): string => random.text(ALPHABETS.hex, length);
/** Not secret: proves that what is looked through would hold a canary if it came through. */
const CONTROL = `control${text(20)}`;

const ENV = {
  A_PROVIDER_KEY: `sk-proj-${text(60)}`,
  WEIRDLY_NAMED: text(32),
  DATADOG_API_KEY: hex(32),
  DB_PASSWORD: `pw${text(14)}`,
  DEPLOY_TOKEN: text(40),
  SIGNING_SECRET: hex(64),
};
const WRITTEN = {
  aws: `AKIA${random.text(ALPHABETS.base32, 16)}`,
  awsSecret: random.text(ALPHABETS.base64, 39) + '0',
  github: `ghp_${text(36)}`,
  slack: `xoxb-${random.text(ALPHABETS.digits, 12)}-${text(24)}`,
  bearer: text(44),
  password: `pa55${text(12)}`,
  jwt: `eyJhbGciOiJIUzI1NiJ9.eyJ${text(60)}.${text(43)}`,
  urlPassword: text(20),
  pem: text(64),
  hexKey: hex(32),
  stderr: `glpat-${text(20)}`,
  model: `AIza${text(35)}`,
  modelKey: text(40),
  piece: `npm_${text(36)}`,
};
const CANARIES = { ...ENV, ...WRITTEN };
const LEAKS = [
  `AWS_ACCESS_KEY_ID=${WRITTEN.aws}`,
  `aws_secret_access_key = ${WRITTEN.awsSecret}`,
  `token for git: ${WRITTEN.github} and ${CONTROL}`,
  JSON.stringify({ slack: WRITTEN.slack, headers: { authorization: `Bearer ${WRITTEN.bearer}` } }),
  `  password: "${WRITTEN.password}"`,
  `id ${WRITTEN.jwt}`,
  `postgres://app:${WRITTEN.urlPassword}@db.internal:5432/app`,
  `-----BEGIN PRIVATE KEY-----\n${WRITTEN.pem}\n-----END PRIVATE KEY-----`,
  `{\\"datadog_api_key\\":\\"${WRITTEN.hexKey}\\"}`,
];

const PLAN = {
  version: 1,
  title: 'Leaks everywhere',
  nodes: [
    { id: 'all', kind: 'process', with: { argv: ['cat', 'leaks.txt'] } },
    { id: 'lines', kind: 'process', with: { argv: ['cat', 'leaks.txt'], parse: 'lines' } },
    // Seven bytes at a time, so that each secret comes in pieces.
    { id: 'pieces', kind: 'process', with: { argv: ['dd', 'if=leaks.txt', 'bs=7', 'status=none'] } },
    { id: 'slow', kind: 'process', with: { argv: ['sh', '-c', 'head -c 11 piece.txt; sleep 0.3; tail -c +12 piece.txt'] } },
    { id: 'fails', kind: 'process', on_error: 'continue', with: { argv: ['sh', '-c', 'cat error.txt >&2; exit 3'] } },
    { id: 'model', kind: 'llm', with: { prompt: 'Tell a secret' } },
    { id: 'refused', kind: 'llm', on_error: 'continue', needs: ['model'], with: { prompt: 'Tell another', provider: 'refusing' } },
    {
      id: 'writes',
      kind: 'patch',
      on_error: 'continue',
      needs: ['all'],
      with: { files: [{ path: 'copy.txt', content: '${{ nodes.all.output.stdout }}' }] },
    },
    {
      id: 'later',
      kind: 'value',
      needs: ['all', 'model'],
      with: { value: '${{ nodes.all.output.stdout }} ${{ nodes.model.output.text }}' },
    },
  ],
  outputs: { all: 'nodes.all.output.stdout', later: 'nodes.later.output' },
};

const mock = new LLMock({ port: 0, host: '127.0.0.1' });
const refusing = new LLMock({ port: 0, host: '127.0.0.1' });
let stack: Stack;
let run: Run;
let dir = '';

beforeAll(async () => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'gimo-canaries-'));
  const repo = makeRepo(path.join(dir, 'repo'), {
    'leaks.txt': `${LEAKS.join('\n')}\n`,
    'piece.txt': `value ${WRITTEN.piece}\n`,
    'error.txt': `fatal: could not use ${WRITTEN.stderr}\n`,
  });
  const [url, refusingUrl] = await Promise.all([mock.start(), refusing.start()]);
  mock.onMessage(/Tell a secret/, {
    content: `You sent ${ENV.A_PROVIDER_KEY}. Mine is ${WRITTEN.model}, and the api key is ${WRITTEN.modelKey}. ${CONTROL}`,
  });
  refusing.onMessage(/Tell another/, {
    error: { message: `Incorrect API key provided: ${ENV.WEIRDLY_NAMED}.`, type: 'auth' },
    status: 401,
  });
  stack = await startStack({ env: ENV, repo });
  const provider = (base: string, key: string): object => ({
    type: 'custom_openai_compatible',
    base_url: `${base}/v1`,
    model: 'm',
    api_key: `\${${key}}`,
  });
  await stack.admin.put('/ops/provider', {
    active: 'mock',
    providers: { mock: provider(url, 'A_PROVIDER_KEY'), refusing: provider(refusingUrl, 'WEIRDLY_NAMED') },
  });
  run = await stack.admin.startPlan(PLAN);
  run = await stack.operator.ended(run.id);
}, 400_000);
afterAll(async () => {
  await stack?.close();
  await Promise.all([mock.stop(), refusing.stop()]);
  rmSync(dir, { recursive: true, force: true });
});

/** Names of the canaries in a text or in bytes. */
function canariesIn(bytes: Buffer | string): string[] {
  const found = Object.entries(CANARIES).filter(([, value]) => bytes.includes(value) || bytes.includes(value.slice(-24)));
  return found.map(([name]) => name);
}

function filesBelow(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(dir, entry.name);
    if (entry.isDirectory()) return filesBelow(file);
    return entry.isFile() ? [file] : [];
  });
}

async function streamText(address: string): Promise<string> {
  const response = await fetch(`${stack.url}${address}`, { headers: { authorization: `Bearer ${stack.tokens.admin}` } });
  return response.text();
}

describe('secrets that go through an instance', () => {
  it('are in what the nodes were given, and the run ends well all the same', async () => {
    const graph = await stack.actions.get<GraphNode[]>(`/ops/runs/${run.id}/graph`);
    expect(Object.fromEntries(graph.map(({ id, status }) => [id, status]))).toEqual({
      all: 'done',
      lines: 'done',
      pieces: 'done',
      slow: 'done',
      fails: 'error',
      model: 'done',
      refused: 'error',
      writes: 'error',
      later: 'done',
    });
    expect(Object.keys(CANARIES)).toHaveLength(20);
    const refusedPatch = graph.find(({ id }) => id === 'writes')?.error;
    expect([refusedPatch?.code, refusedPatch?.message]).toEqual(['PATCH_PRECONDITION', expect.stringContaining('stands for a secret')]);
    expect(JSON.stringify(run.outputs)).toContain(CONTROL);
  });

  // verifies: SEC-9b, SEC-8
  it('are in no answer of the API', async () => {
    const [draft] = await stack.admin.get<Draft[]>('/ops/drafts');
    const nodes = PLAN.nodes.map(({ id }) => `/ops/runs/${run.id}/nodes/${id}`);
    const runs = ['', '/graph', '/log'].map((rest) => `/ops/runs/${run.id}${rest}`);
    const others = [
      '/ops/provider',
      '/ops/provider/health',
      '/status',
      '/ui/status',
      '/ready',
      '/ops/runs',
      '/ops/approved',
      '/ops/config',
    ];
    const files = ['/tree', '/file?path=leaks.txt', '/search?q=e', '/diff'];
    const addresses = [...nodes, ...runs, ...others, ...files, `/ops/drafts/${draft?.id}/packet`];
    const answers = await Promise.all(addresses.map(async (address) => ({ address, text: await streamText(address) })));
    expect(answers.filter(({ text }) => canariesIn(text).length > 0)).toEqual([]);
    expect(answers.filter(({ text }) => text.includes(CONTROL)).length).toBeGreaterThan(3);
  });

  // verifies: SEC-9b
  it('are in no stream', async () => {
    const addresses = [`/ops/runs/${run.id}/events`, ...PLAN.nodes.map(({ id }) => `/ops/runs/${run.id}/nodes/${id}/stream`)];
    const streams = await Promise.all(addresses.map(streamText));
    expect(streams.flatMap(canariesIn)).toEqual([]);
    expect(streams.filter((stream) => stream.includes(CONTROL)).length).toBeGreaterThan(2);
    // A stream has small pieces, in which a secret could hide.
    const joined = streams.map((stream) =>
      [...stream.matchAll(/"text":("(?:[^"\\]|\\.)*")/g)].map(([, part]) => JSON.parse(part ?? '""') as string).join(''),
    );
    expect(joined.flatMap(canariesIn)).toEqual([]);
  });

  // verifies: SEC-9b
  it('are in no log and in no file of GICS or Temporal, and no word of a plan is in those of Temporal', () => {
    const files = filesBelow(stack.paths.ops).filter((file) => !file.startsWith(stack.paths.workspaces));
    const found = files.map((file) => ({ file: path.relative(stack.paths.ops, file), bytes: readFileSync(file) }));
    expect(found.flatMap(({ file, bytes }) => canariesIn(bytes).map((name) => `${name} in ${file}`))).toEqual([]);
    const holders = found.filter(({ bytes }) => bytes.includes(CONTROL)).map(({ file }) => file);
    expect(holders.some((file) => file.startsWith('gics/'))).toBe(true);
    // Temporal has the run, but nothing of what is in it.
    const ofTemporal = found.filter(({ file }) => file.startsWith('temporal'));
    expect(ofTemporal.some(({ bytes }) => bytes.includes(run.id))).toBe(true);
    for (const words of [CONTROL, PLAN.title, 'Tell a secret', 'leaks.txt'])
      expect(
        ofTemporal.filter(({ bytes }) => bytes.includes(words)),
        words,
      ).toEqual([]);
    expect(found.some(({ file, bytes }) => file === 'logs/worker.log' && bytes.length > 0)).toBe(true);
  });
});
