import type { CookieSerializeOptions } from '@fastify/cookie';
import type { Route } from '#contract/routes/route.ts';
import type { z } from '#contract/zod.ts';
import type { Call, Core } from './deps.ts';
import type { StreamSource } from './services/streams.ts';

export type HandlerInput<Params = unknown, Query = unknown, Body = unknown> = {
  core: Core;
  call: Call;
  params: Params;
  query: Query;
  body: Body;
  bodyBytes: number;
  lastEventId: string | string[] | undefined;
  /** Aborted when the caller is gone. */
  signal: AbortSignal;
};

type Extras = {
  /** Cursor of the next page. */
  next?: string | null;
  /** The status on the wire when it is not one of the row's. */
  httpStatus?: number;
  cookie?: { name: string; value: string; options: CookieSerializeOptions };
  stream?: StreamSource;
  /** The body as text that is made while it is sent. */
  lines?: { type: string; text: AsyncIterable<string> };
  /** Done when the answer has left, or its reader has. */
  after?: () => void;
};
export type Answer = Extras & { status: number; body: unknown };
export type LooseHandler = (input: HandlerInput) => Promise<Answer>;

type OutputOf<S> = S extends z.ZodType ? z.output<S> : undefined;
type Field<R, K extends PropertyKey> = R extends Record<K, infer S> ? OutputOf<S> : undefined;
type AnswerOf<R extends Route> = {
  [S in keyof R['responses']]: Extras & { status: S; body: OutputOf<R['responses'][S]> };
}[keyof R['responses']];

/** What a row of the table asks of its handler. */
export type Handler<R extends Route> = (
  input: HandlerInput<Field<R, 'params'>, Field<R, 'query'>, Field<R, 'body'>>,
) => Promise<AnswerOf<R>>;
