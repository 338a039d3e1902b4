/** Chooses the fence of this machine by starting it once and attacking it from inside. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { once } from 'node:events';
import { z } from '#contract/zod.ts';
import { errorMessage } from '#contract/errors.ts';
import { runProcess } from '../process/run-process.ts';
import { prepareFence } from './fence-command.ts';
import { ATTACKS } from './probe-attacks.ts';
import { currentProcessCountLimit, findSystemPaths, findTools } from './system-paths.ts';
import type { FenceKind, FenceStatus } from './fence.ts';

const AttacksSchema = z.strictObject({
  canary: z.boolean(),
  port: z.boolean(),
  socket: z.boolean(),
  loopback: z.boolean(),
  inside: z.boolean(),
  outside: z.boolean(),
  sysctl: z.boolean(),
  processes: z.number().nullable(),
  capabilities: z.string().nullable(),
  bounding: z.string().nullable(),
  noNewPrivileges: z.string().nullable(),
});
type Attacks = z.infer<typeof AttacksSchema>;

const PROBE_MS = 10_000;
const PROBE_LIMITS = { memoryBytes: 2 * 1024 ** 3, cpuSeconds: 10, fileBytes: 1024 ** 2, maxProcesses: 512 };

const NAMES: Record<FenceKind, string> = {
  bubblewrap: 'bubblewrap',
  unshare: 'util-linux unshare',
  'sandbox-exec': 'macOS sandbox-exec',
  unfenced: 'no fence',
  none: 'no fence',
};

/** What did not hold, in words; empty when the fence stands. */
function leaks(seen: Attacks): string[] {
  const found: string[] = [];
  if (seen.canary) found.push('a file in a covered folder could be read');
  if (seen.port) found.push('a loopback port could be reached');
  if (seen.socket) found.push('a unix socket in a covered folder could be reached');
  if (seen.outside) found.push('a file outside of the workspace could be written');
  if (seen.sysctl) found.push('a setting of the kernel could be written');
  if (!seen.inside) found.push('the workspace could not be written');
  if (process.platform !== 'linux') return found;
  if (seen.processes === null || seen.processes > 8) found.push('processes of the machine were visible');
  if (!/^0+$/.test(seen.capabilities ?? '') || !/^0+$/.test(seen.bounding ?? '')) found.push('capabilities were left');
  if (seen.noNewPrivileges !== '1') found.push('new privileges were possible');
  return found;
}

function capabilitiesOf(status: FenceStatus): string[] {
  const isLinux = status.kind === 'bubblewrap' || status.kind === 'unshare';
  const always = ['covered data directory', 'no network', 'covered unix sockets', 'writes only in the workspace'];
  const linux = ['own process numbers', 'no capabilities', 'no new privileges', 'ends with its worker'];
  const limits = status.tools.prlimit === null ? [] : ['memory limit', 'processor time limit', 'file size limit'];
  const count = status.processCountLimit === null || (status.processCountLimit === 'nproc' && limits.length === 0) ? [] : ['process limit'];
  return [...always, ...(isLinux ? linux : []), ...limits, ...count];
}

async function listen(server: net.Server, options: net.ListenOptions): Promise<void> {
  server.listen(options);
  await once(server, 'listening');
}

