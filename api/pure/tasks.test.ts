import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApprovalConfigSchema } from '#contract/approval-rule.ts';
import { validatePlan } from '#contract/plan-check.ts';
import { DEFAULT_PROVIDERS } from '#contract/provider.ts';
import { PureTasks } from './run-pure.ts';
import { buildPacket, type PacketSource } from './tasks.ts';

const source = (values: unknown[], change: Partial<PacketSource> = {}): PacketSource => ({
  plan: validatePlan({ version: 1, title: 'T', nodes: values.map((value, index) => ({ id: `n${index}`, kind: 'noop', with: { value } })) }),
  preconditions: { repo: null, base_commit: null },
  inputs: {},
  draft_id: 'd_1',
  revision: 1,
  facts: {
    fence: null,
    env_present: null,
    providers: DEFAULT_PROVIDERS,
    is_repo_dirty: false,
    bound: [],
    local_hosts: [],
    node_secrets: {},
    webhooks: {},
    tools: {},
  },
  previous: null,
  estimate: { nodes: 1, cost_usd: null, wall_ms: null, basis: 'no history' },
  expires_at: '2026-01-01T00:00:00.000Z',
  voting: { config: ApprovalConfigSchema.parse({}), people: 0, authors: [], votes: [], now: '2026-01-01T00:00:00.000Z' },
  ...change,
});

/** The same value with the keys of every object in the opposite order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, turned(item)]),
  );
}

describe('the packet', () => {
  const values = fc.array(fc.jsonValue({ maxDepth: 3 }), { minLength: 1, maxLength: 4 });

  it('is the same for the same plan, whatever the order of its keys and the time', () => {
    fc.assert(
      fc.property(values, (list) => {
        const first = buildPacket(source(list));
        const second = buildPacket(source(list.map(turned), { expires_at: '2030-01-01T00:00:00.000Z' }));
        expect([second.hash, second.packet_hash]).toEqual([first.hash, first.packet_hash]);
      }),
    );
  });

  it('has another hash for another value, input or commit, and another packet hash for another finding', () => {
    const base = buildPacket(source([1]));
    const others = [
      buildPacket(source([2])),
      buildPacket(source([1], { inputs: { x: 1 } })),
      buildPacket(source([1], { preconditions: { repo: '/r', base_commit: 'c' } })),
    ];
    expect(new Set([base, ...others].map(({ hash }) => hash)).size).toBe(4);
    const later = buildPacket(source([1], { revision: 2 }));
    expect(later.hash).toBe(base.hash);
    expect(later.packet_hash).not.toBe(base.packet_hash);
  });

  it('is the same when it is built on the thread', async () => {
    const pure = new PureTasks();
    try {
      expect(await pure.run('buildPacket', source([1]), { sizeBytes: 1e9 })).toEqual(buildPacket(source([1])));
      await expect(pure.run('parseYaml', { text: 'a: 1\na: 2' }, { sizeBytes: 1e9 })).rejects.toMatchObject({ code: 'BAD_JSON' });
    } finally {
      await pure.close();
    }
  });
});
