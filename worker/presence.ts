import { setTimeout as delay } from 'node:timers/promises';
import type { ActivityDeps } from '#activities/deps.ts';
import { readOpsConfig, readProviders } from '#activities/runs/settings.ts';
import { missingParts } from '#activities/fence/missing-parts.ts';
import { webhookSecrets } from '#activities/webhooks/attempt.ts';
import type { WorkerPresence } from '#contract/messages.ts';
import { parseEnvRef } from '#platform/env-refs.ts';

const EVERY_MS = 2000;

/** Says every two seconds that this worker lives, how it is fenced, and which key variables it has; never their values. */
export async function announce(deps: ActivityDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const presence = await presenceOf(deps);
      await deps.gics.txn([{ op: 'put', collection: 'settings', id: 'worker', value: presence }]);
    } catch (error) {
      deps.log.warn({ err: error }, 'the presence of the worker could not be written');
    }
    await delay(EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function presenceOf({ gics, env, fence, config }: ActivityDeps): Promise<WorkerPresence> {
  const [{ providers }, { node_secrets }] = await Promise.all([readProviders(gics), readOpsConfig(gics)]);
  const keys = Object.values(providers).flatMap(({ api_key: ref }) => (ref === null ? [] : [parseEnvRef(ref)]));
  const names = [...keys, ...Object.keys(node_secrets), ...(await webhookSecrets({ gics }))];
  const isOk = fence.kind !== 'none' && (fence.kind !== 'unfenced' || config.isUnfenced);
  return {
    at: new Date().toISOString(),
    fence: { kind: fence.kind, ok: isOk, detail: fence.detail, missing: missingParts(fence) },
    env_present: names.filter((name): name is string => typeof name === 'string' && env[name] !== undefined && env[name] !== ''),
    pid: process.pid,
  };
}
