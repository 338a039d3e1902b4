/** The API as a process: reads the environment, serves until it is told to stop, exits 1 with one sentence when it cannot start. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import { errorMessage } from '#contract/errors.ts';
import { connectGics } from '#gics/client.ts';
import { readConfig, type Config } from '#platform/config.ts';
import { createCodecs, createDataConverter } from '#platform/data-converter.ts';
import { addEnvSecrets } from '#platform/env-refs.ts';
import { armFailpoints } from '#platform/failpoints.ts';
import { ensureKeys, readSigningKey } from '#platform/keys.ts';
import { createLogger } from '#platform/log.ts';
import { ensurePayloadKey } from '#platform/payload-keys.ts';
import { makeDataDirs } from '#platform/paths.ts';
import { sayReady } from '#platform/ready.ts';
import { onShutdown } from '#platform/shutdown.ts';
import { untilNeeded } from '#platform/standby.ts';
import { connectTemporal } from '#platform/temporal.ts';
import { ensureTokens } from '#platform/tokens.ts';
import { buildApp } from './app.ts';
import { HTTP_TIMES } from './server-options.ts';
import { createTemporalWeb } from './temporal-web.ts';

const ROOT = path.dirname(import.meta.dirname);

async function main(): Promise<void> {
  await untilNeeded();
  const config = readConfig(process.env);
  armFailpoints(config.failpoints);
  addEnvSecrets(process.env);
  const log = createLogger('api', config.logLevel);
  makeDataDirs(config.paths);
  ensureKeys(config.paths);
  ensurePayloadKey(config.paths.payloadKeys);
  const gics = connectGics(config.gicsUrl, { token: config.gicsToken, log });
  const temporal = await connectTemporal(config, { waitMs: 0, dataConverter: createDataConverter(gics, config) });
  const app = await buildApp({
    config,
    log,
    gics,
    temporal,
    payloadCodecs: createCodecs(gics, config),
    tokens: ensureTokens(config.paths.tokens, config.tokens),
    signingKey: () => readSigningKey(config.paths.signingKey),
    httpTimes: HTTP_TIMES,
    webDir: path.join(ROOT, 'web', 'dist'),
    examplesDir: path.join(ROOT, 'examples'),
  });
  const temporalWeb = await serveTemporalWeb(app, config);
  onShutdown(log, async () => {
    // Temporal's channel is left open: calls that are still being tried again would throw on a closed one.
    temporalWeb?.closeAllConnections();
    temporalWeb?.close();
    await app.close();
    await gics.close();
  });
  await app.listen({ host: config.host, port: config.port });
  sayReady(log, { url: `http://${config.host}:${config.port}` }, 'the API answers');
}

/** Waits: until it listens. Out: null where Temporal Web is not ours to serve. */
async function serveTemporalWeb(app: FastifyInstance, { temporalUi, temporalUiUpstream, port }: Config): Promise<Server | null> {
  if (temporalUi === null || temporalUiUpstream === null) return null;
  const { hostname, port: ownPort } = new URL(temporalUi);
  const server = createTemporalWeb(app, { origin: temporalUi, upstream: temporalUiUpstream, api: port, times: HTTP_TIMES });
  server.listen(Number(ownPort), hostname);
  await once(server, 'listening');
  return server;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${errorMessage(error)}\n`);
  process.exit(1);
}
