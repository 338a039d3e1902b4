/** The one client: every call is a row of the route table, with the types of its schemas. */
import { ROUTES, type RouteId } from '#contract/routes/index.ts';
import type { Route } from '#contract/routes/route.ts';
import type { z } from '#contract/zod.ts';
import { buildPath, nextCursor } from './path.ts';
import { badAnswer, problemOf, readJson, unreachable } from './problem.ts';
import { csrfValue, sessionEnded } from './session.ts';

type Row<Id extends RouteId> = (typeof ROUTES)[Id];
type Part = 'params' | 'query' | 'body';
type In<Id extends RouteId, P extends Part> = Row<Id> extends { [K in P]: infer S extends z.ZodType } ? z.input<S> : undefined;
// A part whose fields are all optional may be left out.
type Given<Id extends RouteId, P extends Part> =
  undefined extends In<Id, P>
    ? { [K in P]?: In<Id, P> }
    : Partial<In<Id, P>> extends In<Id, P>
      ? { [K in P]?: In<Id, P> }
      : { [K in P]: In<Id, P> };
type Common = { idempotencyKey?: string; signal?: AbortSignal };
export type CallOptions<Id extends RouteId> = Given<Id, 'params'> & Given<Id, 'query'> & Given<Id, 'body'> & Common;
type Args<Id extends RouteId> = Common extends CallOptions<Id> ? [options?: CallOptions<Id>] : [options: CallOptions<Id>];
type Loose = Common & { params?: Record<string, unknown>; query?: Record<string, unknown>; body?: unknown };

type Schemas<Id extends RouteId> = Row<Id>['responses'][keyof Row<Id>['responses']];
export type Answer<Id extends RouteId> = Schemas<Id> extends infer S ? (S extends z.ZodType ? z.output<S> : never) : never;

/** Out: the answer, checked against the row's schema. Throws: ApiError. A 401 also ends the session of the page. */
export async function call<Id extends RouteId>(id: Id, ...[options]: Args<Id>): Promise<Answer<Id>> {
  const { data } = await send(id, (options ?? {}) as Loose);
  return data as Answer<Id>;
}

/** Like `call` for lists: the items, and the cursor of the next page (null at the end). */
export async function callPage<Id extends RouteId>(id: Id, ...[options]: Args<Id>): Promise<{ items: Answer<Id>; next: string | null }> {
  const { data, link } = await send(id, (options ?? {}) as Loose);
  return { items: data as Answer<Id>, next: nextCursor(link) };
}

/** Where a stream of the table is read from. */
export function streamUrl(id: RouteId, params: Record<string, string>): string {
  return buildPath(ROUTES[id].path, params);
}

async function send(id: RouteId, options: Loose): Promise<{ data: unknown; link: string | null }> {
  const row: Route = ROUTES[id];
  const response = await request(row, options);
  const text = await response.text().catch(() => {
    throw unreachable();
  });
  if (!response.ok) {
    const problem = problemOf(response.status, text);
    if (problem.status === 401 && row.role !== 'public') sessionEnded();
    throw problem;
  }
  const schema = row.responses[response.status as 200];
  if (!schema) throw badAnswer(response.status, `${id} answered ${response.status}.`);
  const parsed = schema.safeParse(text === '' ? null : readJson(text));
  if (!parsed.success)
    throw badAnswer(response.status, `${id}: ${parsed.error.issues[0]?.path.join('.')} ${parsed.error.issues[0]?.message}`);
  return { data: parsed.data, link: response.headers.get('link') };
}

async function request(row: Route, options: Loose): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (row.method !== 'GET') {
    headers['idempotency-key'] = options.idempotencyKey ?? newKey();
    const csrf = csrfValue();
    if (csrf !== null) headers['x-gimo-csrf'] = csrf;
  }
  if (options.body !== undefined) headers['content-type'] = 'application/json';
  const init: RequestInit = { method: row.method, headers, credentials: 'same-origin' };
  if (options.body !== undefined) init.body = JSON.stringify(options.body);
  if (options.signal) init.signal = options.signal;
  try {
    return await fetch(buildPath(row.path, options.params, options.query), init);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw unreachable();
  }
}

/** `crypto.randomUUID` exists in secure contexts only; this also works over plain HTTP in a private network. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
