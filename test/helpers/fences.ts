/** The fences that this machine really has, for tests that attack each of them. */
import { mkdtempSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { prepareFence } from '#activities/fence/fence-command.ts';
import type { FenceSpec, FenceStatus } from '#activities/fence/fence.ts';
import { openGroups, type Groups } from '#activities/fence/groups.ts';
import { probeKind } from '#activities/fence/probe.ts';
import { runProcess, type ProcessHooks, type ProcessResult, type ProcessSpec } from '#activities/process/run-process.ts';

const KINDS = ['bubblewrap', 'unshare'] as const;

/** `status` is the reason where there is no such fence: that is reported, and never counts as passed. */
export type Candidate = { kind: (typeof KINDS)[number]; status: FenceStatus | string };

export type FenceBench = {
  candidates: Candidate[];
  groups: Groups | null;
  root: string;
  workspace: string;
  secret: string;
  close(): Promise<void>;
};

/** In: words of the name of temporary folders. Waits: until each fence was probed. */
export async function openFences(name: string): Promise<FenceBench> {
  const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), `gimo-${name}-`)));
  const data = path.join(root, 'data');
  const workspace = path.join(data, 'workspace');
  const secret = path.join(data, 'token');
  mkdirSync(workspace, { recursive: true });
  writeFileSync(secret, 'the-token');
  const groups = await openGroups(data);
  const candidates: Candidate[] = [];
  for (const kind of KINDS) {
    const status = await probeKind(kind);
    candidates.push({ kind, status: typeof status === 'string' ? status : { ...status, groups } });
  }
  const close = async (): Promise<void> => {
    await groups?.close();
    rmSync(root, { recursive: true, force: true });
  };
  return { candidates, groups, root, workspace, secret, close };
}

let effects = 0;

type Run = Partial<FenceSpec> & Pick<ProcessSpec, 'timeoutMs' | 'keepBytes' | 'streamBytes' | 'graceMs'> & Pick<ProcessHooks, 'onChunk'>;

/** Runs a program of the workspace in one fence, as a node would. */
export async function runInFence(
  bench: FenceBench,
  status: FenceStatus,
  argv: string[],
  more: Run = {},
): Promise<ProcessResult & { effectId: string }> {
  const { timeoutMs = 10_000, keepBytes, streamBytes, graceMs, onChunk, ...spec } = more;
  const command = await prepareFence(status, {
    argv,
    cwd: bench.workspace,
    env: {},
    readPaths: [status.tools.node],
    writePaths: [bench.workspace],
    coverPaths: [path.dirname(bench.secret)],
    network: 'none',
    ...spec,
  });
  effects += 1;
  const effectId = `fence-bench-${process.pid}-${effects}`;
  const given = { keepBytes, streamBytes, graceMs };
  const wanted = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const result = await runProcess({ ...command, effectId, timeoutMs, ...wanted }, onChunk === undefined ? {} : { onChunk });
  return { ...result, effectId };
}
