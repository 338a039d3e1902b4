/** The fence made of util-linux alone: for machines without bubblewrap. */
import type { FenceStatus, ResolvedFenceSpec } from './fence.ts';
import { mountPlan, type MountStep } from './mount-plan.ts';

/**
 * Runs as pid 1 of the new namespaces and builds a new root there. Arguments: steps of three words each, `--`, then what to become.
 * The new root lies over /sys, a folder that every Linux has and that is never shown inside. A failing step ends it (-e).
 * The remount repeats the flags that a mount has: in a user namespace the kernel refuses to take away an inherited one.
 * Parts of /proc are sealed because the owner of these files is root by number, which root keeps even without any capability.
 */
const BUILD_ROOT = `
root=/sys
mount -t tmpfs -o mode=755,size=1m,nosuid,nodev gimo "$root"
place() {
  if [ -e "$root$1" ]; then return; fi
  if [ -d "$1" ]; then mkdir -p "$root$1"; else mkdir -p "$root\${1%/*}"; : > "$root$1"; fi
}
seal_all() {
  # The table writes a blank in a path as an octal escape.
  while read -r _ _ _ _ point flags _; do
    case $point in *\\\\*) point=$(printf '%b' "$point") ;; esac
    case $point in "$root$1" | "$root$1"/*) mount -o "remount,bind,$flags,ro" "$point" ;; esac
  done < /proc/self/mountinfo
}
fresh() { mkdir -p "$root$1"; mount -t tmpfs -o "mode=$3,size=$2,nosuid,nodev" gimo "$root$1"; }
make_dev() {
  fresh "$1" 1m 755
  for node in null zero full random urandom tty; do
    : > "$root$1/$node"; mount --bind "$1/$node" "$root$1/$node"
  done
  ln -s /proc/self/fd "$root$1/fd"; ln -s fd/0 "$root$1/stdin"; ln -s fd/1 "$root$1/stdout"; ln -s fd/2 "$root$1/stderr"
  mkdir "$root$1/shm" "$root$1/pts"
  mount -t tmpfs -o "mode=1777,size=$2,nosuid,nodev" gimo "$root$1/shm"
  if mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root$1/pts" 2>/dev/null; then ln -s pts/ptmx "$root$1/ptmx"; fi
}
make_proc() {
  mkdir -p "$root$1"; mount -t proc -o nosuid,nodev,noexec proc "$root$1"
  for part in sys sysrq-trigger irq bus fs acpi scsi mtrr; do
    if [ -e "$root$1/$part" ]; then
      mount -o bind,nosuid,nodev,noexec,ro "$root$1/$part" "$root$1/$part"
    fi
  done
}
while [ "$1" != -- ]; do
  op=$1 at=$2 more=$3; shift 3
  case $op in
    loopback) { ip link set lo up || ifconfig lo up; } 2>/dev/null || : ;;
    pids) echo "$at" > /proc/sys/kernel/pid_max ;;
    read) place "$at"; mount --rbind "$at" "$root$at"; seal_all "$at" ;;
    write) place "$at"; mount --rbind "$at" "$root$at" ;;
    empty) fresh "$at" "$more" 1777 ;;
    mask) place "$at"; mount --bind /dev/null "$root$at" ;;
    folder) mkdir -p "$root$at" ;;
    link) ln -s "$more" "$root$at" ;;
    proc) make_proc "$at" ;;
    dev) make_dev "$at" "$more" ;;
    seal) mount -o remount,bind,nosuid,nodev,ro "\${root:-}$at" ;;
    enter)
      mkdir "$root/.host"; cd "$root"; pivot_root . .host; cd /; umount -l /.host; rmdir /.host; root='' ;;
    *) echo "gimo-fence: unknown step $op" >&2; exit 125 ;;
  esac
done
shift
cd "$GIMO_CWD"; unset GIMO_CWD
exec "$@"
`;

/** Stays pid 1 and collects the orphans; when it ends, the kernel ends whatever is left in the namespace. */
const INIT = '"$@"; exit $?';

const NO_PRIVILEGES = ['--no-new-privs', '--inh-caps=-all', '--ambient-caps=-all', '--bounding-set=-all'];

function stepArgs(step: MountStep): string[] {
  switch (step.op) {
    case 'empty':
      return ['empty', step.path, String(step.sizeBytes)];
    case 'link':
      return ['link', step.path, step.target];
    case 'dev':
      return ['dev', step.path, String(64 * 1024 ** 2)];
    default:
      return [step.op, step.path, '-'];
  }
}

function setupSteps(status: FenceStatus, spec: ResolvedFenceSpec): string[] {
  const plan = mountPlan(status.system, spec);
  const first = spec.network === 'none' ? ['loopback', '-', '-'] : [];
  // Before /proc/sys is sealed; the number holds for the whole namespace.
  const pids = status.processCountLimit === 'pid_max' && spec.maxProcesses !== undefined ? ['pids', String(spec.maxProcesses), '-'] : [];
  const body = plan.filter((step) => !(step.op === 'seal' && step.path === '/')).flatMap(stepArgs);
  return [...first, ...pids, ...body, 'enter', '-', '-', 'seal', '/', '-'];
}

/**
 * Argv of the unshare fence around `launch`. Root is not changed into another user, since the workspace belongs to it; instead every
 * capability is dropped for good and the user namespace has no rights on the host.
 */
export function unshareArgv(unshare: string, setpriv: string, status: FenceStatus, spec: ResolvedFenceSpec, launch: string[]): string[] {
  const network = spec.network === 'none' ? ['--net'] : [];
  const isolate = [
    '--user',
    '--map-root-user',
    '--mount',
    '--pid',
    '--ipc',
    '--uts',
    '--cgroup',
    ...network,
    '--fork',
    '--kill-child=KILL',
  ];
  const build = ['/bin/sh', '-e', '-c', BUILD_ROOT, 'gimo-fence', ...setupSteps(status, spec), '--'];
  const init = [setpriv, ...NO_PRIVILEGES, '--', '/bin/sh', '-c', INIT, 'gimo-init'];
  return [setpriv, '--pdeathsig', 'KILL', '--', unshare, ...isolate, '--', ...build, ...init, ...launch];
}
