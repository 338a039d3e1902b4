/**
 * Named places where a test may kill the process (`GIMO_FAILPOINTS=name[:n],…` kills at the n-th passage).
 * The list is empty in production; then a passage costs one map look-up.
 */
const armed = new Map<string, number>();

export function armFailpoints(points: string[]): void {
  armed.clear();
  for (const point of points) {
    const [name = '', count = '1'] = point.split(':');
    armed.set(name, Number(count));
  }
}

export function failpoint(name: string): void {
  const left = armed.get(name);
  if (left === undefined) return;
  if (left > 1) armed.set(name, left - 1);
  else process.kill(process.pid, 'SIGKILL');
}
