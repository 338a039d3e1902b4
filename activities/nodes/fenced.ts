import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { EffectKind } from '#contract/nodes/index.ts';
import { DEFAULT_PATH } from '#platform/paths.ts';
import { assertUncovered, prepareFence } from '../fence/fence-command.ts';
import { toolPaths } from '../fence/system-paths.ts';
import { recordProcess } from '../effects/processes.ts';
import { runProcess, type ProcessResult } from '../process/run-process.ts';
import { workspaceFencePaths, type Workspace } from '../workspace/place.ts';
import type { EffectCall } from './act.ts';
import { openEgress, type OpenEgress } from './egress.ts';

const MIB = 1024 * 1024;
const MAX_PROCESSES = 512;
const MAX_FILE_BYTES = 1024 * MIB;

export type FencedProcess = {
  argv: string[];
  workspace: Workspace;
  /** Relative to the workspace. */
  cwd?: string;
  env?: Record<string, string>;
  stdin?: string;
  /** Paths relative to the workspace; none = it is read-only. */
  write: string[];
  /** Hosts that it may reach; none = no network. */
  hosts?: string[] | undefined;
  memoryMb: number;
  timeoutMs: number;
  signal: AbortSignal;
};

/** Runs one program inside the fence of this machine and streams what it writes. Its process is on record while it lives. */
export async function runFenced<K extends EffectKind>(call: EffectCall<K>, child: FencedProcess): Promise<ProcessResult> {
  const { hosts = [] } = child;
  if (hosts.length === 0) return runIn(call, child, null);
  const egress = await openEgress(call, hosts);
  try {
    return await runIn(call, child, egress);
  } finally {
    await egress.close();
  }
}

async function runIn<K extends EffectKind>(call: EffectCall<K>, child: FencedProcess, egress: OpenEgress | null): Promise<ProcessResult> {
  const { deps, key, output } = call;
  const { paths } = deps.config;
  const { tree } = child.workspace;
  const within = (relative: string): string => path.join(tree, relative);
  // Git's own folder stays read-only for whoever writes: a node must not be able to plant hooks or settings.
  const { readPaths } = workspaceFencePaths(child.workspace, { isReader: !child.write.includes('.') });
  const command = await prepareFence(deps.fence, {
    argv: child.argv,
    cwd: within(child.cwd ?? '.'),
    env: { PATH: deps.env['PATH'] ?? DEFAULT_PATH, LANG: 'C.UTF-8', ...child.env, ...egress?.env },
    readPaths: [...readPaths, ...toolPaths(deps.env['PATH'] ?? ''), ...(egress?.readPaths ?? [])],
    writePaths: await assertUncovered(child.write.map(within), [paths.keys, path.dirname(paths.gicsSocket)]),
    coverPaths: [paths.data],
    network: 'none',
    ...(egress === null ? {} : { egressSocket: egress.socket }),
    memoryBytes: child.memoryMb * MIB,
    fileBytes: MAX_FILE_BYTES,
    maxProcesses: MAX_PROCESSES,
    cpuSeconds: Math.ceil(child.timeoutMs / 1000) * availableParallelism(),
  });
  return runProcess(
    { ...command, effectId: key, timeoutMs: child.timeoutMs, ...(child.stdin === undefined ? {} : { stdin: child.stdin }) },
    {
      signal: child.signal,
      onChunk: ({ stream, text }) => output.writeClean(stream, text),
      onStart: ({ pid, startTime }) => recordProcess(deps.gics, key, { worker: deps.workerId, pid, start_time: startTime, effect_id: key }),
    },
  );
}
