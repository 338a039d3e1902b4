import { expect, it } from 'vitest';
import { commandFindings } from '../findings/executes.ts';
import { validatePlan } from '../plan-check.ts';
import { envelopeOf } from '../plan-envelope.ts';

it('a command counts once, wherever its nodes may write and however they read its output', () => {
  const run = (id: string, more: object): object => ({ id, kind: 'process', with: { argv: ['npm', 'test'], ...more } });
  const plan = validatePlan({ version: 1, title: 'T', nodes: [run('a', {}), run('b', { write: ['out'], parse: 'lines' })] });
  expect(commandFindings(plan.nodes, envelopeOf(plan))[0]?.message).toBe('It runs a command on this machine.');
});

it('a command whose long input the envelope holds by its hash is not told as a second one', () => {
  const nodes = [{ id: 'a', kind: 'process', with: { argv: ['wc'], stdin: 'x'.repeat(100_000) } }];
  const plan = validatePlan({ version: 1, title: 'T', nodes });
  expect(commandFindings(plan.nodes, envelopeOf(plan))[0]?.message).toBe('It runs a command on this machine.');
});
