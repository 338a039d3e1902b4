/** `npm run bench`: every measurement, each against a reference in the same run; with `--scale` only what takes minutes: large runs. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const isScale = process.argv.includes('--scale');
const BENCHES = isScale
  ? ['scale.ts', 'fairness.ts']
  : ['orchestration.ts', 'orchestration.ts --plain', 'gates.ts', 'latency.ts', 'gics.ts', 'recovery.ts', 'redaction.ts', 'mcp.ts'];

for (const bench of BENCHES) {
  console.log(`\n# ${bench}`);
  const [file = '', ...flags] = bench.split(' ');
  const argv = [path.join(import.meta.dirname, file), ...flags, ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, argv, { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
