/** Patches that would change other files than those that were approved: by every way in which a patch comes to an effect. */
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Agent } from '#contract/agents.ts';
import { AUDIT_STREAM } from '#contract/gics.ts';
import type { JsonObject } from '#contract/json.ts';
import type { NodeDetail, Run } from '#contract/objects.ts';
import { git, makeRepo } from '../helpers/repo.ts';
import { startStack, type Stack } from '../helpers/stack.ts';

let stack: Stack;
let dir = '';
const agents: Record<string, Agent> = {};
beforeAll(async () => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'gimo-outside-'));
  const repo = makeRepo(path.join(dir, 'repo'), {
    'package.json': '{}\n',
    'docs/x.md': 'x\n',
    'docs/package.json': '{}\n',
    'src/index.js': '1\n',
  });
  symlinkSync('../src', path.join(repo, 'docs/out'));
  git(repo, 'add', '-A');
  git(repo, 'commit', '--quiet', '-m', 'a link');
  stack = await startStack({ repo });
  agents['helper'] = await stack.admin.post<Agent>('/ops/agents', { name: 'helper', trust_level: 'trusted' }, 201);
}, 400_000);
afterAll(async () => {
  await stack.close();
  rmSync(dir, { recursive: true, force: true });
});

const PACKAGE =
  'diff --git docs/package.json docs/package.json\n--- docs/package.json\n+++ docs/package.json\n@@ -1 +1 @@\n-{}\n+{"evil": 1}\n';
const WORKFLOW =
  'diff --git "a/docs/.gith\\165b/ci.yml" "b/docs/.gith\\165b/ci.yml"\nnew file mode 100644\n--- /dev/null\n+++ "b/docs/.gith\\165b/ci.yml"\n@@ -0,0 +1 @@\n+on: push\n';
const LINK =
  'diff --git a/docs/l b/docs/l\nnew file mode 120000\n--- /dev/null\n+++ b/docs/l\n@@ -0,0 +1 @@\n+../src\n\\ No newline at end of file\n';
const ATTACKS = { 'a name without a prefix': PACKAGE, 'a letter as a number': WORKFLOW, 'a link': LINK };
const NEW = 'diff --git a/docs/y.md b/docs/y.md\nnew file mode 100644\n--- /dev/null\n+++ b/docs/y.md\n@@ -0,0 +1 @@\n+';

const DOCS = {
  kinds: ['process', 'patch', 'subplan', 'delegate', 'value', 'gate'],
  paths: { read: ['**'], write: ['docs/**'] },
  tools: ['agent/*'],
  max_nodes: 9,
};
const patch = (diff: string, needs: string[] = []): JsonObject => ({ id: 'p', kind: 'patch', needs, with: { diff } });
const says = (text: string): JsonObject => ({ id: 'u', kind: 'process', with: { argv: ['printf', '%s', text], idempotent: true } });
const plan = (nodes: object[], envelope: object = DOCS): object => ({ version: 1, title: 'Mend the notes', envelope, nodes });
const nodeOf = ({ id }: Run): Promise<NodeDetail> => stack.actions.get<NodeDetail>(`/ops/runs/${id}/nodes/p`);
const refusals = async ({ id }: Run): Promise<unknown[]> =>
  (await stack.gics.read<JsonObject>(AUDIT_STREAM, { tailFirst: true, limit: 200 }))
    .map(({ data }) => data)
    .filter(({ action, object }) => action === 'effect.refused' && JSON.stringify(object).includes(id));

/** No branch, or one that differs in nothing. */
function changedBy({ id }: Run): string[] {
  if (git(stack.repo, 'branch', '--list', `gimo/${id}`) === '') return [];
  return git(stack.repo, 'diff', '--name-only', 'HEAD', `gimo/${id}`)
    .split('\n')
    .filter((name) => name !== '');
}

