import { expect, it } from 'vitest';
import { evidenceTexts } from './gate-evidence.ts';
import type { Json } from './json.ts';

const NOTHING = { commands: [], paths: { read: [], write: [] }, more_nodes: 0, max_depth: null };

it('an effect with values that nobody approved comes first, its command in one piece and every other value with it', () => {
  const value = { argv: ['sh', '-c', 'id -u;\necho x'], stdin: 'y'.repeat(50), memory_mb: 64 };
  const evidence = { delta: { ...NOTHING, flows: ['a#1'] }, findings: [], labels: { all: 'outside' }, value };
  expect(evidenceTexts({ kind: 'envelope', evidence })).toEqual([
    {
      id: 'What would be done',
      kind: null,
      settings: 'memory_mb: 64',
      parts: [
        { name: 'command', text: "sh -c 'id -u;\necho x'" },
        { name: 'stdin', text: 'y'.repeat(50) },
      ],
    },
    { id: 'Beyond the envelope', kind: null, settings: 'flows[0]: "a#1"', parts: [] },
    { id: 'Why it is asked', kind: null, settings: 'findings: [] · labels.all: outside', parts: [] },
  ]);
});

it('nodes that would be added stand one by one, and of what they need only what there is', () => {
  const nodes: Json[] = [
    { id: 'fix', kind: 'process', with: { argv: ['npm', 'test'], cwd: 'web' } },
    { id: 'say', kind: 'noop', with: {} },
  ];
  const texts = evidenceTexts({ kind: 'envelope', evidence: { delta: { ...NOTHING, paths: { read: [], write: ['web/**'] } }, nodes } });
  expect(texts.map(({ id, settings }) => [id, settings])).toEqual([
    ['Node fix', 'id: fix · kind: process · with.cwd: web'],
    ['Node say', 'id: say · kind: noop · with: {}'],
    ['Beyond the envelope', 'paths.write[0]: web/**'],
  ]);
  expect(texts[0]?.parts).toEqual([{ name: 'command', text: 'npm test' }]);
});

it('any other evidence stays as it is', () => {
  const evidence = { value: 0, delta: [] };
  expect(evidenceTexts({ kind: 'question', evidence })).toEqual([
    { id: 'Evidence', kind: null, settings: 'value: 0 · delta: []', parts: [] },
  ]);
  expect(evidenceTexts({ kind: 'question', evidence: null })).toEqual([]);
});
