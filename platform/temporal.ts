import { Client, Connection, type DataConverter } from '@temporalio/client';
import { GimoError, errorMessage } from '#contract/errors.ts';
import type { Config } from './config.ts';

const DEFAULT_WAIT_MS = 10_000;

export type TemporalAccess = { connection: Connection; client: Client };
export type ConnectOptions = {
  dataConverter?: DataConverter;
  /** How long to wait for the first answer; 0 returns at once with a connection that connects on its first call. */
  waitMs?: number;
};

/**
 * A client of Temporal that survives its restarts (the channel connects again by itself).
 * In: address and namespace. Waits: up to `waitMs` (default 10 s). Throws: TEMPORAL_UNAVAILABLE.
 */
export async function connectTemporal(
  config: Pick<Config, 'temporalAddress' | 'temporalNamespace'>,
  options: ConnectOptions = {},
): Promise<TemporalAccess> {
  const { waitMs = DEFAULT_WAIT_MS, dataConverter } = options;
  if (config.temporalAddress === null) {
    throw new GimoError('TEMPORAL_UNAVAILABLE', { message: 'GIMO_TEMPORAL_ADDRESS is not set.', hint: 'Set it to host:port of Temporal.' });
  }
  const connection = Connection.lazy({ address: config.temporalAddress });
  const client = new Client({ connection, namespace: config.temporalNamespace, ...(dataConverter ? { dataConverter } : {}) });
  if (waitMs === 0) return { connection, client };
  try {
    // Not ensureConnected(): it keeps its first failure for ever.
    await connection.withDeadline(Date.now() + waitMs, () => connection.workflowService.getSystemInfo({}));
  } catch (error) {
    await connection.close();
    const message = `Temporal at ${config.temporalAddress} does not answer: ${errorMessage(error)}`;
    throw new GimoError('TEMPORAL_UNAVAILABLE', { message, cause: error });
  }
  return { connection, client };
}
