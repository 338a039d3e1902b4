import { spawnSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync, existsSync } from 'node:fs';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { prepareFence } from '#activities/fence/fence-command.ts';
import type { FenceSpec, FenceStatus } from '#activities/fence/fence.ts';
import { probeFence, probeKind } from '#activities/fence/probe.ts';
import { findSystemPaths, findTools } from '#activities/fence/system-paths.ts';
import { runProcess, type ProcessResult } from '#activities/process/run-process.ts';

const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'gimo-fence-')));
const data = path.join(root, 'data');
const workspace = path.join(data, 'workspaces/r_1/tree');
const token = path.join(data, 'token');
const socket = path.join(data, 'gics.sock');
const outside = path.join(root, 'outside.txt');
const servers = [net.createServer((peer) => peer.end()), net.createServer((peer) => peer.end())] as const;
let port = 0;

const unfenced: FenceStatus = {
  kind: 'unfenced',
  detail: '',
  capabilities: [],
  tools: findTools(),
  system: findSystemPaths(),
  processCountLimit: null,
  groups: null,
  hasLoopback: false,
};

beforeAll(async () => {
  mkdirSync(workspace, { recursive: true });
  writeFileSync(token, 'the-token');
  writeFileSync(outside, 'as it was');
  servers[0].listen(0, '127.0.0.1');
  servers[1].listen(socket);
  await Promise.all(servers.map((server) => once(server, 'listening')));
  port = (servers[0].address() as AddressInfo).port;
});

afterAll(() => {
  for (const server of servers) server.close();
  rmSync(root, { recursive: true, force: true });
});

let effects = 0;

async function runIn(status: FenceStatus, argv: string[], more: Partial<FenceSpec> = {}): Promise<ProcessResult> {
  const command = await prepareFence(status, {
    argv,
    cwd: workspace,
    env: {},
    readPaths: [root, status.tools.node],
    writePaths: [workspace],
    coverPaths: [data],
    network: 'none',
    ...more,
  });
  effects += 1;
  return runProcess({ ...command, effectId: `fence-test-${process.pid}-${effects}`, timeoutMs: 60_000 });
}

const script = (code: string): string[] => [process.execPath, '-e', code];
const connect = (options: object): string[] =>
  script(
    `require('node:net').connect(${JSON.stringify(options)}, () => { console.log('reached'); process.exit(0); }).on('error', (error) => console.log(error.code));`,
  );

const attacks = {
  readToken: () => ['cat', token],
  port: () => connect({ host: '127.0.0.1', port }),
  socket: () => connect({ path: socket }),
  write: () => ['sh', '-c', `echo changed > ${outside}`],
};

test('without a fence every attack succeeds, so that the tests below can fail', async () => {
  expect((await runIn(unfenced, attacks.readToken())).stdout).toBe('the-token');
  expect((await runIn(unfenced, attacks.port())).stdout).toBe('reached\n');
  expect((await runIn(unfenced, attacks.socket())).stdout).toBe('reached\n');
  await runIn(unfenced, attacks.write());
  expect(readFileSync(outside, 'utf8')).toBe('changed\n');
});

test('a machine gets a fence that withstood its probe, and the same answer twice', async () => {
  const status = await probeFence({ isUnfenced: false });
  expect(status.kind).not.toBe('unfenced');
  expect(status.detail).not.toBe('');
  expect(await probeFence({ isUnfenced: false })).toBe(status);
});

/** The least that the tool needs: where it works, the fence must stand, else a broken fence would only show as skipped tests. */
const ISOLATION = {
  bubblewrap: ['bwrap', '--unshare-all', '--ro-bind', '/', '/', '--proc', '/proc', 'true'],
  unshare: ['unshare', '--user', '--map-root-user', '--mount', '--pid', '--net', '--fork', 'mount', '-t', 'proc', 'proc', '/proc'],
};

test.for(['bubblewrap', 'unshare'] as const)('where %s can isolate at all, its fence stands', async (kind, context) => {
  const [file = '', ...args] = ISOLATION[kind];
  const isolated = spawnSync(file, args, { encoding: 'utf8' });
  if (isolated.status !== 0) context.skip(isolated.error?.message ?? isolated.stderr);
  expect(await probeKind(kind)).toMatchObject({ kind });
});

