import type { ErrorCode } from '../errors.ts';
import type { Role, TokenClass } from '../objects.ts';
import type { z } from '../zod.ts';

/**
 * One row of the table that Fastify routes, OpenAPI, the CLI and the web client are made from.
 * `role` is the least role; `session` needs a cookie session, `public` nothing. `classes` are the token classes that may call.
 */
export type Route = {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path with `{name}` parameters. */
  path: string;
  summary: string;
  role: 'public' | 'session' | Role;
  classes: readonly TokenClass[];
  /** Shape of the path parameters, query and body; absent = none. Strict: what is not named is refused. */
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** Success status and its shape. */
  responses: Partial<Record<200 | 201 | 202 | 204, z.ZodType>>;
  errors: readonly ErrorCode[];
  /** Part of the filtered OpenAPI for outside tools. */
  forIntegrations: boolean;
  /** It stops something or ends a right: it works during a lockdown and is limited apart from other calls. */
  isStop?: boolean;
  /** It changes nothing, whatever its method is: neither a CSRF value nor the absence of a lockdown is asked for. */
  isLook?: boolean;
  /** Somebody is paid or asked outside of GIMO: limited apart from other calls. */
  isCostly?: boolean;
  /** The largest body; by default what a plan may need. */
  maxBodyBytes?: number;
  /** Content type of an answer that is no JSON. */
  media?: string;
  /** What a `GET` streams as server-sent events. */
  isStream?: boolean;
  /** The list answers `Link: rel="next"`. */
  isPaged?: boolean;
};

export const BOTH: readonly TokenClass[] = ['human', 'agent'];
export const HUMANS: readonly TokenClass[] = ['human'];

/** Errors that every authenticated route can answer. */
export const COMMON_ERRORS = [
  'BAD_REQUEST',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'RATE_LIMITED',
  'SOURCE_LOCKED',
  'GICS_UNAVAILABLE',
  'INTERNAL',
] as const satisfies readonly ErrorCode[];

export function route<const R extends Route>(row: R): R {
  return row;
}
