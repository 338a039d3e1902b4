/** The servers that peers keep their runs in, each on loopback, with a folder of its own and the defaults of its maker. */
import { execFileSync, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { choosePort } from '../../supervisor/ports.ts';

const UP_MS = 60_000;
const POSTGRES_HOMES = '/usr/lib/postgresql';

export type Server = { env: Record<string, string>; stop: () => Promise<void> };

async function untilUp(what: string, child: ChildProcess, isUp: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + UP_MS;
  while (!(await isUp().catch(() => false))) {
    if (child.exitCode !== null) throw new Error(`${what} ended with ${child.exitCode}`);
    if (performance.now() > deadline) throw new Error(`${what} did not come up`);
    await delay(50);
  }
}

async function ended(child: ChildProcess, signal: NodeJS.Signals, dir: string): Promise<void> {
  const exit = once(child, 'exit');
  if (child.exitCode === null && child.kill(signal)) await exit;
  rmSync(dir, { recursive: true, force: true });
}

/** Restate as it starts by itself; it sends nothing home. */
export async function startRestate(): Promise<Server> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'gimo-peer-'));
  const [ingress, admin, node, worker] = [await choosePort(null), await choosePort(null), await choosePort(null), await choosePort(null)];
  const program = path.join(
    import.meta.dirname,
    `node_modules/@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`,
  );
  const child = spawn(program, ['--no-logo', '--base-dir', dir], {
    env: {
      PATH: process.env['PATH'],
      RUST_LOG: 'off',
      RESTATE_DISABLE_TELEMETRY: 'true',
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
      RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
    },
    stdio: 'ignore',
  });
  const isUp = async (url: string): Promise<boolean> => (await fetch(url)).ok;
  await untilUp('Restate', child, () => isUp(`http://127.0.0.1:${admin}/health`));
  await untilUp('Restate', child, () => isUp(`http://127.0.0.1:${ingress}/restate/health`));
  return {
    env: { PORT: String(worker), INGRESS: `http://127.0.0.1:${ingress}`, ADMIN: `http://127.0.0.1:${admin}` },
    stop: () => ended(child, 'SIGTERM', dir),
  };
}

/** PostgreSQL refuses to run as root. */
function asNobodySpecial(dir: string): Pick<SpawnOptions, 'uid' | 'gid' | 'cwd'> {
  if (process.getuid?.() !== 0) return { cwd: dir };
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' })));
  if (uid === undefined || gid === undefined) throw new Error('there is no user postgres');
  chownSync(dir, uid, gid);
  return { cwd: dir, uid, gid };
}

function postgresBin(): string {
  const versions = existsSync(POSTGRES_HOMES) ? readdirSync(POSTGRES_HOMES).toSorted((a, b) => Number(b) - Number(a)) : [];
  const found = versions.map((version) => path.join(POSTGRES_HOMES, version, 'bin')).find((bin) => existsSync(path.join(bin, 'initdb')));
  if (found === undefined) throw new Error('There is no PostgreSQL here: `apt-get install postgresql`.');
  return found;
}

/** PostgreSQL with what `initdb` writes: `fsync` and `synchronous_commit` are on. */
export async function startPostgres(): Promise<Server> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'gimo-peer-'));
  const as = asNobodySpecial(dir);
  const [bin, port, data] = [postgresBin(), await choosePort(null), path.join(dir, 'data')];
  execFileSync(path.join(bin, 'initdb'), ['-D', data, '-U', 'bench', '-A', 'trust'], { ...as, stdio: 'ignore' });
  const argv = ['-D', data, '-p', String(port), '-k', dir, '-c', 'listen_addresses=127.0.0.1'];
  const child = spawn(path.join(bin, 'postgres'), argv, { ...as, stdio: 'ignore' });
  const psql = (sql: string): string =>
    execFileSync(path.join(bin, 'psql'), ['-h', dir, '-p', String(port), '-U', 'bench', '-d', 'postgres', '-c', sql], {
      ...as,
      encoding: 'utf8',
      stdio: 'pipe',
    });
  await untilUp('PostgreSQL', child, async () => psql('SELECT 1') !== '');
  psql('CREATE DATABASE peers');
  return {
    env: { DATABASE_URL: `postgresql://bench@127.0.0.1:${port}/peers` },
    // Fast: sessions are ended, then it stops.
    stop: () => ended(child, 'SIGINT', dir),
  };
}
