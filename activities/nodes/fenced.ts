import path from 'node:path';
import type { EffectKind } from '#contract/nodes/index.ts';
import { prepareFence } from '../fence/fence-command.ts';
import { recordProcess } from '../effects/processes.ts';
import { DEFAULT_PATH } from '../process/launch.ts';
import { runProcess, type ProcessResult } from '../process/run-process.ts';
import { workspaceFencePaths, type Workspace } from '../workspace/place.ts';
import type { EffectCall } from './act.ts';

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
  memoryMb: number;
  timeoutMs: number;
  signal: AbortSignal;
};

/** Runs one program inside the fence of this machine and streams what it writes. Its process is on record while it lives. */
export async function runFenced<K extends EffectKind>(call: EffectCall<K>, process: FencedProcess): Promise<ProcessResult> {
  const { deps, key, output } = call;
  const { paths } = deps.config;
  const { tree } = process.workspace;
  const within = (relative: string): string => path.join(tree, relative);
  // Git's own folder stays read-only for whoever writes: a node must not be able to plant hooks or settings.
  const { readPaths } = workspaceFencePaths(process.workspace, { isReader: !process.write.includes('.') });
  const command = await prepareFence(deps.fence, {
    argv: process.argv,
    cwd: within(process.cwd ?? '.'),
    env: { PATH: DEFAULT_PATH, LANG: 'C.UTF-8', ...process.env },
    readPaths,
    writePaths: process.write.map(within),
    coverPaths: [paths.data],
    network: 'none',
    memoryBytes: process.memoryMb * MIB,
    fileBytes: MAX_FILE_BYTES,
    maxProcesses: MAX_PROCESSES,
  });
  return runProcess(
    { ...command, effectId: key, timeoutMs: process.timeoutMs, ...(process.stdin === undefined ? {} : { stdin: process.stdin }) },
    {
      signal: process.signal,
      onChunk: ({ stream, text }) => output.write(stream, text),
      onStart: ({ pid, startTime }) => recordProcess(deps.gics, key, { worker: deps.workerId, pid, start_time: startTime, effect_id: key }),
    },
  );
}