// verifies: SEC-7
describe.each(Object.entries(ATTACKS))('a diff with %s', (_what, diff) => {
  it('is no draft, so that no person and no grant can approve it', async () => {
    const { status, body } = await stack.admin.ask<{ faults: { code: string }[] }>('POST', '/ops/drafts', {
      body: { plan: plan([patch(diff)]) },
    });
    expect(status).toBe(400);
    expect(body.faults).toEqual([expect.objectContaining({ node: 'p', path: 'with.diff', code: 'DIFF_REFUSED' })]);
  });

  it('is added to a run by no text from outside, without a question', async () => {
    const written = says(JSON.stringify([patch(diff)]));
    const nodes = [
      { ...written, with: { ...(written['with'] as object), parse: 'json' } },
      { id: 's', kind: 'subplan', needs: ['u'], with: { from: 'nodes.u.output.json' } },
    ];
    const run = await stack.admin.startPlan(plan(nodes, { ...DOCS, commands: [['printf', '**']] }));
    expect(await stack.operator.ended(run.id)).toMatchObject({
      status: 'error',
      error: { code: 'PLAN_INVALID', message: expect.stringContaining('DIFF_REFUSED') },
    });
    expect(changedBy(run)).toEqual([]);
  });

  it('is delegated to no agent, by a node and by a call', async () => {
    const nodes = [
      { id: 'v', kind: 'value', with: { value: { nodes: [patch(diff)] } } },
      { id: 'd', kind: 'delegate', needs: ['v'], with: { agent: 'helper', task: 'Do it', plan: 'nodes.v.output' } },
    ];
    const run = await stack.admin.startPlan(plan(nodes));
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'error', error: { code: 'PLAN_INVALID' } });
    const waiting = await stack.admin.startPlan(plan([{ id: 'ask', kind: 'gate', with: { title: 'Go on?' } }]));
    await stack.operator.openGate(waiting.id);
    const body = { run_id: waiting.id, task: 'Do it', plan: { nodes: [patch(diff)] } };
    expect((await stack.operator.ask('POST', `/api/agent/${agents['helper']?.id}/delegate`, { body })).body).toMatchObject({
      code: 'PLAN_INVALID',
    });
    await stack.operator.post(`/ops/runs/${waiting.id}/cancel`, {});
  });

  it('is not applied when it comes whole out of a program, whatever may be written', async () => {
    const run = await stack.admin.startPlan(
      plan([says(diff), patch('${{ nodes.u.output.stdout }}', ['u'])], {
        ...DOCS,
        commands: [['printf', '**']],
        paths: { read: ['**'], write: ['**'] },
      }),
    );
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'error', error: { code: 'DIFF_REFUSED' } });
    expect(changedBy(run)).toEqual([]);
    expect(await refusals(run)).toMatchObject([{ detail: { kind: 'patch', code: 'DIFF_REFUSED' } }]);
  });
});

// verifies: SEC-7
describe('a value in an approved diff', () => {
  const WIDE = { ...DOCS, paths: { read: ['**'], write: ['**'] }, commands: [['printf', '**']] };
  it('is text of its line', async () => {
    const run = await stack.admin.startPlan(plan([says('hello'), patch(`${NEW}\${{ nodes.u.output.stdout }}\n`, ['u'])]));
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done' });
    expect(changedBy(run)).toEqual(['docs/y.md']);
  });

  it.each([
    ['a second file', `hello\n${NEW.replaceAll('docs/y.md', 'src/evil.js')}x`],
    ['a second file as an older git writes it', 'hello\n--- /dev/null\n+++ b/src/evil.js\n@@ -0,0 +1 @@\n+x'],
    ['more lines of its own file', 'hello\n@@ -0,0 +3 @@\n+evil'],
  ])('brings %s into no patch, also where that may be written', async (_what, text) => {
    const run = await stack.admin.startPlan(plan([says(text), patch(`${NEW}\${{ nodes.u.output.stdout }}\n`, ['u'])], WIDE));
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'error', error: { code: 'DIFF_REFUSED' } });
    expect(changedBy(run)).toEqual([]);
    expect(await refusals(run)).toHaveLength(1);
  });

  it('is the name of no other file than the draft leaves open', async () => {
    const diff = `${NEW.replaceAll('docs/y.md', 'docs/${{ nodes.u.output.stdout }}.md')}x\n`;
    for (const [name, code] of [
      ['../src/evil', 'DIFF_REFUSED'],
      ['deep/z', 'DIFF_REFUSED'],
      ['z', null],
    ] as const) {
      const run = await stack.admin.startPlan(plan([says(name), patch(diff, ['u'])], WIDE));
      expect(await stack.operator.ended(run.id)).toMatchObject(code === null ? { status: 'done' } : { status: 'error', error: { code } });
      expect(changedBy(run)).toEqual(code === null ? ['docs/z.md'] : []);
    }
  });
});

it('what is refused while it is worked out changes nothing, and stands in the audit log', async () => {
  const files = [{ path: 'docs/out/evil.js', content: 'x' }];
  const run = await stack.admin.startPlan(plan([{ id: 'p', kind: 'patch', with: { files } }]));
  expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'error', error: { code: 'OUTSIDE_ENVELOPE' } });
  expect((await nodeOf(run)).status).toBe('error');
  expect(changedBy(run)).toEqual([]);
  expect(await refusals(run)).toMatchObject([
    { detail: { code: 'OUTSIDE_ENVELOPE', message: expect.stringContaining('docs/out is a link') } },
  ]);
});
