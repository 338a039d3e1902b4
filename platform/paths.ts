import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';

/** Where programs are found when nothing else is said. */
export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Every path that GIMO writes below its data directory. `private` folders have mode 0700. */
export type DataPaths = {
  data: string;
  /** Operational data: what the seeds call `.orch_data/ops/`. */
  ops: string;
  /** GICS: database, blobs, lock. */
  gics: string;
  gicsSocket: string;
  temporalDb: string;
  logs: string;
  /** Private clones of runs. */
  workspaces: string;
  /** Signing key, key ring, role tokens, session secret: never visible inside a fence. */
  keys: string;
  signingKey: string;
  keyRing: string;
  tokens: string;
  /** What payloads of Temporal are encrypted with. */
  payloadKeys: string;
  /** Signed heads of the audit log. */
  checkpoints: string;
  /** What `npm start` wrote about the running instance: pids, ports. */
  instance: string;
};

export function dataPaths(dataDir: string): DataPaths {
  const data = path.resolve(dataDir);
  const ops = path.join(data, 'ops');
  const keys = path.join(data, 'keys');
  const gics = path.join(ops, 'gics');
  return {
    data,
    ops,
    gics,
    gicsSocket: path.join(gics, 'gics.sock'),
    temporalDb: path.join(ops, 'temporal.sqlite'),
    logs: path.join(ops, 'logs'),
    workspaces: path.join(ops, 'workspaces'),
    keys,
    signingKey: path.join(keys, 'signing.json'),
    keyRing: path.join(keys, 'keyring.json'),
    tokens: path.join(keys, 'tokens.json'),
    payloadKeys: path.join(keys, 'payload.json'),
    checkpoints: path.join(data, 'checkpoints'),
    instance: path.join(ops, 'instance.json'),
  };
}

/** Makes the data directory and its private folders. Throws what the file system throws. */
export function makeDataDirs(paths: DataPaths): void {
  for (const dir of [paths.data, paths.ops, paths.keys, paths.gics, paths.logs, paths.workspaces, paths.checkpoints]) {
    if (!existsSync(dir)) mkdirSync(dir, { recursive: true, mode: 0o700 });
  }
}
