import { AsyncLocalStorage } from 'node:async_hooks';
import vm from 'node:vm';
import { beforeAll, describe, expect, it } from 'vitest';
import * as workflows from '#workflows/index.ts';
import { WORKFLOWS } from '#contract/messages.ts';
import { buildBundle } from './bundle.ts';

/** Parsed once by each worker; growth means that a library came in that workflows do not need. */
const SIZE_BUDGET_BYTES = 4 * 1024 * 1024;
const BUILD_TIMEOUT_MS = 120_000;

describe('the workflow bundle', () => {
  let code = '';
  beforeAll(async () => {
    code = await buildBundle();
  }, BUILD_TIMEOUT_MS);

  it('builds, which fails on any module that is not deterministic, and holds every workflow that is started by name', () => {
    for (const name of Object.values(WORKFLOWS)) expect(code).toContain(name);
    expect(Object.keys(workflows).sort()).toEqual(Object.values(WORKFLOWS).sort());
    expect(code.length).toBeLessThan(SIZE_BUDGET_BYTES);
  });

  it('holds no code of runtimes that workflows must not reach', () => {
    for (const folder of ['activities', 'api', 'gics', 'platform', 'worker']) expect(code).not.toContain(`"./${folder}/`);
  });

  it('leaves what all runs share unfrozen inside of frozen records, so that the SDK passes it by', () => {
    const context = vm.createContext({ TextEncoder, TextDecoder, AsyncLocalStorage, __webpack_module_cache__: {} });
    const run = (text: string): unknown => vm.runInContext(text, context);
    run(code);
    run('__TEMPORAL__.preloadModules()');
    const facts = run(`
      const records = Object.entries(__webpack_module_cache__).filter(([id]) => /^\\.\\/(contract|node_modules\\/zod)\\//.test(id));
      const { NODE_KINDS } = __webpack_module_cache__['./contract/nodes/index.ts'].exports;
      ({ count: records.length, areFrozen: records.every(([, record]) => Object.isFrozen(record)),
         isKindFrozen: Object.isFrozen(NODE_KINDS.noop), parsed: NODE_KINDS.noop.with.safeParse({ value: 1 }).success })`);
    expect(facts).toEqual({ count: expect.any(Number), areFrozen: true, isKindFrozen: false, parsed: true });
    expect((facts as { count: number }).count).toBeGreaterThan(50);
  });
});
