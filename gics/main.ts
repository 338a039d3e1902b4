/** The storage daemon as a process: reads the environment, serves until SIGTERM or SIGINT, exits 0; exits 1 with one sentence when it cannot start. */
import { errorMessage, GimoError } from '#contract/errors.ts';
import { readConfig } from '#platform/config.ts';
import { addEnvSecrets } from '#platform/env-refs.ts';
import { armFailpoints } from '#platform/failpoints.ts';
import { createLogger } from '#platform/log.ts';
import { sayReady } from '#platform/ready.ts';
import { startDaemon } from './daemon.ts';

const STOP_TIMEOUT_MS = 1800;

async function main(): Promise<void> {
  const config = readConfig(process.env);
  addEnvSecrets(process.env);
  armFailpoints(config.failpoints);
  const log = createLogger('gics', config.logLevel);
  const daemon = await startDaemon(config, log);
  const stop = (): void => {
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
    daemon.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'the store could not be closed');
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  sayReady(log, { url: daemon.url, pid: process.pid }, 'the store is open');
}

try {
  await main();
} catch (error) {
  const hint = error instanceof GimoError ? ` ${error.hint}` : '';
  process.stderr.write(`${errorMessage(error)}${hint}\n`);
  process.exit(1);
}
