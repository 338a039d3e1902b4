/** Everything before the first process: checks, the lock of the data directory, leftovers of a crash, ports, keys, tokens. */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '#platform/config.ts';
import { readInstance, type Instance } from '#platform/instance.ts';
import { ensureKeys } from '#platform/keys.ts';
import { ensurePayloadKey } from '#platform/payload-keys.ts';
import { processStartTime } from '#platform/processes.ts';
import { ensureTokens } from '#platform/tokens.ts';
import { checkDataDir, checkMachine, repoWarning } from './checks.ts';
import type { Env } from './child-env.ts';
import { tryFileLock } from './file-lock.ts';
import { endLeftovers } from './leftovers.ts';
import { choosePort, isPortFree, refuseTakenPort } from './ports.ts';
import { Refusal } from './refusal.ts';
import type { Reporter } from './reporter.ts';
import type { ServerPorts } from './temporal-server.ts';

const PORT_WAIT_MS = 3000;
const PORT_POLL_MS = 50;

/** `webPort`: where the API serves Temporal Web. */
type TemporalPorts = ServerPorts & { webPort: number };

export type Prepared = {
  /** The settings of this start: Temporal's address is known now. */
  config: Config;
  instance: Instance;
  /** Ports of the embedded Temporal, null when an existing one is used. */
  temporal: TemporalPorts | null;
  /** Gives the data directory free. */
  release: () => void;
};

/** Throws: Refusal. After a throw nothing is held. */
export async function prepareStart(given: Config, env: Env, reporter: Reporter): Promise<Prepared> {
  checkMachine(given, env['PATH']);
  checkDataDir(given);
  const warning = repoWarning(given);
  if (warning !== null) reporter.warn(warning);
  const release = lockDataDir(given);
  try {
    const last = readInstance(given.paths.instance);
    const left = last === null ? [] : await endLeftovers(last);
    if (left.length > 0) reporter.warn(`ended what a killed start had left running: ${left.join(', ')}`);
    if (last !== null) await untilPortsAreGivenBack(last);
    await refuseTakenPort(given.port, given.host);
    ensureKeys(given.paths);
    ensurePayloadKey(given.paths.payloadKeys);
    ensureTokens(given.paths.tokens, given.tokens);
    const temporal = await temporalPorts(given, last);
    const config = withTemporal(given, temporal);
    return { config, temporal, release, instance: newInstance(config, temporal) };
  } catch (error) {
    release();
    throw error;
  }
}

function lockDataDir({ paths }: Config): () => void {
  const release = tryFileLock(path.join(paths.ops, 'supervisor.lock'));
  if (release !== null) return release;
  throw new Refusal(
    `GIMO ${runningWhere(paths)}: \`npx gimo open\` opens it. To start anew, stop it first, or choose another directory with --data DIR.`,
  );
}

function runningWhere({ data, instance: file }: Config['paths']): string {
  try {
    const running = readInstance(file);
    // What holds the lock writes the file when it begins, and that it is up when it is.
    if (running?.is_up !== true) return `is already starting on ${data}`;
    return `already runs on ${data} at ${running.url}`;
  } catch {
    return `already runs on ${data}`; // only a help for the reader; that it runs is what counts
  }
}

/** A killed process is gone from the table a moment before the system has closed its sockets. */
async function untilPortsAreGivenBack(last: Instance): Promise<void> {
  if (Object.values(last.parts).every(({ pid }) => pid === null)) return;
  const ports = [last.port, last.temporal_port, last.temporal_ui_port].filter((port) => port !== null);
  const deadline = performance.now() + PORT_WAIT_MS;
  for (const port of ports) {
    while (!(await isPortFree(port, '127.0.0.1')) && performance.now() < deadline) await sleep(PORT_POLL_MS);
  }
}

async function temporalPorts(config: Config, last: Instance | null): Promise<TemporalPorts | null> {
  if (config.temporalAddress !== null) return null;
  const port = await choosePort(last?.temporal_port ?? null, [config.port]);
  if (config.temporalUiPort !== null) await refuseTakenPort(config.temporalUiPort, '127.0.0.1');
  const webPort = config.temporalUiPort ?? (await choosePort(last?.temporal_ui_port ?? null, [config.port, port]));
  return { port, webPort, uiPort: await choosePort(null, [config.port, port, webPort]) };
}

function withTemporal(config: Config, temporal: TemporalPorts | null): Config {
  if (temporal === null) return config;
  const local = '127.0.0.1';
  return {
    ...config,
    temporalAddress: `${local}:${temporal.port}`,
    temporalUi: `http://${local}:${temporal.webPort}`,
    temporalUiUpstream: `http://${local}:${temporal.uiPort}`,
  };
}

function newInstance(config: Config, temporal: TemporalPorts | null): Instance {
  return {
    pid: process.pid,
    start_time: processStartTime(process.pid) ?? '',
    started_at: Date.now(),
    url: `http://${urlHost(config.host)}:${config.port}`,
    host: config.host,
    port: config.port,
    repo: config.repo,
    temporal_address: config.temporalAddress ?? '',
    temporal_port: temporal?.port ?? null,
    temporal_ui_port: temporal?.webPort ?? null,
    temporal_ui: config.temporalUi,
    is_up: false,
    parts: {},
  };
}

/** The address to call when listening there: "all addresses" is not one. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
