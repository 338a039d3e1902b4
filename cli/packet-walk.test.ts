/** The walk through a long plan: what is meant stands where it is decided, and what every node has is left out. */
import { describe, expect, it } from 'vitest';
import { findingsOf, riskOf } from '#contract/findings/findings.ts';
import type { Packet } from '#contract/objects.ts';
import { planChanges } from '#contract/plan-changes.ts';
import { validatePlan } from '#contract/plan-check.ts';
import { envelopeOf } from '#contract/plan-envelope.ts';
import type { Plan } from '#contract/plan.ts';
import { DEFAULT_PROVIDERS } from '#contract/provider.ts';
import { sentenceOf } from '#contract/sentence.ts';
import { packetLines } from './packet-view.ts';
import { createPaint } from './terminal.ts';

const SCREEN_LINES = 24;
const FENCE = { kind: 'bubblewrap', ok: true, detail: '' };
const FACTS = { fence: FENCE, env_present: [], providers: DEFAULT_PROVIDERS, is_repo_dirty: false, bound: [] };

const needle = (argv: string[]): Plan =>
  validatePlan({
    version: 1,
    title: 'Statistics of forty commits',
    nodes: Array.from({ length: 40 }, (_none, at) => ({
      id: `step_${at}`,
      kind: 'process',
      title: `Count ${at}`,
      with: { argv: at === 20 ? argv : ['git', 'log', '--oneline', '-n', String(at + 1)], idempotent: true },
    })),
  });
const BENIGN = needle(['git', 'log', '--oneline', '-n', '21']);

function walk(plan: Plan, before: Plan | null = null): string[] {
  const envelope = envelopeOf(plan);
  const findings = findingsOf(plan, envelope, { ...FACTS, local_hosts: [], node_secrets: {}, webhooks: {}, tools: {} });
  const none = { stages: [], quorum: 1, votes: [], allows_self: true, authors: [] };
  const packet = {
    plan,
    findings,
    risk: riskOf(findings),
    sentence: sentenceOf(plan, envelope, FENCE),
    capabilities: [],
    inputs: {},
    diff: before && { against: 'art_1', added: [], removed: [], changed: ['step_20'], changes: planChanges(before, plan) },
    estimate: { nodes: 40, cost_usd: 0, wall_ms: 1, basis: 'counted' },
    approvers: none,
    preconditions: { repo: null, base_commit: null },
    expires_at: '2026-01-01T00:00:00.000Z',
    hash: 'a'.repeat(64),
  };
  return packetLines(packet as unknown as Packet, createPaint(false), 100);
}

describe('the walk through forty nodes of which one is meant', () => {
  it.each([
    ['a deletion', ['rm', '-rf', 'src', 'docs'], '1 × `rm -rf src docs`'],
    ['a place outside', ['git', 'log', '--output=../../.ssh/authorized_keys'], '--output=../../.ssh/authorized_keys'],
    ['a program of its own', ['python3', 'tools/stat.py'], '1 × `python3 tools/stat.py`'],
  ])('ends with %s, on the screen of the question', (_name, argv, words) => {
    const screen = walk(needle(argv)).slice(-SCREEN_LINES).join('\n');
    expect(screen).toContain(words);
    expect(screen).toContain('39 × `git log …`');
  });

  it('names the danger with its words before the title and again at the end', () => {
    const lines = walk(needle(['rm', '-rf', 'src', 'docs']));
    const at = lines.flatMap((line, index) => (line.startsWith('Dangerous: ') ? index : []));
    expect(at[0]).toBe(0);
    expect(at.at(-1)).toBeGreaterThan(lines.length - SCREEN_LINES);
    for (const from of at)
      expect(lines.slice(from + 1, from + 3)).toEqual([
        '  step_20: It deletes whole folders, or everything that matches.',
        '    `rm -rf src docs`',
      ]);
  });

  it('shows what was approved before and what is asked for now, before all the rest', () => {
    const lines = walk(needle(['python3', 'tools/stat.py']), BENIGN);
    const at = lines.indexOf('  step_20, command:');
    expect(lines.slice(at + 1, at + 3)).toEqual(['    │ - git log --oneline -n 21', '    │ + python3 tools/stat.py']);
    expect(at).toBeLessThan(lines.indexOf('Graph'));
  });

  it('leaves out what a node would have anyway, and nothing that was said', () => {
    const text = walk(BENIGN).join('\n');
    for (const usual of ['parse: text', 'allow_exit', 'write: []', 'memory_mb', 'on_error: fail']) expect(text).not.toContain(usual);
    expect(text).toContain('idempotent: true');
    const said = validatePlan({
      version: 1,
      title: 'T',
      nodes: [{ id: 'a', kind: 'process', on_error: 'continue', with: { argv: ['true'], allow_exit: [0, 1], memory_mb: 64 } }],
    });
    for (const words of ['allow_exit[1]: 1', 'memory_mb: 64', 'on_error: continue']) expect(walk(said).join('\n')).toContain(words);
  });
});
