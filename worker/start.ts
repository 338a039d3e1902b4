import { randomUUID } from 'node:crypto';
import { NativeConnection, Runtime, type Worker } from '@temporalio/worker';
import { createActivities } from '#activities/index.ts';
import type { ActivityDeps } from '#activities/deps.ts';
import { Permits } from '#activities/effects/permits.ts';
import { killLeftProcesses } from '#activities/effects/processes.ts';
import { Stops } from '#activities/effects/stops.ts';
import { endLeftGroups, openGroups } from '#activities/fence/groups.ts';
import { probeFence } from '#activities/fence/probe.ts';
import type { Config } from '#platform/config.ts';
import { createDataConverter } from '#platform/data-converter.ts';
import { armFailpoints } from '#platform/failpoints.ts';
import type { Logger } from '#platform/log.ts';
import { connectTemporal } from '#platform/temporal.ts';
import { connectGics } from '#gics/client.ts';
import { bundlePath } from './bundle.ts';
import { deliverEvents } from './deliveries.ts';
import { announce } from './presence.ts';
import { reconcile } from './reconciler.ts';
import { ensureSchedules } from './schedules.ts';
import { createWorkers } from './workers.ts';
import { preloadWorkflowThreads } from './workflow-threads.ts';

export type PreparedWorker = { begin: () => Promise<RunningWorker> };
export type RunningWorker = { stop: () => Promise<void>; ended: Promise<void> };

/**
 * Makes everything that the workers of this process need, but takes no work yet: a process that stands by waits here.
 * Waits: for GICS and Temporal, and for the fence's probe. `begin` waits until what earlier workers left running has been ended.
 */
export async function prepareWorker(config: Config, log: Logger, env: ActivityDeps['env']): Promise<PreparedWorker> {
  armFailpoints(config.failpoints);
  preloadWorkflowThreads();
  Runtime.install({ shutdownSignals: [], logger: temporalLogger(log) });
  const probing = probeFence({ isUnfenced: config.isUnfenced });
  const gics = connectGics(config.gicsUrl, { token: config.gicsToken });
  const dataConverter = createDataConverter(gics, config);
  const { client, connection } = await connectTemporal(config, { dataConverter });
  const native = await NativeConnection.connect({ address: config.temporalAddress ?? '' });
  const workerId = `${process.pid}-${randomUUID().slice(0, 8)}`;
  const stops = new Stops(gics, log);
  const [probed, bundle, groups] = await Promise.all([probing, bundlePath(), openGroups(config.paths.data)]);
  const fence = { ...probed, groups };
  const deps: ActivityDeps = { config, log, gics, client, fence, permits: new Permits(gics, config.paths.keyRing), stops, workerId, env };
  const workers = await createWorkers({ config, connection: native, dataConverter, activities: createActivities(deps), bundle });
  const close = async (): Promise<void> => {
    await Promise.allSettled([connection.close(), native.close(), gics.close()]);
  };
  return { begin: () => beginWork(deps, workers, close) };
}

async function beginWork(deps: ActivityDeps, workers: Worker[], close: () => Promise<void>): Promise<RunningWorker> {
  const { gics, client, log, stops } = deps;
  await stops.start();
  await endLeftGroups(deps.config.paths.data);
  const left = await killLeftProcesses(gics, deps.workerId);
  if (left > 0) log.warn({ left }, 'ended processes that an earlier worker had left running');
  const loops = new AbortController();
  const running = workers.map((worker) => worker.run());
  const background = [
    announce(deps, loops.signal),
    reconcile(deps, loops.signal),
    ensureSchedules(client, log),
    deliverEvents(deps, loops.signal),
  ];
  const ended = Promise.all(running).then(() => undefined);
  const stop = async (): Promise<void> => {
    loops.abort();
    stops.close();
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await ended.catch(() => undefined);
    await Promise.allSettled(background);
    await deps.fence.groups?.close();
    await close();
  };
  return { stop, ended };
}

function temporalLogger(log: Logger): NonNullable<Parameters<typeof Runtime.install>[0]['logger']> {
  const write = (level: string, message: string, meta?: object): void => {
    const { error, ...rest } = { error: undefined, ...meta };
    const line = error === undefined ? rest : { ...rest, err: error };
    if (level === 'ERROR') log.error(line, message);
    else if (level === 'WARN') log.warn(line, message);
    else log.debug(line, message);
  };
  return {
    log: write,
    trace: (message, meta) => write('TRACE', message, meta),
    debug: (message, meta) => write('DEBUG', message, meta),
    info: (message, meta) => write('INFO', message, meta),
    warn: (message, meta) => write('WARN', message, meta),
    error: (message, meta) => write('ERROR', message, meta),
  };
}
