/** The parts of GIMO: how each is started, what it needs, when it is ready, how long it may take to stop. */
import path from 'node:path';
import type { Config } from '#platform/config.ts';
import { childEnv, type Env, type PartName } from './child-env.ts';
import type { PartSpec } from './part.ts';
import { guarded, withDeathSignal } from './guard.ts';
import { temporalArgv, untilTemporalAnswers, type ServerPorts } from './temporal-server.ts';

/** What stops first: nothing may lose what it still writes to. */
export const STOP_ORDER: PartName[] = ['api', 'worker', 'gics', 'temporal'];

/** The first runs after a start come before the second processes. */
const STANDBY_AFTER_MS = 10_000;

export function temporalSpec(program: string, ports: ServerPorts, config: Config, env: Env, root: string): PartSpec {
  return {
    name: 'temporal',
    ...guarded(program, temporalArgv(config, ports), env['PATH']),
    cwd: root,
    env: childEnv('temporal', env, config),
    needs: [],
    ready: (signal) => untilTemporalAnswers(config, ports.port, signal),
    stopMs: 2000,
    isQuiet: true,
  };
}

export function ownSpec(name: Exclude<PartName, 'temporal'>, config: Config, env: Env, root: string): PartSpec {
  const needs = name === 'gics' ? [] : ['gics', 'temporal'];
  return {
    name,
    ...withDeathSignal(process.execPath, [path.join(root, name, 'main.ts')], env['PATH']),
    cwd: root,
    env: childEnv(name, env, config),
    needs,
    ready: 'log',
    stopMs: name === 'worker' ? 2500 : 1000,
    ...(config.hasStandby && name !== 'gics' ? { standbyAfterMs: STANDBY_AFTER_MS } : {}),
  };
}
