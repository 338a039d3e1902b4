import { readConfig } from '#platform/config.ts';
import { addEnvSecrets } from '#platform/env-refs.ts';
import { createLogger } from '#platform/log.ts';
import { sayReady } from '#platform/ready.ts';
import { onShutdown } from '#platform/shutdown.ts';
import { startWorker } from './start.ts';

const config = readConfig(process.env);
addEnvSecrets(process.env);
const log = createLogger('worker', config.logLevel);
const worker = await startWorker(config, log, process.env);
onShutdown(log, () => worker.stop(), { deadlineMs: 4000 });
sayReady(log, {}, 'worker is ready');
await worker.ended;
