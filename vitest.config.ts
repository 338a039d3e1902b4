import { defineConfig } from 'vitest/config';
import { findBrowser } from './test/helpers/browser.ts';

const LEFT_OUT = ['**/node_modules/**', 'web/dist/**', '**/.orch_data/**'];

/** `unit`: everything without other processes to speak of. `integration`: real servers, one file at a time. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          pool: 'forks',
          // Most of a file's time is waiting for a daemon or a disk, so two of them fit beside each other.
          maxWorkers: 2,
          include: ['**/*.test.{ts,tsx}'],
          exclude: [...LEFT_OUT, 'test/integration/**', 'test/e2e/**'],
          testTimeout: 20_000,
          expect: { poll: { timeout: 10_000, interval: 50 } },
          hookTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'integration',
          environment: 'node',
          pool: 'forks',
          include: ['test/integration/**/*.test.ts'],
          exclude: [...LEFT_OUT, ...(findBrowser() === null ? ['test/integration/web*.test.ts'] : [])],
          testTimeout: 120_000,
          // A machine under load is slow, not wrong.
          expect: { poll: { timeout: 30_000, interval: 50 } },
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
