/** Calls of the API over HTTP, made from the route table. */
import { randomUUID } from 'node:crypto';
import type { Role } from '#contract/objects.ts';
import { problemFrom } from '#contract/problem-from.ts';
import { ROUTES, type RouteId } from '#contract/routes/index.ts';
import type { Route } from '#contract/routes/route.ts';
import type { z } from '#contract/zod.ts';
import { ApiFailure, CliFailure, EXIT, NotRunning } from './failure.ts';
import { tokensFor, type Settings } from './settings.ts';

export type CallInput = {
  params?: Record<string, string>;
  query?: Record<string, string>;
  body?: unknown;
  signal?: AbortSignal;
  headers?: Record<string, string>;
};

/** `next`: cursor of the next page, null on the last. */
export type Answer<T = unknown> = { status: number; data: T; next: string | null };

type Success<Id extends RouteId> = {
  [S in keyof (typeof ROUTES)[Id]['responses']]: (typeof ROUTES)[Id]['responses'][S];
}[keyof (typeof ROUTES)[Id]['responses']];
export type DataOf<Id extends RouteId> = Success<Id> extends z.ZodType ? z.output<Success<Id>> : never;

export class ApiClient {
  readonly url: string;
  readonly #tokens: Settings['tokens'];
  readonly #where: string;
  readonly #start: Settings['start'];
  readonly #onWait: ((sentence: string) => void) | undefined;

  /** `onWait`: an instance that is starting is waited for, and this is told once; without it that is a refusal. */
  constructor(settings: Pick<Settings, 'url' | 'tokens'> & Partial<Settings>, options: { onWait?: (sentence: string) => void } = {}) {
    this.url = settings.url;
    this.#tokens = settings.tokens;
    this.#where = settings.where ?? `Nothing answers at ${settings.url}.`;
    this.#start = settings.start ?? null;
    this.#onWait = options.onWait;
  }

  /** Throws: ApiFailure with the problem document, NotRunning, CliFailure when there is no token. */
  async call<Id extends RouteId>(id: Id, input: CallInput = {}): Promise<Answer<DataOf<Id>>> {
    const response = await this.send(id, input);
    const text = await response.text();
    const data: unknown = text === '' ? null : parseBody(text, response.headers.get('content-type') ?? '');
    return { status: response.status, data: data as DataOf<Id>, next: nextCursor(response.headers.get('link')) };
  }

  /** A successful response whose body is not read yet: event streams, downloads. */
  async send(id: RouteId, input: CallInput = {}): Promise<Response> {
    const route: Route = ROUTES[id];
    const candidates = route.role === 'public' ? [null] : tokensFor(this.#tokens, leastRole(route));
    // Where nothing runs, a missing token is not the news.
    if (candidates.length === 0) await this.call('health');
    // The same for each try, so that what is sent again is done once.
    const key: Record<string, string> = route.method === 'GET' ? {} : { 'idempotency-key': randomUUID() };
    for (const [at, token] of candidates.entries()) {
      const response = await this.#fetch(route, { ...input, headers: { ...key, ...input.headers } }, token);
      if (response.ok) return response;
      const problem = problemFrom(response.status, await readJson(response));
      // What was refused changed nothing, so the next greater role of this machine may try.
      if (problem.code !== 'FORBIDDEN' || at === candidates.length - 1) throw new ApiFailure(problem);
    }
    throw new CliFailure(EXIT.refused, noTokenSentence);
  }

  async #fetch(route: Route, input: CallInput, token: string | null): Promise<Response> {
    try {
      return await this.#tryFetch(route, input, token);
    } catch (error) {
      if (!(error instanceof NotRunning) || this.#onWait === undefined) throw error;
      if ((await this.#start?.untilUp(this.#onWait, input.signal)) !== true) throw error;
      return await this.#tryFetch(route, input, token);
    }
  }

  async #tryFetch(route: Route, input: CallInput, token: string | null): Promise<Response> {
    const headers: Record<string, string> = { accept: route.isStream ? 'text/event-stream' : 'application/json', ...input.headers };
    if (token !== null) headers['authorization'] = `Bearer ${token}`;
    const init: RequestInit = { method: route.method, headers, redirect: 'error' };
    if (input.signal) init.signal = input.signal;
    if (input.body !== undefined) {
      headers['content-type'] = 'application/json';
      init.body = JSON.stringify(input.body);
    }
    try {
      return await fetch(`${this.url}${pathOf(route.path, input.params ?? {})}${queryOf(input.query)}`, init);
    } catch (error) {
      if (input.signal?.aborted) throw error;
      throw new NotRunning(this.#where, error, this.#start?.sentence() ?? undefined);
    }
  }
}

const noTokenSentence = 'There is no token here: give one with --token or GIMO_TOKEN, or name the data directory with --data.';

/** A route for a browser session is called with the least token; the API decides. */
function leastRole(route: Route): Role {
  return route.role === 'session' || route.role === 'public' ? 'actions' : route.role;
}

function pathOf(template: string, params: Record<string, string>): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
}

function queryOf(query: Record<string, string> | undefined): string {
  const text = new URLSearchParams(query).toString();
  return text === '' ? '' : `?${text}`;
}

function parseBody(text: string, type: string): unknown {
  if (!/^application\/(?:problem\+)?json/.test(type)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new CliFailure(EXIT.failed, 'The answer is not JSON: is this the address of GIMO?', { cause: error });
  }
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null; // not a problem document: the status says it all
  }
}

function nextCursor(link: string | null): string | null {
  const target = /<([^>]+)>\s*;\s*rel="?next"?/.exec(link ?? '')?.[1];
  return target === undefined ? null : new URL(target, 'http://localhost').searchParams.get('cursor');
}
