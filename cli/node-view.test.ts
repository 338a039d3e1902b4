import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { labelText } from '#contract/label-view.ts';
import { OUTSIDE } from '#contract/labels.ts';
import type { NodeDetail } from '#contract/objects.ts';
import { nodeLines } from './node-view.ts';
import { createPaint } from './terminal.ts';

it('a node says in plain words where its output comes from', () => {
  const label = { ...OUTSIDE, untrusted_from: 'read', private_from: 'read' };
  const node: NodeDetail = {
    id: 'c',
    kind: 'noop',
    status: 'done',
    needs: ['read'],
    attempt_count: 1,
    started_at: null,
    finished_at: null,
    cost_usd: 0,
    error: null,
    reason: null,
    gate_id: null,
    with: { value: 'all of it' },
    output: 'all of it',
    output_ref: null,
    label,
    label_text: labelText(label),
    attempts: [],
  };
  const shown: unknown = parse(nodeLines(node, createPaint(false), 80).join('\n'));
  const { label_text: text, ...rest } = node;
  expect(shown).toEqual({ ...rest, label: text });
});
