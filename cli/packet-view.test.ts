import { expect, it } from 'vitest';
import type { Packet } from '#contract/objects.ts';
import { validatePlan } from '#contract/plan-check.ts';
import { packetLines } from './packet-view.ts';
import { createPaint } from './terminal.ts';

const high = {
  rule: 'X',
  severity: 'high',
  node: 'fix',
  message: 'Text from `read` chooses what `fix` runs.',
  evidence: '',
  remedy: '',
} as const;
const plan = validatePlan({ version: 1, title: 'Harmless, already reviewed', nodes: [{ id: 'fix', kind: 'value', with: { value: 1 } }] });
const packet = (findings: object[]): Packet =>
  ({
    plan,
    findings,
    sentence: 'If you approve, GIMO will run 1 node.',
    capabilities: [],
    inputs: {},
    diff: null,
    estimate: { nodes: 1, cost_usd: 0, wall_ms: 1, basis: 'counted' },
    approvers: { stages: [], quorum: 1, votes: [], allows_self: true },
    expires_at: '2026-01-01T00:00:00.000Z',
    risk: 'high',
    hash: 'a'.repeat(64),
  }) as unknown as Packet;

// verifies: PRIN-3
it('a dangerous plan begins with the warning, and what its author calls it comes after', () => {
  const lines = packetLines(packet([high]), createPaint(false));
  expect(lines[0]).toContain('Dangerous: do not approve');
  expect(lines.findIndex((line) => line.includes('chooses what `fix` runs'))).toBeLessThan(lines.indexOf(plan.title));
  expect(packetLines(packet([{ ...high, severity: 'low' }]), createPaint(false))[0]).toBe(plan.title);
});