/** Builds what is to be attacked, runs the attacks inside the fence. Throws when the fence does not start. */
async function attack(status: FenceStatus): Promise<Attacks> {
  const root = await realpath(await mkdtemp(path.join(os.tmpdir(), 'gimo-probe-')));
  const covered = path.join(root, 'covered');
  const workspace = path.join(covered, 'workspace');
  const canary = path.join(covered, 'canary');
  const servers = [net.createServer((peer) => peer.destroy()), net.createServer((peer) => peer.destroy())] as const;
  try {
    await mkdir(workspace, { recursive: true });
    await writeFile(canary, 'secret');
    await listen(servers[0], { host: '127.0.0.1', port: 0 });
    await listen(servers[1], { path: path.join(covered, 's') });
    const { port } = servers[0].address() as AddressInfo;
    const targets = [canary, path.join(covered, 's'), String(port), path.join(workspace, 'in'), path.join(root, 'out')];
    const command = await prepareFence(status, {
      ...PROBE_LIMITS,
      argv: [status.tools.node, '-e', ATTACKS, ...targets],
      cwd: workspace,
      env: {},
      readPaths: [root, status.tools.node],
      writePaths: [workspace],
      coverPaths: [covered],
      network: 'none',
    });
    const result = await runProcess({ ...command, effectId: `probe-${path.basename(root)}`, timeoutMs: PROBE_MS });
    if (result.exit_code !== 0) throw new Error(result.timed_out ? 'it did not end in 10 s' : lastLine(result.stderr));
    return AttacksSchema.parse(JSON.parse(result.stdout));
  } finally {
    for (const server of servers) server.close();
    await rm(root, { recursive: true, force: true });
  }
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.slice(0, 300) ?? '';

function candidateOf(kind: FenceKind): FenceStatus {
  const isLinux = process.platform === 'linux';
  const base = {
    kind,
    detail: '',
    capabilities: [],
    tools: findTools(),
    processCountLimit: currentProcessCountLimit(),
    groups: null,
    hasLoopback: false,
  };
  return { ...base, system: isLinux ? findSystemPaths() : { readPaths: [], links: [], coverDirs: [], coverFiles: [] } };
}

/** Out: the status of this kind if it stands on this machine, else the reason why not. Waits: ≤ 10 s. */
export async function probeKind(kind: 'bubblewrap' | 'unshare' | 'sandbox-exec'): Promise<FenceStatus | string> {
  const status = candidateOf(kind);
  const { bwrap, unshare, setpriv } = status.tools;
  if (kind === 'sandbox-exec' ? process.platform !== 'darwin' : process.platform !== 'linux') return 'not for this operating system';
  if (kind === 'bubblewrap' && bwrap === null) return 'bwrap is not installed';
  if (kind === 'unshare' && (unshare === null || setpriv === null)) return 'unshare or setpriv is not installed';
  try {
    const seen = await attack(status);
    const found = leaks(seen);
    if (found.length > 0) return found.join(', ');
    status.hasLoopback = seen.loopback;
  } catch (error) {
    return `it does not start (${errorMessage(error)})`;
  }
  const capabilities = capabilitiesOf(status);
  return { ...status, capabilities, detail: `Processes run inside ${NAMES[kind]}: ${capabilities.join(', ')}.` };
}

async function chooseFence(isUnfenced: boolean): Promise<FenceStatus> {
  const reasons: string[] = [];
  for (const kind of ['bubblewrap', 'unshare', 'sandbox-exec'] as const) {
    const status = await probeKind(kind);
    if (typeof status !== 'string') return status;
    reasons.push(`${NAMES[kind]}: ${status}`);
  }
  const why = reasons.join('; ');
  if (isUnfenced) {
    const detail = `Processes run WITHOUT a fence, with all rights of the worker (GIMO_UNFENCED=1). ${why}.`;
    return { ...candidateOf('unfenced'), detail, processCountLimit: null };
  }
  return { ...candidateOf('none'), detail: `Nothing may be executed here. ${why}. Install bubblewrap, or set GIMO_UNFENCED=1.` };
}

const chosen = new Map<boolean, Promise<FenceStatus>>();

/**
 * The fence of this machine: bubblewrap, else unshare, else sandbox-exec, else `none` (`unfenced` only where that was allowed).
 * Each candidate is really started once and must withstand: reading a covered file, reaching a loopback port and a covered socket, writing
 * outside, setting the kernel, seeing other processes, keeping capabilities. The answer holds for the life of this process.
 * Waits: ≤ 10 s a candidate, usually 0.2 s.
 */
export function probeFence(options: { isUnfenced: boolean }): Promise<FenceStatus> {
  const known = chosen.get(options.isUnfenced) ?? chooseFence(options.isUnfenced);
  chosen.set(options.isUnfenced, known);
  return known;
}
