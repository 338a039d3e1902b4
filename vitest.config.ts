import { defineConfig } from 'vitest/config';
import { findBrowser } from './test/helpers/browser.ts';

const LEFT_OUT = ['**/node_modules/**', 'web/dist/**', '**/.orch_data/**'];

/** Most of a file's time is waiting for a daemon or a disk, so several fit beside each other; with real servers the processors are busy. */
const AT_ONCE = { unit: 4, integration: 2 };
/** The files of one worker share what they import: loading it again for each was a quarter of their processor time. */
const SHARED = { pool: 'forks', isolate: false } as const;
/** A machine under load is slow, not wrong. */
const WITH_SERVERS = {
  globalSetup: 'test/helpers/have-temporal.ts',
  testTimeout: 120_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 30_000, interval: 50 } },
};

/**
 * `unit`: everything without other processes to speak of. `integration`: real servers. `crash`: real servers with all the load
 * that the machine bears, or killed in the middle of it, so one file at a time.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          ...SHARED,
          maxWorkers: AT_ONCE.unit,
          include: ['**/*.test.{ts,tsx}'],
          exclude: [...LEFT_OUT, 'test/integration/**', 'test/crash/**'],
          testTimeout: 60_000,
          expect: { poll: { timeout: 30_000, interval: 50 } },
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'integration',
          environment: 'node',
          ...SHARED,
          include: ['test/integration/**/*.test.ts'],
          exclude: [...LEFT_OUT, ...(findBrowser() === null ? ['test/integration/web*.test.ts'] : [])],
          ...WITH_SERVERS,
          maxWorkers: AT_ONCE.integration,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'crash',
          environment: 'node',
          ...SHARED,
          include: ['test/crash/**/*.test.ts'],
          exclude: LEFT_OUT,
          ...WITH_SERVERS,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
