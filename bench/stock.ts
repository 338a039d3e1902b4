/** The Temporal that somebody gets who starts one by hand: `temporal server start-dev` with a file, nothing tuned. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectTemporal } from '#platform/temporal.ts';
import { choosePort } from '#supervisor/ports.ts';
import { findTemporal } from '#supervisor/temporal-binary.ts';

const UP_MS = 60_000;

export type StockTemporal = { temporalAddress: string; temporalNamespace: string; stop: () => Promise<void> };

/** Waits: until it serves. */
export async function startStockTemporal(): Promise<StockTemporal> {
  const program = await findTemporal({ env: process.env, progress: console.error, signal: new AbortController().signal });
  const dir = mkdtempSync(path.join(os.tmpdir(), 'gimo-stock-'));
  const [port, place] = [await choosePort(null), { temporalNamespace: 'default' }];
  const argv = ['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'error'];
  const child = spawn(program, [...argv, '--db-filename', path.join(dir, 'db')], { stdio: 'ignore' });
  const temporalAddress = `127.0.0.1:${port}`;
  const deadline = performance.now() + UP_MS;
  for (let isUp = false; !isUp;) {
    if (performance.now() > deadline) throw new Error('the stock Temporal did not come up');
    await delay(200);
    isUp = await connectTemporal({ ...place, temporalAddress }, { waitMs: 1000 }).then(
      async ({ connection }) => connection.close().then(() => true),
      () => false,
    );
  }
  return {
    ...place,
    temporalAddress,
    stop: async () => {
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
