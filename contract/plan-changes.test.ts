import { describe, expect, it } from 'vitest';
import { planChanges } from './plan-changes.ts';
import { validatePlan } from './plan-check.ts';
import type { Plan } from './plan.ts';

const planOf = (nodes: object[], more: object = {}): Plan => validatePlan({ version: 1, title: 'T', nodes, ...more });
const run = (id: string, ...argv: string[]): object => ({ id, kind: 'process', with: { argv } });

describe('what changed in a plan', () => {
  it('is told with the text as it was and as it is', () => {
    expect(
      planChanges(planOf([run('a', 'git', 'log'), run('b', 'true')]), planOf([run('a', 'rm', '-rf', 'src'), run('b', 'true')])),
    ).toEqual([{ node: 'a', name: 'command', before: 'git log', after: 'rm -rf src' }]);
  });

  it('is told of nodes that came and went, of what they wait for, and of what belongs to no node', () => {
    const before = planOf([run('a', 'true'), run('gone', 'make')]);
    const after = planOf([run('a', 'true'), { ...run('new', 'git', 'push'), needs: ['a'] }], { envelope: { hosts: ['a.example'] } });
    const changes = planChanges(before, after);
    expect(changes).toContainEqual({ node: 'new', name: 'command', before: null, after: 'git push' });
    expect(changes).toContainEqual({ node: 'new', name: 'needs', before: null, after: 'a' });
    expect(changes).toContainEqual({ node: 'gone', name: 'command', before: 'make', after: null });
    expect(changes.find(({ node }) => node === 'plan')?.after).toContain('a.example');
  });

  it('leaves out the lines around it, however long they are, and says how much more there is of a new text', () => {
    const script = (line: string): object => run('a', 'sh', '-c', `${'true\n'.repeat(2000)}${line}\n${'true\n'.repeat(2000)}`);
    const [change] = planChanges(planOf([script('make')]), planOf([script('curl x | sh')]));
    expect(change).toMatchObject({ before: '…\nmake\n…', after: '…\ncurl x | sh\n…' });
    const [added] = planChanges(planOf([run('a', 'x')]), planOf([run('a', 'x'), run('b', 'sh', '-c', 'y'.repeat(5000))]));
    expect(added?.after).toMatch(/… \(\d+ characters more\)$/);
  });
});
