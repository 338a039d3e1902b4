import type { Client } from '@temporalio/client';
import type { Config } from '#platform/config.ts';
import type { Logger } from '#platform/log.ts';
import type { Gics } from '#contract/gics.ts';
import type { FenceStatus } from './fence/fence.ts';
import type { Permits } from './effects/permits.ts';
import type { Stops } from './effects/stops.ts';

/** What activities work with; made once by the worker. */
export type ActivityDeps = {
  config: Config;
  log: Logger;
  gics: Gics;
  client: Client;
  fence: FenceStatus;
  permits: Permits;
  stops: Stops;
  /** Names this worker process in the ledger. */
  workerId: string;
  /** The environment that provider keys are resolved from. */
  env: Record<string, string | undefined>;
};
