/** The official inspector, a program that GIMO did not write, over both ways and with both eras of the protocol. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOOLS } from '#api/mcp/tools/index.ts';
import type { Draft } from '#contract/objects.ts';
import { TOKENS } from '../helpers/app.ts';
import { inspect, INSPECTED, type Inspected, type Target } from '../helpers/inspector.ts';
import { startListeningApp, type ListeningApp } from '../helpers/mcp.ts';

const PLAN = { version: 1, title: 'Inspected', nodes: [{ id: 'a', kind: 'value', with: { value: 1 } }] };
const TARGETS = (['http', 'stdio'] as const).flatMap((way) => (['modern', 'legacy'] as const).map((era) => ({ way, era })));

let t: ListeningApp;
beforeAll(async () => void (t = await startListeningApp()));
afterAll(() => t.close());

const callTool = (target: Target, name: string, args: unknown): Promise<Inspected> =>
  inspect(target, ['--method', 'tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(args)]);

// verifies: ARC-1b, PRIN-1
describe.each(TARGETS)('the inspector over $way in the era $era', ({ way, era }) => {
  const target = (): Target => ({ url: t.url, token: TOKENS.admin, way, era });

  it('finds the tools and nothing to object to in their schemas', async () => {
    const { code, out, stderr } = await inspect(target(), ['--method', 'tools/list', '--strict']);
    expect(code, stderr).toBe(INSPECTED.ok);
    const { tools } = out['result'] === undefined ? out : (out['result'] as Inspected['out']);
    expect((tools as { name: string }[]).map(({ name }) => name)).toEqual(TOOLS.map(({ name }) => name));
  });

  it('makes a draft, is refused to approve it, and reads what a person approved', async () => {
    const made = await callTool(target(), 'create_draft', { plan: PLAN });
    expect(made.code, made.stderr).toBe(INSPECTED.ok);
    const id = /d_[0-9A-Z]{26}/.exec(JSON.stringify(made.out))?.[0] ?? '';
    const { body: draft } = await t.get<Draft>(`/ops/drafts/${id}`);
    const approval = { operation: 'drafts_approve', params: { id }, body: { hash: draft.hash } };
    const refused = await callTool(target(), 'gimo_write_operation', approval);
    expect(refused.code).toBe(INSPECTED.toolError);
    expect(JSON.stringify(refused)).toContain('left to a person');
    const { body } = await t.post<{ approved: { id: string } }>(`/ops/drafts/${id}/approve`, { hash: draft.hash });
    const read = await inspect(target(), ['--method', 'resources/read', '--uri', 'ops://approved']);
    expect(JSON.stringify(read.out)).toContain(body.approved.id);
    const prompt = ['--method', 'prompts/get', '--prompt-name', 'orch_dispatch', '--prompt-args', `approved_id=${body.approved.id}`];
    expect(JSON.stringify((await inspect(target(), prompt)).out)).toContain('Carry out this approved work');
  });
});

it('the inspector is turned away with a token that nobody issued', async () => {
  const { code } = await inspect({ url: t.url, token: 'unknown', way: 'http', era: 'modern' }, ['--method', 'tools/list']);
  expect(code).toBe(INSPECTED.refusedCredential);
});
