/** What is asked of every system, and the two whose worker is a process of `workers/`. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startPostgres, startRestate as startRestateServer, type Server } from './servers.ts';
import { WorkerProcess } from './worker-process.ts';

/** A chain that was begun and whose worker can be killed. */
export type Killable = {
  begin: (length: number) => Promise<void>;
  /** Indices of the steps that were done so far, each as often as it was done; undefined where nobody can say. */
  steps: () => Promise<number[]>;
  /** kill -9 of the worker, then a new one. */
  kill: () => Promise<void>;
  /** Waits: until the chain has ended. */
  ended: () => Promise<void>;
  /** Whether `steps` has a step twice when it was done twice. */
  countsRepeats: boolean;
};

/** Each answers with how long it took, in ms. */
export type Peer = {
  name: string;
  /** What is on disk when a step counts as done. */
  durable: string;
  chain: (length: number) => Promise<number>;
  fanOut: (count: number, width: number) => Promise<number>;
  gates: (runs: number) => Promise<number>;
  killable: () => Promise<Killable>;
  close: () => Promise<void>;
};

type Setup = { name: string; durable: string; program: string; server: Server };

async function peerOf({ name, durable, program, server }: Setup): Promise<Peer> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'gimo-peer-'));
  const stepLog = path.join(dir, 'steps');
  let worker = await WorkerProcess.start(program, server.env);
  const restart = async (how: 'kill' | 'stop', env: Record<string, string>): Promise<void> => {
    await worker.end(how);
    worker = await WorkerProcess.start(program, { ...server.env, ...env });
  };
  return {
    name,
    durable,
    chain: (length) => worker.ask('chain', length),
    fanOut: (count, width) => worker.ask('fanOut', count, width),
    gates: (runs) => worker.ask('gates', runs),
    killable: async () => {
      await restart('stop', { STEP_LOG: stepLog });
      return {
        begin: async (length) => void (await worker.ask('begin', 'killed', length)),
        steps: async () => readSteps(stepLog),
        kill: () => restart('kill', { STEP_LOG: stepLog }),
        ended: async () => void (await worker.ask('end', 'killed')),
        countsRepeats: true,
      };
    },
    close: async () => {
      await worker.end('stop');
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function readSteps(file: string): number[] {
  try {
    return readFileSync(file, 'utf8').trim().split('\n').map(Number);
  } catch {
    return []; // none yet
  }
}

export async function startRestate(): Promise<Peer> {
  const durable = 'as it starts by itself: a log that is synced before a step is acknowledged';
  return peerOf({ name: 'Restate', durable, program: 'restate', server: await startRestateServer() });
}

export async function startDbos(): Promise<Peer> {
  const durable = 'defaults: a row for each step, committed with fsync';
  return peerOf({ name: 'DBOS on PostgreSQL', durable, program: 'dbos', server: await startPostgres() });
}
