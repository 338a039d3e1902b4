/** The API as one Fastify instance. Every request passes, in this order: origin, address, credential, limit, role, CSRF, lockdown, size, parser, schema, handler. */
import fastifyCookie from '@fastify/cookie';
import fastifyRateLimit from '@fastify/rate-limit';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { BODY_LIMITS } from '#contract/parse-body.ts';
import type { Core, Deps } from './deps.ts';
import { registerAddressCheck } from './plugins/address.ts';
import { registerAuth } from './plugins/auth.ts';
import { registerBodyParser } from './plugins/body.ts';
import { correlationId, registerCorrelation } from './plugins/correlation.ts';
import { registerMcp, type McpFactory } from './plugins/mcp.ts';
import { registerOriginCheck } from './plugins/origin.ts';
import { sendProblem } from './plugins/problem.ts';
import { registerRoutes } from './plugins/routes.ts';
import { registerSecurityHeaders, registerStatic } from './plugins/static.ts';
import { PureTasks } from './pure/run-pure.ts';
import { Checkpoints } from './services/checkpoints.ts';
import { createCredentials } from './services/credentials.ts';
import { KeyedLock } from './services/keyed-lock.ts';
import { Repo } from './services/repo.ts';
import { RunStates } from './services/run-states.ts';
import { panicByThreshold } from './services/security.ts';
import { Sources } from './services/sources.ts';
import { Views } from './services/views.ts';
import { serverOptions } from './server-options.ts';

const MAX_PARAM_CHARS = 1000;

function createCore(deps: Deps, stop: AbortSignal): Core {
  const { config, gics, temporal, log } = deps;
  return {
    ...deps,
    startedAt: Date.now(),
    credentials: createCredentials(deps.tokens),
    repo: new Repo(gics, { repo: config.repo, dataDir: config.paths.data }),
    pure: new PureTasks(),
    states: new RunStates({ gics, temporal, log }),
    locks: new KeyedLock(),
    sources: new Sources(gics, log, config.limits, (count) => panicByThreshold({ gics, log }, count)),
    checkpoints: new Checkpoints(deps),
    views: new Views(),
    stop,
  };
}

/**
 * In: what the process has; `makeMcp` is given by the conformance tests, which ask for fixed tools behind the same door.
 * Out: the instance, ready to listen or to be injected into; `close` ends streams and threads.
 */
export async function buildApp(deps: Deps, makeMcp?: McpFactory): Promise<FastifyInstance> {
  const stop = new AbortController();
  const core = createCore(deps, stop.signal);
  const loggerInstance: FastifyBaseLogger = deps.log;
  const app: FastifyInstance = Fastify({
    loggerInstance,
    genReqId: correlationId,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'correlation_id' }),
    bodyLimit: BODY_LIMITS.bytes,
    routerOptions: { maxParamLength: MAX_PARAM_CHARS },
    frameworkErrors: (error, request, reply) => void sendProblem(request, reply, error),
    ...serverOptions(deps.httpTimes),
  });
  await app.register(fastifyCookie);
  await app.register(fastifyRateLimit, { global: false });
  registerCorrelation(app);
  registerSecurityHeaders(app);
  registerOriginCheck(app, deps.config);
  registerAddressCheck(app, core);
  registerAuth(app, core);
  registerBodyParser(app, core);
  registerRoutes(app, core);
  registerMcp(app, core, makeMcp);
  registerStatic(app, deps.webDir);
  app.addHook('preClose', async () => stop.abort());
  app.addHook('onClose', async () => {
    await Promise.all([core.pure.close(), core.sources.close()]);
    await core.checkpoints.close();
  });
  await app.ready();
  return app;
}