const candidates = await Promise.all((['bubblewrap', 'unshare'] as const).map(async (kind) => ({ kind, status: await probeKind(kind) })));

describe.each(candidates)('$kind', ({ status: probed }) => {
  const reason = typeof probed === 'string' ? probed : null;
  const status = typeof probed === 'string' ? unfenced : probed;

  beforeEach((context) => {
    if (reason !== null) context.skip(reason);
  });

  test('says what it withstood', () => {
    expect(status.capabilities).toContain('covered data directory');
  });

  test('a program runs in the workspace and what it writes there stays', async () => {
    const result = await runIn(status, ['sh', '-c', 'pwd; echo made > made.txt; echo $GREETING; echo $HOME; touch $HOME/x /tmp/y'], {
      env: { GREETING: 'good day' },
    });
    expect(result).toMatchObject({ exit_code: 0, stderr: '', stdout: `${workspace}\ngood day\n/tmp/home\n`, processes_left: 0 });
    expect(readFileSync(path.join(workspace, 'made.txt'), 'utf8')).toBe('made\n');
    expect(existsSync('/tmp/y')).toBe(false);
  });

  test('a token in the covered data directory cannot be read', async () => {
    const result = await runIn(status, attacks.readToken());
    expect(result.exit_code).not.toBe(0);
    expect(result.stdout).toBe('');
    expect((await runIn(status, ['ls', data])).stdout).toBe('workspaces\n');
  });

  test('a loopback port cannot be reached', async () => {
    expect((await runIn(status, attacks.port())).stdout).toMatch(/^(ECONNREFUSED|ENETUNREACH)\n$/);
  });

  test('a unix socket in the data directory cannot be reached', async () => {
    expect((await runIn(status, attacks.socket())).stdout).toBe('ENOENT\n');
  });

  test('nothing outside of the workspace can be written', async () => {
    writeFileSync(outside, 'as it was');
    for (const target of [outside, '/etc/gimo-test', '/usr/gimo-test', '/gimo-test', path.join(data, 'gimo-test')]) {
      const result = await runIn(status, ['sh', '-c', `echo changed > ${target}`]);
      expect(result).toMatchObject({ exit_code: 2, stdout: '' });
    }
    expect(readFileSync(outside, 'utf8')).toBe('as it was');
    expect(existsSync(path.join(data, 'gimo-test'))).toBe(false);
  });

  test('a link out of the workspace leads nowhere that matters', async () => {
    for (const [name, target] of [
      ['to-token', token],
      ['to-outside', outside],
      ['to-shadow', '/etc/shadow'],
    ] as const) {
      rmSync(path.join(workspace, name), { force: true });
      symlinkSync(target, path.join(workspace, name));
    }
    writeFileSync(outside, 'as it was');
    expect((await runIn(status, ['cat', 'to-token'])).stdout).toBe('');
    expect((await runIn(status, ['cat', 'to-shadow'])).stdout).toBe('');
    expect((await runIn(status, ['sh', '-c', 'echo changed > to-outside'])).exit_code).toBe(2);
    expect(readFileSync(outside, 'utf8')).toBe('as it was');
  });

  test('other processes of the machine are invisible and the kernel cannot be set', async () => {
    const listing = await runIn(
      status,
      script(`console.log(require('node:fs').readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).length)`),
    );
    expect(Number(listing.stdout)).toBeLessThan(8);
    for (const file of ['/proc/sys/kernel/core_pattern', '/proc/sys/kernel/pid_max', '/proc/sysrq-trigger']) {
      const result = await runIn(status, script(`require('node:fs').openSync('${file}', 'r+')`));
      expect(result.stderr).toMatch(/EROFS|EACCES|EPERM|ENOENT/);
    }
  });

  test('no capability and no way to new privileges is left', async () => {
    const result = await runIn(status, ['grep', '-E', '^(Cap(Eff|Prm|Bnd|Amb|Inh)|NoNewPrivs)', '/proc/self/status']);
    expect(result.stdout.replaceAll(/\s+/g, ' ').trim()).toBe(
      'CapInh: 0000000000000000 CapPrm: 0000000000000000 CapEff: 0000000000000000 CapBnd: 0000000000000000 CapAmb: 0000000000000000 NoNewPrivs: 1',
    );
    expect((await runIn(status, ['mount', '-t', 'tmpfs', 'x', '/tmp'])).exit_code).not.toBe(0);
    expect((await runIn(status, ['unshare', '--user', '--map-root-user', 'true'])).exit_code).not.toBe(0);
  });

  test('the environment of the worker does not get in, and a preloaded library does not get out', async () => {
    const env = { LD_PRELOAD: path.join(workspace, 'evil.so'), BASH_ENV: '/nonexistent', ONE: 'it\'s "$HOME" `id`\n\\two' };
    const result = await runIn(status, ['env', '-0'], { env });
    const seen = new Map(
      result.stdout
        .split('\0')
        .filter(Boolean)
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const),
    );
    expect(seen.get('ONE')).toBe(env.ONE);
    expect(seen.get('LD_PRELOAD')).toBe(env.LD_PRELOAD);
    for (const own of ['_', 'PWD', 'OLDPWD', 'SHLVL']) seen.delete(own);
    expect([...seen.keys()].sort()).toEqual(['BASH_ENV', 'GIMO_EFFECT', 'HOME', 'LD_PRELOAD', 'ONE', 'PATH', 'TMPDIR']);
    // The loader complains in every program that gets the variable: that is the last one alone, not the tools that build the fence.
    expect(result.stderr.match(/evil\.so/g)).toHaveLength(1);
  });

  test('a read-only path inside of the workspace stays read-only', async () => {
    const guarded = path.join(workspace, 'guarded');
    writeFileSync(guarded, 'as it was');
    for (const code of ['echo changed > guarded', 'rm -f guarded', 'mv guarded elsewhere']) {
      const result = await runIn(status, ['sh', '-c', code], { readPaths: [guarded] });
      expect(result.exit_code).not.toBe(0);
    }
    expect(readFileSync(guarded, 'utf8')).toBe('as it was');
  });

  test('a fork bomb reaches its limit and is gone afterwards', async (context) => {
    if (status.processCountLimit === null) context.skip('this kernel cannot count the processes of root by namespace');
    const bomb = 'i=0; while [ $i -lt 2000 ]; do sleep 60 & i=$((i+1)); done; echo not limited';
    const result = await runIn(status, ['sh', '-c', bomb], { maxProcesses: 320 });
    expect(result.stdout).not.toContain('not limited');
    expect(result.stderr).toMatch(/fork/i);
    expect(result.processes_left).toBe(0);
  });

  test('memory, file size and processor time have limits', async () => {
    const memory = await runIn(status, script('const kept = []; for (;;) kept.push(Buffer.alloc(1e7, 1));'), { memoryBytes: 600e6 });
    expect(memory.exit_code).not.toBe(0);
    expect(memory.timed_out).toBe(false);
    const file = await runIn(status, ['sh', '-c', 'head -c 5000000 /dev/zero > big'], { fileBytes: 1_000_000 });
    expect(file.exit_code).not.toBe(0);
    expect(readFileSync(path.join(workspace, 'big')).length).toBe(1_000_000);
    const cpu = await runIn(status, ['sh', '-c', 'while :; do :; done'], { cpuSeconds: 1 });
    expect(cpu.exit_code).toBe(128 + os.constants.signals.SIGXCPU);
  });

  test('a missing program is told apart from one that fails', async () => {
    await expect(runIn(status, ['no-such-program', 'x'])).rejects.toMatchObject({
      code: 'PROCESS_NOT_FOUND',
      message: expect.stringContaining('no-such-program'),
    });
    expect(await runIn(status, ['sh', '-c', 'exit 127'])).toMatchObject({ exit_code: 127 });
  });

  test('the network of the machine is there when it is asked for', async () => {
    expect((await runIn(status, attacks.port(), { network: 'host' })).stdout).toBe('reached\n');
  });
});
