/** What can be seen without a running instance: the machine, the data directory, the tokens, the ports. */
import { accessSync, constants, existsSync, statSync, statfsSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { errorMessage } from '#contract/errors.ts';
import type { Config } from '#platform/config.ts';
import type { Settings } from '../settings.ts';
import { EXIT } from '../failure.ts';
import { failed, passed, warned, type Check } from './check.ts';

const NODE_MAJOR = 24;
const MIB = 1024 * 1024;
/** Below the first the start is refused; below the second a busy day may fill the disk. */
const LEAST_FREE_MIB = 64;
const WISE_FREE_MIB = 1024;
const PORT_MS = 1000;

export function nodeCheck(version: string): Check {
  const major = Number(/^v?(\d+)/.exec(version)?.[1]);
  return major >= NODE_MAJOR
    ? passed('node', version)
    : failed('node', `${version}; GIMO runs on ${NODE_MAJOR}`, 'Start it with npm start or npm run, which bring their own Node.');
}

/** A data directory is made by the first start; until then its parent counts. */
export function diskCheck({ paths }: Config): Check {
  let dir = paths.data;
  while (!existsSync(dir)) dir = path.dirname(dir);
  try {
    accessSync(dir, constants.W_OK);
  } catch (error) {
    return failed('disk', `${dir} cannot be written: ${errorMessage(error)}`, 'Make it writable, or choose another with --data DIR.');
  }
  const { bavail, bsize } = statfsSync(dir);
  return spaceCheck(dir, Math.floor((bavail * bsize) / MIB));
}

export function spaceCheck(dir: string, freeMib: number): Check {
  const detail = `${freeMib} MiB free at ${dir}`;
  const hint = 'Free some space, or choose another directory with --data DIR.';
  if (freeMib < LEAST_FREE_MIB) return failed('disk', detail, hint);
  return freeMib < WISE_FREE_MIB ? warned('disk', detail, hint) : passed('disk', detail);
}

/** Tokens of this machine. Windows has no modes of files. */
export function tokenFileCheck({ config, tokens }: Settings): Check {
  const file = config.paths.tokens;
  if (existsSync(file) && process.platform !== 'win32') {
    const mode = statSync(file).mode & 0o777;
    if ((mode & 0o077) !== 0)
      return failed(
        'tokens',
        `${file} has the mode ${mode.toString(8)}: others can read it`,
        `chmod 600 ${file}, then gimo token reset.`,
        EXIT.refused,
      );
  }
  const names = tokens.map(({ role }) => role ?? 'given by hand').join(', ');
  if (tokens.length > 0) return passed('tokens', names);
  return warned('tokens', 'none here', 'npm start makes them; for another machine give one with --token or GIMO_TOKEN.');
}

function isTaken(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: PORT_MS });
    const done = (taken: boolean): void => {
      socket.destroy();
      resolve(taken);
    };
    socket
      .on('connect', () => done(true))
      .on('timeout', () => done(false))
      .on('error', () => done(false));
  });
}

/** Whether a start could listen. `answers`: whether GIMO itself answers at that address. */
export async function portCheck({ config, url }: Settings, answers: boolean): Promise<Check> {
  const { hostname, port } = new URL(url);
  if (answers) return passed('port', `GIMO answers at ${url}`);
  const number = Number(port || config.port);
  if (!(await isTaken(hostname.replaceAll(/[[\]]/g, ''), number))) return passed('port', `${number} is free`);
  return failed(
    'port',
    `${number} is taken by another program`,
    'End that program, or choose another port with GIMO_PORT.',
    EXIT.unavailable,
  );
}
