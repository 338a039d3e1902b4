/** Forms over stdio: the server is a process of its own, so its clock cannot be moved and the person reads in earnest. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gate, Run } from '#contract/objects.ts';
import { TOKENS } from '#test/helpers/app.ts';
import { openGateOf, startRunOf } from '#test/helpers/gate.ts';
import {
  connectMcp,
  ERAS,
  startListeningApp,
  type Elicit,
  type Elicited,
  type Era,
  type ListeningApp,
  type ToolResult,
} from '#test/helpers/mcp.ts';
import { until } from '#test/helpers/until.ts';

const PLAN = { version: 1, title: 'Asks', nodes: [{ id: 'ask', kind: 'gate', with: { title: 'Go on?' } }] };
const READING_MS = 1500;

let t: ListeningApp;
let run: Run;
beforeAll(async () => {
  t = await startListeningApp();
  run = await startRunOf(t, PLAN);
});
afterAll(() => t.close());

const approval: Elicited = { action: 'accept', content: { decision: 'approve', comment: 'read' } };

async function prepare(era: Era, gate: Gate, elicit: Elicit): Promise<ToolResult> {
  const client = await connectMcp({ url: t.url, era, way: 'stdio', token: TOKENS.operator, elicit });
  try {
    return await client.call('prepare_decision', { gate_id: gate.id });
  } finally {
    await client.close();
  }
}

/** Answers when a person may have read the question. */
async function read(): Promise<Elicited> {
  const asked = Date.now();
  await until(() => expect(Date.now() - asked).toBeGreaterThan(READING_MS), { timeout: 30_000 });
  return approval;
}

// verifies: MA-2
describe('a person who is asked over stdio', () => {
  it.each(ERAS)('with a client of the era %s approves a gate of low risk, but not within a second', async (era) => {
    const gate = await openGateOf(t, run);
    const fast = await prepare(era, gate, () => approval);
    expect(fast.structuredContent).toMatchObject({ status: 'open', next: expect.stringContaining('faster than a person reads') });
    expect((await prepare(era, gate, read)).structuredContent).toMatchObject({ status: 'approved' });
    const { body } = await t.get<Gate>(`/ops/gates/${gate.id}`);
    expect(body).toMatchObject({ status: 'approved', comment: expect.stringContaining('read (answered in a form') });
  });
});
