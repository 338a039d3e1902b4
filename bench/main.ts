/** `npm run bench`: every measurement, each against a reference in the same run. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const BENCHES = ['orchestration.ts', 'gics.ts', 'recovery.ts', 'redaction.ts', 'mcp.ts'];

for (const bench of BENCHES) {
  console.log(`\n# ${bench}`);
  const { status } = spawnSync(process.execPath, [path.join(import.meta.dirname, bench), ...process.argv.slice(2)], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
