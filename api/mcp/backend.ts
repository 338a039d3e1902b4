/** How the MCP server reaches GIMO: rows of the route table, called with the credential of whoever asks. There is no other way in. */
import type { Problem } from '#contract/objects.ts';
import type { ROUTES, RouteId } from '#contract/routes/index.ts';
import type { z } from '#contract/zod.ts';

export type BackendInput = {
  params?: Record<string, string>;
  query?: Record<string, string>;
  body?: unknown;
  /** Idempotency-Key of a mutation. */
  key?: string;
  signal?: AbortSignal;
};

/** `next`: cursor of the next page, null on the last. */
export type BackendAnswer<T = unknown> = { status: number; data: T; next: string | null };

type Success<Id extends RouteId> = {
  [S in keyof (typeof ROUTES)[Id]['responses']]: (typeof ROUTES)[Id]['responses'][S];
}[keyof (typeof ROUTES)[Id]['responses']];
type DataOf<Id extends RouteId> = Success<Id> extends z.ZodType ? z.output<Success<Id>> : never;

export type Backend = {
  /** Base URL of the dashboard. */
  url: string;
  /** Throws: Refusal for every answer that is not a success. */
  call: <Id extends RouteId>(id: Id, input?: BackendInput) => Promise<BackendAnswer<DataOf<Id>>>;
  /** A row that streams, piece by piece as it comes; also pieces that only say that it is open. Throws: Refusal. */
  stream: (id: RouteId, input: BackendInput) => Promise<AsyncIterable<unknown>>;
};

/** What the API answered instead of doing it. */
export class Refusal extends Error {
  readonly problem: Problem;
  readonly route: RouteId;

  constructor(problem: Problem, route: RouteId) {
    super(problem.detail);
    this.problem = problem;
    this.route = route;
  }
}

/** For a model: the sentence, what to do next, and each fault with its place. */
export function refusalText({ code, detail, hint, correlation_id: id, faults = [] }: Problem): string {
  const places = faults.map(
    (fault) => `- ${fault.node === null ? '' : `node ${fault.node}, `}${fault.path}: ${fault.message} (${fault.code})`,
  );
  return [`${code}: ${detail}`, hint, ...places, id === '' ? '' : `Correlation id ${id}.`].filter((line) => line !== '').join('\n');
}

export function pathOf(template: string, params: Record<string, string> = {}): string {
  return template.replaceAll(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(params[name] ?? ''));
}

export function queryOf(query: Record<string, string> | undefined): string {
  const text = new URLSearchParams(query).toString();
  return text === '' ? '' : `?${text}`;
}

/** In: the value of a `Link` header. */
export function nextCursor(link: string | null): string | null {
  const target = /<([^>]+)>\s*;\s*rel="?next"?/.exec(link ?? '')?.[1];
  return target === undefined ? null : new URL(target, 'http://localhost').searchParams.get('cursor');
}
