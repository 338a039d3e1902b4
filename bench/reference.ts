/** The hand-written workflows of baseline/ on the Temporal of a stack, and a client for each side: what is GIMO's is encrypted. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import { readConfig, type Config } from '#platform/config.ts';
import { createDataConverter } from '#platform/data-converter.ts';
import { connectTemporal, type TemporalAccess } from '#platform/temporal.ts';
import type { Stack } from '#test/helpers/stack.ts';

export const QUEUE = 'bench-baseline';

const configOf = (stack: Stack) => readConfig({ ...process.env, GIMO_TEMPORAL_ADDRESS: stack.instance().temporal_address });

export function connectBench(stack: Stack): Promise<TemporalAccess> {
  const config = configOf(stack);
  return connectTemporal(config, { dataConverter: createDataConverter(stack.gics, { ...config, paths: stack.paths }) });
}

export type Reference = { pid: number; client: Client; stop: () => Promise<void> };

/** Waits: until its worker takes work. */
export function startReference(stack: Stack): Promise<Reference> {
  return startReferenceOn(configOf(stack));
}

/** The same on any server. */
export async function startReferenceOn(place: Pick<Config, 'temporalAddress' | 'temporalNamespace'>): Promise<Reference> {
  const { client, connection } = await connectTemporal(place);
  const argv = [path.join(import.meta.dirname, 'baseline/worker.ts'), place.temporalAddress ?? '', place.temporalNamespace, QUEUE];
  const child = spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return {
    pid: child.pid ?? 0,
    client,
    stop: async () => {
      child.stdin.end();
      await once(child, 'exit');
      await connection.close();
    },
  };
}
