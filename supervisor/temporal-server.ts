/** The embedded Temporal: its command line, and the namespace as GIMO needs it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { msToTs } from '@temporalio/common/lib/time.js';
import { SEARCH_ATTRIBUTES } from '#contract/messages.ts';
import type { Config } from '#platform/config.ts';
import { connectTemporal, type TemporalAccess } from '#platform/temporal.ts';
import { isListening } from './ports.ts';

/** The stock server polls its queues 20 times a second, which puts about 45 ms before every task. */
const POLLS_PER_SECOND = 2000;
const POLLED = ['transfer', 'timer', 'visibility', 'outbound'];
const PROBE_WAIT_MS = 2000;
const PROBE_PAUSE_MS = 20;
const DAY_S = 24 * 3600;
// Numbers of temporal.api.enums.v1.IndexedValueType.
const KEYWORD = 2;
const BOOL = 5;
const ALREADY_EXISTS = 6;

export type ServerPorts = { port: number; uiPort: number };

/** Arguments of `temporal`: loopback only, one database file, tuned as measured (docs/architecture.md). */
export function temporalArgv(config: Config, { port, uiPort }: ServerPorts): string[] {
  const tuned = POLLED.flatMap((queue) => ['--dynamic-config-value', `history.${queue}ProcessorMaxPollRPS=${POLLS_PER_SECOND}`]);
  // Timers are held back by up to a second against clocks that differ between hosts; here there is one clock.
  tuned.push('--dynamic-config-value', 'history.timerProcessorMaxTimeShift="1ms"');
  // An activity on the queue of its workflow is handed to the worker with the answer to the task that asked for it.
  tuned.push('--dynamic-config-value', 'system.enableActivityEagerExecution=true');
  // Each run has a share of a queue, by its priority. Shares are kept for each partition by itself, so a queue gets one; what an
  // earlier start has put into others is still read.
  for (const setting of ['useNewMatcher=true', 'enableFairness=true', 'numTaskqueueWritePartitions=1'])
    tuned.push('--dynamic-config-value', `matching.${setting}`);
  const listen = ['--ip', '127.0.0.1', '--port', String(port), '--ui-ip', '127.0.0.1', '--ui-port', String(uiPort)];
  const store = ['--db-filename', config.paths.temporalDb, '--namespace', config.temporalNamespace];
  const pragmas = ['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', `synchronous=${config.temporalSync}`];
  const logs = ['--log-level', 'warn', '--log-format', 'json'];
  return ['server', 'start-dev', ...listen, ...store, ...pragmas, ...logs, ...tuned];
}

/** Resolves when the Temporal on this port answers. Rejects only with the signal. */
export async function untilTemporalAnswers(config: Config, port: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    // gRPC waits a second after a refused connection, so it is not asked before somebody listens.
    if ((await isListening(port)) && (await answers(config))) return;
    await sleep(PROBE_PAUSE_MS, undefined, { signal });
  }
}

async function answers(config: Config): Promise<boolean> {
  try {
    const { connection } = await connectTemporal(config, { waitMs: PROBE_WAIT_MS });
    await connection.close();
    return true;
  } catch {
    return false; // it listens before it serves
  }
}

/** Sees to the namespace, its search attributes and a retention of the run TTL + 1 day. Safe to repeat. Throws: TEMPORAL_UNAVAILABLE. */
export async function prepareNamespace(config: Config): Promise<void> {
  const access = await connectTemporal(config);
  try {
    await ensureNamespace(config, access);
    await ensureSearchAttributes(config, access);
  } finally {
    await access.connection.close();
  }
}

async function ensureNamespace(config: Config, { connection }: TemporalAccess): Promise<void> {
  const namespace = config.temporalNamespace;
  const retention = msToTs((config.runTtlS + DAY_S) * 1000);
  await ignoringExisting(connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: retention }));
  await connection.workflowService.updateNamespace({ namespace, config: { workflowExecutionRetentionTtl: retention } });
}

async function ensureSearchAttributes(config: Config, { connection }: TemporalAccess): Promise<void> {
  const namespace = config.temporalNamespace;
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const wanted = { [SEARCH_ATTRIBUTES.status]: KEYWORD, [SEARCH_ATTRIBUTES.approved]: KEYWORD, [SEARCH_ATTRIBUTES.waiting]: BOOL };
  const missing = Object.entries(wanted).filter(([name]) => !Object.hasOwn(customAttributes, name));
  if (missing.length === 0) return;
  await ignoringExisting(connection.operatorService.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(missing) }));
}

async function ignoringExisting(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === ALREADY_EXISTS)) throw error;
  }
}
