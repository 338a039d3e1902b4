/** Where control groups are on this machine, and what is written into one. Pure: both versions, also side by side. */
import path from 'node:path';

export const CONTROLLERS = ['memory', 'pids', 'cpu'] as const;
export type Controller = (typeof CONTROLLERS)[number];

/** The group of this process in one mounted tree. Of version 2 the group itself tells its controllers. */
export type Place = { version: 1 | 2; mount: string; folder: string; controllers: Controller[] };

export type GroupLimits = { memoryBytes?: number | undefined; maxProcesses?: number | undefined };

const isController = (name: string): name is Controller => CONTROLLERS.some((known) => known === name);
/** Blanks in paths are written as octal escapes. */
const unescaped = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_all, code: string) => String.fromCharCode(parseInt(code, 8)));

/** In: /proc/self/mountinfo and /proc/self/cgroup. Out: a place for each tree that has a use here. */
export function cgroupPlaces(mountinfo: string, self: string): Place[] {
  const own = self.split('\n').map((line) => /^\d+:([^:]*):(.*)$/.exec(line)?.slice(1) ?? []);
  return mountinfo.split('\n').flatMap((line): Place[] => {
    const [mounted = '', described = ''] = line.split(' - ');
    const [, , , root = '', mountPoint = ''] = mounted.split(' ').map(unescaped);
    const [type, , options = ''] = described.split(' ');
    if (type !== 'cgroup' && type !== 'cgroup2') return [];
    const controllers = type === 'cgroup' ? options.split(',').filter(isController) : [];
    if (type === 'cgroup' && controllers.length === 0) return [];
    const names = own.find(([list = '']) => (type === 'cgroup2' ? list === '' : list.split(',').includes(controllers[0] ?? '')));
    const folder = placeOf(root, names?.[1]);
    return folder === null
      ? []
      : [{ version: type === 'cgroup' ? 1 : 2, mount: mountPoint, folder: path.resolve(mountPoint, `.${folder}`), controllers }];
  });
}

/** A container sees a part of the tree only: what lies outside of it cannot be used. */
function placeOf(root: string, own: string | undefined): string | null {
  if (own === undefined || own.startsWith('/..')) return null;
  if (root === '/') return own;
  return own === root || own.startsWith(`${root}/`) ? own.slice(root.length) || '/' : '/';
}

/** What limits one group. Swap counts as memory; where it is not counted, that file does not exist. */
export function limitFiles(
  version: 1 | 2,
  controllers: readonly Controller[],
  { memoryBytes, maxProcesses }: GroupLimits,
): { file: string; value: string; isOptional?: true }[] {
  const files: { file: string; value: string; isOptional?: true }[] = [];
  if (memoryBytes !== undefined && controllers.includes('memory')) {
    const value = String(memoryBytes);
    if (version === 1)
      files.push({ file: 'memory.limit_in_bytes', value }, { file: 'memory.memsw.limit_in_bytes', value, isOptional: true });
    else
      files.push(
        { file: 'memory.max', value },
        { file: 'memory.swap.max', value: '0', isOptional: true },
        { file: 'memory.oom.group', value: '1', isOptional: true },
      );
  }
  if (maxProcesses !== undefined && controllers.includes('pids')) files.push({ file: 'pids.max', value: String(maxProcesses) });
  return files;
}

const PERIOD_US = 100_000;
/** What is left to GIMO itself, whatever runs. */
const KEPT_US = PERIOD_US / 4;

/** What all effects of a worker share: less weight than the worker has, and never all of the processors. */
export function shareFiles(version: 1 | 2, controllers: readonly Controller[], processors: number): { file: string; value: string }[] {
  if (!controllers.includes('cpu')) return [];
  const quotaUs = processors * PERIOD_US - KEPT_US;
  if (version === 2)
    return [
      { file: 'cpu.weight', value: '50' },
      { file: 'cpu.max', value: `${quotaUs} ${PERIOD_US}` },
    ];
  return [
    { file: 'cpu.shares', value: '512' },
    { file: 'cpu.cfs_period_us', value: String(PERIOD_US) },
    { file: 'cpu.cfs_quota_us', value: String(quotaUs) },
  ];
}
