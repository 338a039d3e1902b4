import { describe, expect, it } from 'vitest';
import type { NodeKind } from '#contract/nodes/index.ts';
import { plannedIn, renderedIn } from './run-effects.ts';

const runOf = (approved: object) => ({ approved }) as unknown as Parameters<typeof renderedIn>[0];
const NEW = runOf({ has_whole_commands: true, has_read_diffs: true });
const OLD = runOf({ has_whole_commands: true });
const patch = (diff: string): { kind: NodeKind; with: object } => ({ kind: 'patch', with: { diff, validate: ['true'] } });
const MINE = patch('diff --git a/docs/x.md b/docs/x.md\n--- a/docs/x.md\n+++ b/docs/x.md\n@@ -1 +1 @@\n-x\n+y\n');

describe('what a diff writes, as the workflow asks by it', () => {
  it('is what git would change', () => {
    expect(renderedIn(NEW)(MINE)).toMatchObject({ write: ['docs/x.md'], commands: [['true']] });
    expect(renderedIn(NEW)(patch('--- docs/x.md\n+++ docs/x.md\n@@ -1 +1 @@\n-x\n+y\n')).write).toEqual(['**']);
  });

  it('stays in runs that began before diffs were read what their histories were made with', () => {
    expect(renderedIn(OLD)(MINE)).toEqual(renderedIn(NEW)(MINE));
    expect(renderedIn(OLD)(patch('--- docs/x.md\n+++ docs/x.md\n@@ -1 +1 @@\n-x\n+y\n')).write).toEqual(['docs/x.md']);
    expect(renderedIn(OLD)(patch('rename from "\\303\\244"\nrename to b\n')).write).toEqual(['\\\\303\\\\244', 'b']);
    const unknown = { ...patch('${{ nodes.a.output }}'), id: 'p', needs: [] } as unknown as Parameters<ReturnType<typeof plannedIn>>[0];
    expect([plannedIn(OLD)(unknown).write, plannedIn(NEW)(unknown).write]).toEqual([['*'], ['*']]);
  });
});
