import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { KIND_NAMES, NODE_KINDS } from '#contract/nodes/index.ts';
import { checkPlan } from '#contract/plan-check.ts';
import { planFormat } from './plan-format.ts';

const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/plan.md'), 'utf8');
const BEFORE = { id: 'before', kind: 'value', with: { value: ['README.md'] } };

describe('how a plan is written', () => {
  it('is told for each kind: every field, and an example that is valid as it stands', () => {
    const { kinds } = planFormat();
    expect(Object.keys(kinds)).toEqual(KIND_NAMES);
    for (const kind of KIND_NAMES) {
      const node = { id: 'it', kind, needs: ['before'], with: kinds[kind]?.example };
      expect(checkPlan({ version: 1, title: kind, nodes: [BEFORE, node] }).faults, kind).toEqual([]);
      const fields = Object.keys(kinds[kind]?.with ?? {}).map((field) => field.replace('?', ''));
      expect(fields, kind).toEqual(Object.keys((NODE_KINDS[kind].with as { shape?: object }).shape ?? {}));
    }
  });

  it('says what a field takes, whether it may be left out and what it is then', () => {
    const { plan, node, kinds } = planFormat();
    expect(kinds['process']?.with).toMatchObject({ argv: 'string[]', 'cwd?': 'string', 'parse?': '"text" | "lines" | "json" = "text"' });
    expect(kinds['patch']?.with['files?']).toBe('{path: string; content: string | null}[]');
    expect(kinds['http']?.with).toMatchObject({ 'headers?': '{name: string}', 'body?': expect.stringMatching(/^any JSON: /) });
    expect(plan).toMatchObject({ version: '1', nodes: 'node[]' });
    expect(plan['inputs?']).toContain('{name: {schema?: ');
    expect(node['kind']).toContain('process | patch');
  });

  it('holds a whole plan that is valid, and is short enough for a model to read', () => {
    expect(checkPlan(planFormat().example).faults).toEqual([]);
    expect(JSON.stringify(planFormat()).length).toBeLessThan(14_000);
  });

  it('calls the output of each kind what docs/plan.md calls it', () => {
    const rows = (page.split('## Kinds')[1] ?? '').split('\n');
    const outputs = KIND_NAMES.map((kind) =>
      rows
        .find((row) => row.startsWith(`| \`${kind}\` `))
        ?.split('|')[3]
        ?.trim(),
    );
    expect(outputs).toEqual(KIND_NAMES.map((kind) => NODE_KINDS[kind].output));
  });
});
