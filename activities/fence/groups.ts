/**
 * Control groups: limits for a whole tree of processes, and the proof that it is empty. One group of each tree for a worker, one below it for
 * each effect. A process cannot leave the group that it was started in: neither by a new session nor by an orphan's way.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LimitHit } from '../process/process-tree.ts';
import { startTimeOf } from '../process/process-table.ts';
import { cgroupPlaces, CONTROLLERS, limitFiles, shareFiles, type Controller, type GroupLimits, type Place } from './cgroup-layout.ts';

/** The group of this worker in one tree. */
type Root = { version: 1 | 2; folder: string; controllers: Controller[] };

const JOIN = 'echo 0 > "$1"';
const SWEEP_TRIES = 50;

const tagOf = (dataDir: string): string => createHash('sha256').update(dataDir).digest('hex').slice(0, 8);
const ticksOf = (pid: number): string | null => startTimeOf(pid)?.split(':').at(-1) ?? null;

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function isWritten(file: string, value: string): boolean {
  try {
    writeFileSync(file, value);
    return true;
  } catch {
    return false;
  }
}

function isRemoved(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return !existsSync(folder);
  }
}

function subfolders(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
}

const pidsIn = (folder: string): number[] =>
  read(path.join(folder, 'cgroup.procs'))
    .split('\n')
    .flatMap((line) => (/^[1-9]\d*$/.test(line) ? [Number(line)] : []));

function killIn(folder: string): void {
  if (isWritten(path.join(folder, 'cgroup.kill'), '1')) return;
  for (const pid of pidsIn(folder)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has just ended.
    }
  }
}

/** The groups of one effect. */
export class EffectGroup {
  readonly #folders: string[];
  #hit: LimitHit = null;
  #isOver = false;

  constructor(folders: string[]) {
    this.#folders = folders;
  }

  /** Files that a process writes to in order to belong to it. */
  get joins(): string[] {
    return this.#folders.map((folder) => path.join(folder, 'cgroup.procs'));
  }

