/** The parts as docker-compose.yml starts them, with its own commands and environment; a Temporal of a running instance serves them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ready } from '#contract/ready.ts';
import { choosePort } from '#supervisor/ports.ts';
import { ApiClient } from '../helpers/api-client.ts';
import { readCompose, ROOT } from '../helpers/compose.ts';
import { startStack, type Stack } from '../helpers/stack.ts';
import { until } from '../helpers/until.ts';

const ADMIN = 'the-token-of-the-administrator';
const { services } = readCompose();
const children: ChildProcess[] = [];
let stack: Stack;
let gicsPort: number;
let apiPort: number;

beforeAll(async () => {
  stack = await startStack();
  gicsPort = await choosePort(null);
  apiPort = await choosePort(null, [gicsPort]);
}, 400_000);
afterAll(async () => {
  for (const child of children.toReversed()) {
    const exit = once(child, 'exit');
    if (child.exitCode === null && child.kill('SIGTERM')) await exit;
  }
  await stack.close();
});

const dataOf = (name: string): string => path.join(path.dirname(stack.paths.data), `of-${name}`);
/** The volume that `init` and the worker share. */
const ring = (): string => path.join(dataOf('worker'), 'keys');

/** Names of the network of the compose file, and values that its user gives. */
function here(value: string): string {
  return value
    .replace('temporal:7233', stack.instance().temporal_address)
    .replace(/(?:gics|0\.0\.0\.0):9326/, `127.0.0.1:${gicsPort}`)
    .replace('0.0.0.0', '127.0.0.1')
    .replace('/ring/', `${ring()}/`)
    .replace(/\$\{ORCH_ADMIN_TOKEN:.*\}/, ADMIN)
    .replace(/\$\{\w+:[?-].*\}/, 'another-secret-of-the-test');
}

function startPart(name: string): ChildProcess {
  const service = services[name];
  const stated = Object.entries(service?.environment ?? {}).map(([key, value]) => [key, here(String(value))]);
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    GIMO_DATA_DIR: dataOf(name === 'init' ? 'api' : name),
    GIMO_PORT: String(apiPort),
    GIMO_REPO: stack.repo,
    ...Object.fromEntries(stated),
    GIMO_TEMPORAL_NAMESPACE: 'of-containers',
  };
  const [, script = '', ...args] = (service?.command ?? []).map(here);
  const child = spawn(process.execPath, [path.join(ROOT, script), ...args], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

async function startAndWait(name: string): Promise<void> {
  const child = startPart(name);
  for await (const line of createInterface({ input: child.stdout ?? process.stdin })) if (line.includes('"ready":true')) break;
  child.stdout?.resume();
}

// verifies: AION-OPS-1
describe('the parts of docker-compose.yml', () => {
  it('are prepared by `init`: the worker gets the public keys and never the signing key', async () => {
    mkdirSync(ring(), { recursive: true });
    const [code] = (await once(startPart('init'), 'exit')) as [number | null];
    expect(code).toBe(0);
    expect(readFileSync(path.join(ring(), 'keyring.json'), 'utf8')).toContain('public_key');
    expect(existsSync(path.join(ring(), 'signing.json'))).toBe(false);
    expect(existsSync(path.join(dataOf('api'), 'keys', 'signing.json'))).toBe(true);
    expect(existsSync(path.join(ring(), 'payload.json'))).toBe(true);
    expect((await once(startPart('init'), 'exit'))[0]).toBe(0);
  });

  it('become ready together and run an approved plan', async () => {
    await startAndWait('gics');
    await Promise.all([startAndWait('worker'), startAndWait('api')]);
    const admin = new ApiClient(`http://127.0.0.1:${apiPort}`, ADMIN);
    await until(async () => expect((await admin.ask<Ready>('GET', '/ready')).body.ready).toBe(true), { timeout: 20_000 });
    const nodes = [{ id: 'files', kind: 'process', with: { argv: ['git', 'ls-files'], parse: 'lines', idempotent: true } }];
    const run = await admin.startPlan({ version: 1, title: 'In containers', nodes });
    expect((await admin.ended(run.id)).status).toBe('done');
  });
});
