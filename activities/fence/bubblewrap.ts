import type { FenceStatus, ResolvedFenceSpec } from './fence.ts';
import { mountPlan, type MountStep } from './mount-plan.ts';

const NAMESPACES = ['--unshare-user', '--unshare-ipc', '--unshare-pid', '--unshare-uts', '--unshare-cgroup-try', '--disable-userns'];
const ISOLATION = [...NAMESPACES, '--die-with-parent', '--new-session', '--cap-drop', 'ALL'];

/**
 * Files through which the owner may set the kernel (a helper program that the host's root runs, say). Root is their owner by number and keeps
 * that without any capability; bubblewrap 0.8 leaves /proc/sys writable for it.
 */
const KERNEL_FILES = ['sys', 'sysrq-trigger', 'irq', 'bus', 'fs', 'acpi', 'scsi', 'mtrr'];

function stepArgs(step: MountStep): string[] {
  switch (step.op) {
    case 'read':
      return ['--ro-bind', step.path, step.path];
    case 'write':
      return ['--bind', step.path, step.path];
    case 'empty':
      return ['--size', String(step.sizeBytes), '--tmpfs', step.path];
    case 'mask':
      return ['--ro-bind', '/dev/null', step.path];
    case 'folder':
      return ['--dir', step.path];
    case 'proc':
      return ['--proc', step.path, ...KERNEL_FILES.flatMap((name) => ['--ro-bind-try', `/proc/${name}`, `${step.path}/${name}`])];
    case 'dev':
      return ['--dev', step.path];
    case 'link':
      return ['--symlink', step.target, step.path];
    default:
      return ['--remount-ro', step.path];
  }
}

/** Argv of bubblewrap around `launch`. */
export function bubblewrapArgv(bwrap: string, status: FenceStatus, spec: ResolvedFenceSpec, launch: string[]): string[] {
  const network = spec.network === 'none' ? ['--unshare-net'] : [];
  const mounts = mountPlan(status.system, spec).flatMap(stepArgs);
  return [bwrap, ...ISOLATION, ...network, ...mounts, '--chdir', spec.cwd, '--', ...launch];
}

/**
 * A pid namespace whose highest pid is `maxProcesses`, around a sandbox that root starts: the kernel exempts root from RLIMIT_NPROC.
 * The kernel gives pid_max to each namespace since 6.14; before, this would change it for the whole machine.
 */
export function pidLimitArgv(unshare: string, setpriv: string, maxProcesses: number, inner: string[]): string[] {
  const script = 'echo "$1" > /proc/sys/kernel/pid_max; shift; exec "$@"';
  const isolate = [
    unshare,
    '--pid',
    '--fork',
    '--kill-child=KILL',
    '--',
    '/bin/sh',
    '-e',
    '-c',
    script,
    'gimo-fence',
    String(maxProcesses),
  ];
  return [setpriv, '--pdeathsig', 'KILL', '--', ...isolate, ...inner];
}
