import { describe, expect, it } from 'vitest';
import * as workflows from '#workflows/index.ts';
import { WORKFLOWS } from '#contract/messages.ts';
import { buildBundle } from './bundle.ts';

/** Parsed once by each worker; growth means that a library came in that workflows do not need. */
const SIZE_BUDGET_BYTES = 4 * 1024 * 1024;

describe('the workflow bundle', () => {
  it('builds, which fails on any module that is not deterministic, and holds every workflow that is started by name', async () => {
    const code = await buildBundle();
    for (const name of Object.values(WORKFLOWS)) expect(code).toContain(name);
    expect(Object.keys(workflows).sort()).toEqual(Object.values(WORKFLOWS).sort());
    expect(code.length).toBeLessThan(SIZE_BUDGET_BYTES);
  });

  it('holds no code of runtimes that workflows must not reach', async () => {
    const code = await buildBundle();
    for (const folder of ['activities', 'api', 'gics', 'platform', 'worker']) expect(code).not.toContain(`"./${folder}/`);
  });
});