  pids(): number[] {
    return [...new Set(this.#folders.flatMap(pidsIn))];
  }

  kill(): void {
    for (const folder of this.#folders) killIn(folder);
  }

  /** What of the limits something of it ran into. */
  limitHit(): LimitHit {
    const count = (name: string, field: string): number =>
      Math.max(
        0,
        ...this.#folders.map((folder) => Number(new RegExp(`^${field} (\\d+)$`, 'm').exec(read(path.join(folder, name)))?.[1] ?? 0)),
      );
    if (count('memory.events', 'oom_kill') + count('memory.oom_control', 'oom_kill') > 0) this.#hit = 'memory';
    else if (count('pids.events', 'max') > 0) this.#hit ??= 'processes';
    return this.#hit;
  }

  /** Whether its effect has ended: before that it may be empty because nothing has joined it yet. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Out: whether it is gone; a group that still holds something stays. */
  remove(): boolean {
    this.#isOver = true;
    this.limitHit();
    return this.#folders.map(isRemoved).every(Boolean);
  }
}

export class Groups {
  readonly #roots: Root[];
  readonly #waiting = new Set<EffectGroup>();
  #count = 0;

  constructor(roots: Root[]) {
    this.#roots = roots;
  }

  has(controller: Controller): boolean {
    return this.#roots.some(({ controllers }) => controllers.includes(controller));
  }

  /** A group with these limits. Throws: what the kernel refuses. */
  open(limits: GroupLimits): EffectGroup {
    for (const group of this.#waiting) if (group.isOver && group.remove()) this.#waiting.delete(group);
    this.#count += 1;
    const folders = this.#roots.map(({ version, folder, controllers }) => {
      const made = path.join(folder, `e${this.#count}`);
      mkdirSync(made);
      for (const { file, value, isOptional } of limitFiles(version, controllers, limits))
        if (!isWritten(path.join(made, file), value) && isOptional !== true) throw new Error(`${file} of a control group was not taken`);
      return made;
    });
    const group = new EffectGroup(folders);
    this.#waiting.add(group);
    return group;
  }

  /** Ends what is left in any of them, and removes them all. Waits: ≤ 1 s. */
  async close(): Promise<void> {
    for (const { folder } of this.#roots) await sweep(folder);
  }
}

async function sweep(folder: string): Promise<void> {
  for (let tries = 0; tries < SWEEP_TRIES; tries++) {
    const all = [...subfolders(folder).map((name) => path.join(folder, name)), folder];
    for (const each of all) if (pidsIn(each).length > 0) killIn(each);
    if (all.map(isRemoved).every(Boolean)) return;
    await delay(20);
  }
}

/** A first process that joins tells more than the modes of files do. */
function isJoinable(folder: string): boolean {
  const probe = path.join(folder, 'probe');
  try {
    // Only the kernel puts files into a folder that was just made.
    if (!existsSync(path.join(folder, 'cgroup.procs'))) return false;
    mkdirSync(probe);
    return spawnSync('/bin/sh', ['-e', '-c', JOIN, 'gimo-group', path.join(probe, 'cgroup.procs')], { stdio: 'ignore' }).status === 0;
  } catch {
    return false;
  } finally {
    isRemoved(probe);
  }
}

/** Of version 2 a group that holds processes hands on no controllers; then the one above it may. */
function candidatesOf({ version, folder, mount }: Place): string[] {
  return version === 1 || folder === mount ? [folder] : [folder, path.dirname(folder)];
}

function handedOn(folder: string): Controller[] {
  const words = (name: string): string[] => read(path.join(folder, name)).trim().split(/\s+/);
  for (const name of CONTROLLERS)
    if (words('cgroup.controllers').includes(name) && !words('cgroup.subtree_control').includes(name))
      isWritten(path.join(folder, 'cgroup.subtree_control'), `+${name}`);
  return CONTROLLERS.filter((name) => words('cgroup.subtree_control').includes(name));
}

function makeRoot(place: Place, parent: string, name: string): Root | null {
  const folder = path.join(parent, name);
  try {
    if (place.version === 2) handedOn(parent);
    mkdirSync(folder);
    const controllers = place.version === 1 ? place.controllers : handedOn(folder);
    const shares = shareFiles(place.version, controllers, os.availableParallelism());
    const isShared = shares.every(({ file, value }) => isWritten(path.join(folder, file), value));
    if (isJoinable(folder)) return { ...place, folder, controllers: isShared ? controllers : controllers.filter((one) => one !== 'cpu') };
  } catch {
    // Not writable: the machine has it, and we may not use it.
  }
  isRemoved(folder);
  return null;
}

/** Those of workers of this data directory that are no more: what ran in them is ended. */
async function sweepLeft(parent: string, tag: string): Promise<void> {
  for (const name of subfolders(parent)) {
    const [, pid, ticks] = new RegExp(`^gimo-${tag}-(\\d+)-(\\d+)$`).exec(name) ?? [];
    if (pid !== undefined && ticksOf(Number(pid)) !== ticks) await sweep(path.join(parent, name));
  }
}

const places = (): Place[] => cgroupPlaces(read('/proc/self/mountinfo'), read('/proc/self/cgroup'));

/** Ends what workers of the same data directory that are no more left running in their groups. Waits: usually some ms. */
export async function endLeftGroups(dataDir: string): Promise<void> {
  if (process.platform !== 'linux') return;
  for (const parent of places().flatMap(candidatesOf)) await sweepLeft(parent, tagOf(dataDir));
}

/** The control groups that this process may use, for itself alone; null where there are none. Waits: usually some ms. */
export async function openGroups(dataDir: string): Promise<Groups | null> {
  const ticks = ticksOf(process.pid);
  if (process.platform !== 'linux' || ticks === null) return null;
  const name = `gimo-${tagOf(dataDir)}-${process.pid}-${ticks}`;
  const roots = places().flatMap((place) => bestRoot(place, name) ?? []);
  return roots.length === 0 ? null : new Groups(roots);
}

/** Of the groups that it may be made in, the one with the most controllers. */
function bestRoot(place: Place, name: string): Root | null {
  const found = candidatesOf(place).flatMap((parent) => makeRoot(place, parent, name) ?? []);
  const [best = null, ...others] = found.toSorted((a, b) => b.controllers.length - a.controllers.length);
  for (const { folder } of others) isRemoved(folder);
  return best;
}
