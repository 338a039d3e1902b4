/** Bodies: at most 8 MiB, one bounded parser per content type; curl's default type and none at all are read as JSON. */
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GimoError } from '#contract/errors.ts';
import { isJsonObject, type Json } from '#contract/json.ts';
import { BODY_LIMITS, parseJsonBody } from '#contract/parse-body.ts';
import type { RouteId } from '#contract/routes/index.ts';
import type { Core } from '../deps.ts';

declare module 'fastify' {
  interface FastifyRequest {
    bodyBytes: number;
    bodyHash: string;
  }
}

const JSON_TYPE = /^(?:$|application\/(?:[\w.+-]+\+)?json$|application\/x-www-form-urlencoded$)/;
const YAML_TYPE = /^(?:application|text)\/(?:x-)?yaml$/;
/** Where people send plan files. */
const TAKES_PLANS: ReadonlySet<RouteId> = new Set(['drafts_create', 'drafts_update', 'drafts_validate', 'plan_put']);

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new GimoError('BAD_JSON', { message: 'The body could not be read: it is not UTF-8.', cause: error });
  }
}

/** A plan that was sent as it is stands for `{plan: …}`. */
function wrapPlan(routeId: RouteId | undefined, body: Json): Json {
  if (routeId === undefined || routeId === 'plan_put' || !TAKES_PLANS.has(routeId) || !isJsonObject(body)) return body;
  return 'nodes' in body && !('plan' in body) && !('prompt' in body) ? { plan: body } : body;
}

async function parse(core: Core, request: FastifyRequest, bytes: Buffer): Promise<Json | undefined> {
  const { routeId } = request.routeOptions.config;
  request.bodyBytes = bytes.length;
  request.bodyHash = createHash('sha256').update(bytes).digest('hex');
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const isYaml = YAML_TYPE.test(type) && routeId !== undefined && TAKES_PLANS.has(routeId);
  if (!isYaml && !JSON_TYPE.test(type)) throw new GimoError('UNSUPPORTED_MEDIA');
  const text = decode(bytes);
  if (text.trim() === '') return undefined;
  const value = isYaml ? await core.pure.run('parseYaml', { text }, { sizeBytes: bytes.length * YAML_COST }) : parseJsonBody(text);
  return wrapPlan(routeId, value);
}

/** YAML takes that much longer than JSON, so smaller texts already leave the event loop. */
const YAML_COST = 8;

export function registerBodyParser(app: FastifyInstance, core: Core): void {
  app.decorateRequest('bodyBytes', 0);
  app.decorateRequest('bodyHash', '');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMITS.bytes }, (request: FastifyRequest, bytes: Buffer) =>
    parse(core, request, bytes),
  );
}
