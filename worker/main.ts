import { readConfig } from '#platform/config.ts';
import { addEnvSecrets } from '#platform/env-refs.ts';
import { createLogger } from '#platform/log.ts';
import { sayReady } from '#platform/ready.ts';
import { onShutdown } from '#platform/shutdown.ts';
import { untilNeeded } from '#platform/standby.ts';
import { prepareWorker } from './start.ts';

const config = readConfig(process.env);
addEnvSecrets(process.env);
const log = createLogger('worker', config.logLevel);
const prepared = await prepareWorker(config, log, process.env);
await untilNeeded();
const worker = await prepared.begin();
onShutdown(log, () => worker.stop(), { deadlineMs: 4000 });
sayReady(log, {}, 'worker is ready');
await worker.ended;
