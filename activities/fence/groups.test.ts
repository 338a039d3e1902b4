import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { listProcesses } from '../process/process-table.ts';
import { runProcess, type ProcessResult } from '../process/run-process.ts';
import { cgroupPlaces, limitFiles, shareFiles } from './cgroup-layout.ts';
import { EffectGroup, endLeftGroups, openGroups } from './groups.ts';
import { missingParts } from './missing-parts.ts';
import type { FenceStatus } from './fence.ts';

const V1 =
  '32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct\n34 31 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory';
const V2 = '31 23 0:28 / /sys/fs/cgroup rw,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate';

test('the groups of a process are found in both versions of the tree, and side by side', () => {
  expect(cgroupPlaces(`${V1}\n${V2}`, '4:memory:/jobs/a\n1:cpu,cpuacct:/\n0::/user.slice/x\n')).toEqual([
    { version: 1, mount: '/sys/fs/cgroup/cpu', folder: '/sys/fs/cgroup/cpu', controllers: ['cpu'] },
    { version: 1, mount: '/sys/fs/cgroup/memory', folder: '/sys/fs/cgroup/memory/jobs/a', controllers: ['memory'] },
    { version: 2, mount: '/sys/fs/cgroup', folder: '/sys/fs/cgroup/user.slice/x', controllers: [] },
  ]);
});

test('in a container only the part of the tree that it sees counts', () => {
  const inside = V2.replace(' / ', ' /docker/a ');
  expect(cgroupPlaces(inside, '0::/docker/a/b\n')[0]?.folder).toBe('/sys/fs/cgroup/b');
  expect(cgroupPlaces(V2, '0::/../outside\n')).toEqual([]);
  expect(cgroupPlaces('24 1 0:5 / / rw - ext4 /dev/x rw', '0::/\n')).toEqual([]);
});

test('a limit of memory counts swap too, and controllers that are not there are left alone', () => {
  const limits = { memoryBytes: 1000, maxProcesses: 10 };
  expect(limitFiles(1, ['memory', 'pids'], limits).map(({ file, value }) => `${file}=${value}`)).toEqual([
    'memory.limit_in_bytes=1000',
    'memory.memsw.limit_in_bytes=1000',
    'pids.max=10',
  ]);
  expect(limitFiles(2, ['memory'], limits).map(({ file, value }) => `${file}=${value}`)).toEqual([
    'memory.max=1000',
    'memory.swap.max=0',
    'memory.oom.group=1',
  ]);
});

test('all effects together never get all of the processors', () => {
  expect(shareFiles(2, ['cpu'], 2)).toContainEqual({ file: 'cpu.max', value: '175000 100000' });
  expect(shareFiles(1, ['cpu'], 1)).toContainEqual({ file: 'cpu.cfs_quota_us', value: '75000' });
  expect(shareFiles(1, ['memory'], 1)).toEqual([]);
});

test('what a machine does not give is named part by part, with what would', () => {
  const tools = { bwrap: null, unshare: null, setpriv: null, prlimit: null, node: '' };
  const status = { kind: 'unfenced', groups: null, tools, processCountLimit: null, hasLoopback: false } as unknown as FenceStatus;
  expect(missingParts(status).map(({ part }) => part)).toEqual(['sandbox', 'memory', 'processes', 'cpu', 'egress']);
  const groups = { has: () => true } as unknown as FenceStatus['groups'];
  expect(missingParts({ ...status, kind: 'unshare', groups, hasLoopback: true })).toEqual([]);
});

const data = mkdtempSync(path.join(os.tmpdir(), 'gimo-groups-'));
const groups = await openGroups(data);
afterAll(async () => {
  await groups?.close();
  rmSync(data, { recursive: true, force: true });
});

describe('control groups of this machine', () => {
  beforeEach((context) => {
    if (groups === null) context.skip('none may be written here');
  });
  let effects = 0;
  const run = async (code: string, group: EffectGroup, timeoutMs = 10_000): Promise<ProcessResult> => {
    effects += 1;
    const join = `for at in ${group.joins.join(' ')}; do echo 0 > $at; done; ${code}`;
    const env = { PATH: '/usr/bin:/bin' };
    return runProcess({ file: '/bin/sh', args: ['-c', join], env, effectId: `group-${process.pid}-${effects}`, timeoutMs, group });
  };
  const open = (limits = {}): EffectGroup => groups?.open(limits) ?? new EffectGroup([]);

  test('end what has left its session, its parent and its environment behind, without any fence', async () => {
    const group = open();
    const result = await run('setsid env -i sh -c "trap : TERM; sleep 1000; sleep 1000" & exit 0', group);
    expect(result).toMatchObject({ exit_code: 0, processes_left: 0 });
    expect(group.pids()).toEqual([]);
    expect(group.remove()).toBe(true);
  });

  test('wait for a process that has not joined yet, while others begin', async () => {
    const early = open();
    const late = open();
    expect([...early.joins, ...late.joins].filter((file) => !existsSync(file))).toEqual([]);
    expect([early.remove(), late.remove()]).toEqual([true, true]);
  });

  test('limit the memory of all processes together, and say so', async (context) => {
    if (groups?.has('memory') !== true) context.skip('no memory controller');
    const result = await run(
      'for i in 1 2 3; do dd if=/dev/zero of=/dev/null bs=30M count=2000 & done; wait',
      open({ memoryBytes: 64 * 1024 ** 2 }),
      2000,
    );
    expect(result).toMatchObject({ limit_hit: 'memory', processes_left: 0 });
  });

  test('limit the number of processes, and say so', async (context) => {
    if (groups?.has('pids') !== true) context.skip('no pids controller');
    const result = await run('for i in 1 2 3 4 5 6 7 8 9; do sleep 60 & done; echo not limited', open({ maxProcesses: 5 }));
    expect(result).toMatchObject({ limit_hit: 'processes', processes_left: 0 });
    expect(result.stdout).not.toContain('not limited');
  });

  test('are gone when they are closed, with all that was in them', async () => {
    const own = await openGroups(`${data}/other`);
    const group = own?.open({}) ?? new EffectGroup([]);
    const running = run('sleep 1000', group, 60_000);
    await expect.poll(() => group.pids()).not.toEqual([]);
    await own?.close();
    expect((await running).processes_left).toBe(0);
    expect(group.pids()).toEqual([]);
  });

  test('of a worker that was killed are ended by the next one, with all that was in them', async () => {
    const url = JSON.stringify(path.join(import.meta.dirname, 'groups.ts'));
    const code = `import(${url}).then(async ({ openGroups }) => {
      const group = (await openGroups(${JSON.stringify(data)})).open({});
      const join = group.joins.map((at) => 'echo 0 > ' + at).join('; ');
      const child = require('node:child_process').spawn('/bin/sh', ['-c', join + '; exec env -i sleep 1000'], { stdio: 'ignore', detached: true });
      setTimeout(() => undefined, 1e6);
      const wait = setInterval(() => group.pids().includes(child.pid) && (clearInterval(wait), console.log(child.pid)), 10);
    });`;
    const worker = spawn(process.execPath, ['-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: path.resolve(import.meta.dirname, '../..'),
    });
    const [pid] = (await once(worker.stdout, 'data')) as [Buffer];
    const orphan = Number(String(pid));
    const isAlive = (): boolean => listProcesses().some((row) => row.pid === orphan);
    await endLeftGroups(data);
    expect(isAlive()).toBe(true);
    worker.kill('SIGKILL');
    await once(worker, 'close');
    await endLeftGroups(data);
    expect(isAlive()).toBe(false);
  });
});
