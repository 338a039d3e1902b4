/** Finding and ending everything that one effect started, double-forked children included. */
import { closeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import {
  hasEffectMark,
  listProcesses,
  namespacePids,
  openPidNamespace,
  pidNamespace,
  readRow,
  startTimeOf,
  type ProcessRow,
} from './process-table.ts';

export type ProcessTree = {
  /** The process that the worker started; it leads its own group and session. */
  pid: number;
  startTime: string | null;
  effectId: string;
  /**
   * Pid namespaces that belong to the effect alone, and the descriptor that holds each. Filled while looking, released by killTree:
   * the kernel gives the number of a namespace that nobody holds to the next one, which belongs to a stranger.
   */
  namespaces: Map<string, number>;
  /** The control group of the effect, where the machine has them: nothing that was started in it can leave it. */
  group?: TreeGroup | undefined;
};

/** The limit of a control group that something in it ran into. */
export type LimitHit = 'memory' | 'processes' | null;
export type TreeGroup = { pids(): number[]; kill(): void; limitHit(): LimitHit; remove(): boolean };

const POLL_MS = 10;
const NO_PID = -1;

function ownLine(rows: Map<number, ProcessRow>): Set<number> {
  const line = new Set<number>([process.pid]);
  for (let row = rows.get(process.pid); row !== undefined && !line.has(row.ppid); row = rows.get(row.ppid)) line.add(row.ppid);
  return line;
}

/**
 * All living processes of the tree: group, session, environment mark, pid namespace, and whatever descends from these.
 * Waits: one pass over the process table (about 10 ms for 200 processes).
 */
export function findTree(tree: ProcessTree): ProcessRow[] {
  if (tree.group !== undefined) return findGrouped(tree, tree.group);
  const rows = new Map(listProcesses().map((row) => [row.pid, row]));
  const untouchable = ownLine(rows);
  const leader = rows.get(tree.pid);
  // Another process with this pid means that the group was empty and its number was given away.
  const isReused = leader !== undefined && leader.startTime !== tree.startTime;
  const ownNamespace = pidNamespace('self');
  const found = new Map<number, ProcessRow>();
  const isMember = (row: ProcessRow): boolean => {
    if (!isReused && (row.pgid === tree.pid || row.session === tree.pid)) return true;
    if (hasEffectMark(row.pid, tree.effectId)) return true;
    const namespace = tree.namespaces.size === 0 ? null : pidNamespace(row.pid);
    return namespace !== null && tree.namespaces.has(namespace);
  };
  const add = (row: ProcessRow): void => {
    if (untouchable.has(row.pid) || found.has(row.pid)) return;
    found.set(row.pid, row);
    if (ownNamespace !== null) holdNamespace(tree, row, ownNamespace);
  };
  for (const row of rows.values()) if (isMember(row)) add(row);
  addDescendants([...rows.values()], found, add);
  return [...found.values()];
}

/** What is in the control group is all of it, and the leader, which joins it first of all. Cheap, however many they are. */
function findGrouped({ pid, startTime }: ProcessTree, group: TreeGroup): ProcessRow[] {
  return [...new Set([pid, ...group.pids()])].flatMap((member) => {
    const row = readRow(member);
    const isStranger = member === pid && row?.startTime !== startTime;
    return row === null || row.isZombie || isStranger ? [] : [row];
  });
}

function addDescendants(rows: ProcessRow[], found: Map<number, ProcessRow>, add: (row: ProcessRow) => void): void {
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const row of rows) if (found.has(row.ppid)) add(row);
  }
}

/** Takes the namespace of a member into the tree, if it is one of its own and the member has not just been replaced by a stranger. */
function holdNamespace(tree: ProcessTree, row: ProcessRow, ownNamespace: string): void {
  const held = openPidNamespace(row.pid);
  if (held === null) return;
  const isNew = held.namespace !== ownNamespace && !tree.namespaces.has(held.namespace);
  if (isNew && startTimeOf(row.pid) === row.startTime) tree.namespaces.set(held.namespace, held.fd);
  else closeSync(held.fd);
}

function release(tree: ProcessTree): void {
  for (const fd of tree.namespaces.values()) closeSync(fd);
  tree.namespaces.clear();
  tree.group?.remove();
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in the meantime, or became another user's: what is still there is counted by the caller.
  }
}

/** The programs of the tree, without the processes that make up the sandbox around them. */
function programsOf(members: ProcessRow[]): number[] {
  const own = namespacePids(process.pid).length;
  const all = members.map((row) => ({ pid: row.pid, pids: namespacePids(row.pid) }));
  const depth = Math.max(own, ...all.map((member) => member.pids.length));
  const programs = depth === own ? all : all.filter((member) => member.pids.length === depth && member.pids.at(-1) !== 1);
  return programs.map((member) => member.pid);
}

/**
 * Ask the programs to end (SIGTERM), also those that they start meanwhile, and wait. Inside a fence only they are asked: the sandbox's own
 * processes would end at once and take the programs along before these could clean up. Waits: ≤ graceMs.
 */
export async function askToEnd(tree: ProcessTree, graceMs: number): Promise<void> {
  const deadline = performance.now() + graceMs;
  const asked = new Set<number>();
  for (let members = findTree(tree); members.length > 0 && performance.now() < deadline; members = findTree(tree)) {
    for (const pid of programsOf(members)) {
      if (!asked.has(pid)) send(pid, 'SIGTERM');
      asked.add(pid);
    }
    await delay(POLL_MS * 2);
  }
}

/** Kill the whole tree and prove that it is empty. Out: how many processes are still alive. Waits: ≤ deadlineMs (5 s). */
export async function killTree(tree: ProcessTree, deadlineMs = 5000): Promise<number> {
  const deadline = performance.now() + deadlineMs;
  try {
    for (;;) {
      // The kernel ends a group as a whole, before it is looked at one by one.
      tree.group?.kill();
      const members = findTree(tree);
      if (members.length === 0) return 0;
      if (performance.now() > deadline) return members.length;
      for (const row of members) send(row.pid, 'SIGKILL');
      await delay(POLL_MS);
    }
  } finally {
    release(tree);
  }
}

/**
 * Kill what an earlier worker left running of one effect. A process that merely has the recorded pid now is left alone.
 * In: what `onStart` of runProcess gave. Out: how many are still alive (0 expected). Waits: ≤ 5 s.
 */
export async function killRecorded(recorded: { pid: number; startTime: string; effectId: string }): Promise<number> {
  return killTree({ ...recorded, namespaces: new Map() });
}

/** Whether anything is alive of what an earlier worker started. */
export function isLeftRunning(recorded: { pid: number; startTime: string; effectId: string }): boolean {
  const tree: ProcessTree = { ...recorded, namespaces: new Map() };
  try {
    return findTree(tree).length > 0;
  } finally {
    release(tree);
  }
}

/** The tree of a child that was started just now. */
export function treeOf(pid: number, effectId: string, group?: TreeGroup): ProcessTree {
  return { pid, startTime: startTimeOf(pid), effectId, namespaces: new Map(), group };
}

/** Kill whatever carries this mark in its environment. Out: how many are still alive. Waits: ≤ 5 s. */
export async function killMarked(effectId: string): Promise<number> {
  return killTree({ pid: NO_PID, startTime: null, effectId, namespaces: new Map() });
}
