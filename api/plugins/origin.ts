/**
 * Who may talk to us through a browser: only pages that we serve, and origins that the configuration names.
 * The Host header is checked too, since a foreign name that resolves to this machine would make its pages ours.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GimoError } from '#contract/errors.ts';
import type { Config } from '#platform/config.ts';

const DEV_ORIGIN = 'http://localhost:5173';
const MAX_AGE_S = 600;
const ALLOWED_HEADERS = 'authorization, content-type, idempotency-key, last-event-id, x-correlation-id, x-gimo-csrf, x-namespace';

type OriginConfig = Pick<Config, 'host' | 'port' | 'corsOrigins' | 'isDev' | 'temporalUi' | 'temporalUiUpstream'>;
/** `codec`: the origin of a Temporal Web of the operator's own, which may only ask for what it shows to be decrypted. */
type Rules = { hosts: Set<string>; origins: Set<string>; codec: string[] };

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

function rulesOf(config: OriginConfig): Rules {
  const names = ['localhost', '127.0.0.1', '[::1]', bracketed(config.host)];
  const origins = [...config.corsOrigins, ...(config.isDev ? [DEV_ORIGIN] : [])];
  // A proxy in front of us keeps the Host of the origin that it serves.
  const proxied = config.corsOrigins.filter((origin) => URL.canParse(origin)).map((origin) => new URL(origin).host);
  return {
    hosts: new Set([...names.map((name) => `${name}:${config.port}`), ...proxied].map(lower)),
    origins: new Set(origins),
    // The page that we serve ourselves gets it plain.
    codec: config.temporalUiUpstream === null ? originsOf(config.temporalUi) : [],
  };
}

const CODEC = '/codec/';

/** This machine is known by two names, and the cookie of a session by one of them. */
function originsOf(url: string | null): string[] {
  if (url === null || !URL.canParse(url)) return [];
  const { origin } = new URL(url);
  return [origin, origin.replace('//127.0.0.1:', '//localhost:')];
}

const lower = (text: string): string => text.toLowerCase();

/** Whoever stands in front of us may have looked at a second Host, or at the name in an absolute address, where we looked at the first. */
function hasOneName({ raw }: FastifyRequest): boolean {
  const names = raw.rawHeaders.filter((name, index) => index % 2 === 0 && lower(name) === 'host');
  return names.length === 1 && (raw.url?.startsWith('/') ?? false);
}

/** Throws: HOST_REFUSED. Out: the origin when it is a foreign one that is allowed. */
function checkOrigin(request: FastifyRequest, rules: Rules): string | null {
  const host = lower(request.headers.host ?? '');
  if (!rules.hosts.has(host) || !hasOneName(request))
    throw new GimoError('HOST_REFUSED', { message: 'The Host of the request is not an address of this instance.' });
  const { origin } = request.headers;
  if (origin === undefined || origin === `http://${host}` || origin === `https://${host}`) return null;
  if (rules.origins.has(origin) || (rules.codec.includes(origin) && request.url.startsWith(CODEC))) return origin;
  throw new GimoError('HOST_REFUSED', { message: 'The Origin of the request is not allowed.' });
}

function allowOrigin(reply: FastifyReply, origin: string): void {
  void reply.headers({
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'link, location, x-correlation-id',
    vary: 'Origin',
  });
}

export function registerOriginCheck(app: FastifyInstance, config: OriginConfig): void {
  const rules = rulesOf(config);
  app.addHook('onRequest', async (request, reply) => {
    const foreign = checkOrigin(request, rules);
    if (foreign !== null) allowOrigin(reply, foreign);
    if (request.method !== 'OPTIONS' || foreign === null) return undefined;
    return reply
      .code(204)
      .headers({
        'access-control-allow-methods': 'GET, POST, PUT, DELETE',
        'access-control-allow-headers': ALLOWED_HEADERS,
        'access-control-max-age': String(MAX_AGE_S),
      })
      .send();
  });
}
