/** The API on a real storage daemon and a real repository. Temporal is an address where nobody listens. */
import { generateKeyPairSync } from 'node:crypto';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { buildApp } from '#api/app.ts';
import type { Deps } from '#api/deps.ts';
import type { McpFactory } from '#api/plugins/mcp.ts';
import { HTTP_TIMES, type HttpTimes } from '#api/server-options.ts';
import type { WorkerPresence } from '#contract/messages.ts';
import type { Problem } from '#contract/objects.ts';
import { ROUTES, type RouteId } from '#contract/routes/index.ts';
import { readConfig } from '#platform/config.ts';
import { createCodecs } from '#platform/data-converter.ts';
import { kidOf } from '#platform/keys.ts';
import { redact } from '#platform/redact.ts';
import { connectTemporal } from '#platform/temporal.ts';
import { startGics, type TestGics } from './gics.ts';
import { makeRepo } from './repo.ts';

export const TOKENS = { admin: 'admin-token-of-tests', operator: 'operator-token-of-tests', actions: 'actions-token-of-tests' };
/** Port 1 is reserved: a connection to it is refused at once. */
const NOBODY = '127.0.0.1:1';

export type Answer<T> = { status: number; body: T; headers: Record<string, string>; text: string };
export type Ask = { token?: string | null; body?: unknown; headers?: Record<string, string>; type?: string };
export type TestApp = {
  app: FastifyInstance;
  deps: Deps;
  store: TestGics;
  repo: string;
  publicKey: string;
  /** Lines that were logged. */
  lines: string[];
  ask: <T = Problem>(method: string, url: string, ask?: Ask) => Promise<Answer<T>>;
  /** As admin. */
  get: <T = Problem>(url: string) => Promise<Answer<T>>;
  post: <T = Problem>(url: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer<T>>;
  put: <T = Problem>(url: string, body: unknown) => Promise<Answer<T>>;
  close: () => Promise<void>;
};

export type TestAppOptions = {
  httpTimes?: Partial<HttpTimes>;
  env?: Record<string, string>;
  repo?: string;
  store?: TestGics;
  gicsTimeoutMs?: number;
  /** Other tools behind the same door. */
  makeMcp?: McpFactory;
};

/** Waits: until storage answers. */
export async function startApp(options: TestAppOptions = {}): Promise<TestApp> {
  const store = options.store ?? (await startGics({ timeoutMs: options.gicsTimeoutMs }));
  const repo = options.repo ?? makeRepo(path.join(store.dir, 'repo'));
  const config = readConfig({
    GIMO_DATA_DIR: store.paths.data,
    GIMO_REPO: repo,
    GIMO_TEMPORAL_ADDRESS: NOBODY,
    GIMO_TEMPORAL_UI: 'http://127.0.0.1:8233',
    ...options.env,
  });
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(redact(line)) });
  const temporal = await connectTemporal(config, { waitMs: 0 });
  const deps: Deps = {
    config,
    log,
    gics: store.gics,
    temporal,
    payloadCodecs: createCodecs(store.gics, config),
    tokens: TOKENS,
    signingKey: () => ({ kid: kidOf(raw), privateKey, earlier: [] }),
    httpTimes: { ...HTTP_TIMES, ...options.httpTimes },
    webDir: path.join(store.dir, 'web'),
    examplesDir: path.resolve(import.meta.dirname, '../../examples'),
  };
  const app = await buildApp(deps, options.makeMcp);
  const ask: TestApp['ask'] = async <T>(
    method: string,
    url: string,
    { token = TOKENS.admin, body, headers = {}, type }: Ask = {},
  ): Promise<Answer<T>> => {
    const response = await app.inject({
      method: method as 'GET',
      url,
      headers: {
        host: `localhost:${config.port}`,
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(type === undefined ? {} : { 'content-type': type }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const isJson = /^application\/(?:problem\+)?json/.test(response.headers['content-type'] ?? '');
    return {
      status: response.statusCode,
      body: (isJson ? JSON.parse(response.body) : null) as T,
      headers: textOf(response.headers),
      text: response.body,
    };
  };
  return {
    app,
    deps,
    store,
    repo,
    publicKey: raw.toString('hex'),
    lines,
    ask,
    get: (url) => ask('GET', url),
    post: (url, body, headers) => ask('POST', url, { body, headers }),
    put: (url, body) => ask('PUT', url, { body }),
    close: async () => {
      // Temporal's channel stays open: deliveries that are still being tried again would throw on a closed one.
      await app.close();
      if (options.store === undefined) await store.close();
    },
  };
}

/** Path of a row with its parameters filled in. */
export function pathFor(id: RouteId, params: Record<string, string>): string {
  return ROUTES[id].path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(params[name] ?? ''));
}

/** What a worker would say of itself. */
export function presence(change: Partial<WorkerPresence> = {}): WorkerPresence {
  const fence = { kind: 'bubblewrap', ok: true, detail: 'version 1' };
  return { at: new Date().toISOString(), fence, env_present: ['OPENAI_API_KEY'], pid: 1, ...change };
}

function textOf(headers: Record<string, number | string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value.toString()]])));
}
