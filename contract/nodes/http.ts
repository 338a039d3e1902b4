import { hasStaticHost, hostPattern, httpTarget } from '../http-target.ts';
import { JsonSchema } from '../json.ts';
import { FOREIGN, join, OUTSIDE } from '../labels.ts';
import { isDynamic } from '../pattern.ts';
import { ENV_REF_IN_TEXT, OWN_VARIABLE } from '../provider.ts';
import { asPattern, hasReference } from '../template.ts';
import { z } from '../zod.ts';
import { defineKind, NO_EFFECTS } from './kind.ts';

const MAX_BODY_CHARS = 1_000_000;
/** What the connection itself needs is not for the plan to say. */
const OF_THE_CONNECTION = new Set(
  'connection content-length expect host keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade'.split(
    ' ',
  ),
);
export const HeaderName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, 'is not the name of a header')
  .refine((name) => !OF_THE_CONNECTION.has(name.toLowerCase()), 'belongs to the connection and is set by GIMO');
const HeaderValue = z.string().max(8192);
const RenderedHeaderValue = HeaderValue.refine(
  (text) => hasReference(text) || /^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(text),
  'must be one line of characters that headers may have',
);
/** Text with one `${NAME}` in it. References are refused, so that data can never name a secret. */
export const SecretHeaderValue = HeaderValue.regex(/^[\u0020-\u007e]*$/)
  .refine((text) => !hasReference(text), 'must not hold a reference (`${{ }}`)')
  .refine(
    (text) => ENV_REF_IN_TEXT.test(text) && text.split('${').length === 2,
    'must hold one reference to an environment variable, such as "Bearer ${NAME}"',
  )
  .refine((text) => !OWN_VARIABLE.test(text), 'may not name a variable of GIMO itself (ORCH_…, GIMO_…)');

/** They only ask. */
const IDEMPOTENT_METHODS = ['GET', 'HEAD'];

/** The variables that headers with secrets name. */
export function secretNames(headers: Record<string, string> | undefined): string[] {
  return Object.values(headers ?? {}).flatMap((text) => ENV_REF_IN_TEXT.exec(text)?.[1] ?? []);
}

/**
 * One request; a redirect is an answer and is not followed. Output: `{status, headers, body, json, truncated, duration_ms}`.
 * `secret_headers` name environment variables of the worker; the host of such a node is written in the plan.
 */
export const httpKind = defineKind({
  summary: 'A request to an allowed host',
  output: '`{status, headers, body, json, truncated, duration_ms}`',
  example: { url: 'https://api.example.com/v1/items', secret_headers: { Authorization: 'Bearer ${API_TOKEN}' } },
  with: z
    .strictObject({
      method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
      url: z
        .string()
        .min(1)
        .max(8192)
        .refine((url) => hasReference(url) || httpTarget(url) !== null, 'must be an http or https address without user name and fragment'),
      headers: z.record(HeaderName, RenderedHeaderValue).optional(),
      secret_headers: z.record(HeaderName, SecretHeaderValue).optional(),
      body: JsonSchema.refine((body) => JSON.stringify(body).length <= MAX_BODY_CHARS, `must be at most ${MAX_BODY_CHARS} characters`)
        .optional()
        .describe('Text is sent as it is, anything else as JSON'),
      allow_status: z.array(z.int().min(400).max(599)).max(100).default([]).describe('Error statuses that are answers'),
      max_bytes: z.int().min(0).max(4_000_000).default(1_000_000).describe('The rest of a longer answer is cut off'),
      idempotent: z.boolean().optional().describe('Declares that sending it again after a crash does no harm; GET and HEAD do none'),
    })
    .refine((value) => value.body === undefined || !IDEMPOTENT_METHODS.includes(value.method), {
      path: ['body'],
      message: 'GET and HEAD have no body',
    })
    .refine((value) => value.secret_headers === undefined || hasStaticHost(value.url), {
      path: ['url'],
      message: 'must name its host without a reference, because `secret_headers` are sent to it',
    }),
  lane: 'general',
  label: (value, inputs) => join(inputs, value.secret_headers === undefined ? FOREIGN : OUTSIDE),
  // Where the host is written in the plan, the rest of the address is a parameter.
  choices: (value) => (isDynamic(hostPattern(asPattern(value.url))) ? [value.url] : []),
  effectMode: (value) => ((value.idempotent ?? IDEMPOTENT_METHODS.includes(value.method)) ? 'idempotent' : 'at_most_once'),
  effects: (value, toPattern) => {
    const host = hostPattern(toPattern(value.url));
    const { method } = value;
    return {
      ...NO_EFFECTS,
      hosts: [host],
      secrets: secretNames(value.secret_headers),
      ...(IDEMPOTENT_METHODS.includes(method) ? {} : { requests: [`${method} ${host}`] }),
    };
  },
  jsonFields: ['body'],
});
