/** What a real agent program asked, asked again: each recorded call of its tools, with the answers and the people's decisions it went on from. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { actAsPeople, masked, readTranscript } from '../agent-cli/transcript.ts';
import { GEMINI_CLI } from '../agent-cli/gemini-cli.ts';
import { connectMcp } from '../helpers/mcp.ts';
import { startStack, type Stack } from '../helpers/stack.ts';

let stack: Stack;
beforeAll(async () => void (stack = await startStack()), 400_000);
afterAll(() => stack.close());

/** The newest id of each kind stands where the recording has a kind. */
function withIds(args: Record<string, unknown>, ids: Map<string, string>): Record<string, unknown> {
  const text = JSON.stringify(args).replaceAll(/<([a-z]{1,2})>/g, (_all, kind: string) => ids.get(kind) ?? '');
  return JSON.parse(text) as Record<string, unknown>;
}

// verifies: CARD-7, MA-2, PRIN-1
it('an agent of the registry drafts, is refused to approve, sees what people decided, and follows the run to its result', async () => {
  const { program, steps, said } = readTranscript();
  expect(program).toBe(`${GEMINI_CLI.name} ${GEMINI_CLI.version}`);
  const client = await connectMcp({ url: stack.url, era: 'v1', token: stack.tokens.admin });
  const ids = new Map<string, string>();
  for (const { tool, arguments: args, answer, person } of steps) {
    const { content } = await client.call(tool, withIds(args, ids));
    const text = content[0]?.text ?? '';
    for (const [id, kind = ''] of text.matchAll(/\b([a-z]{1,2})_[0-9A-Z]{26}\b/g)) ids.set(kind, id);
    expect(answer, tool).toContain(masked(text));
    expect(await actAsPeople(stack, { tool, said: text })).toBe(person);
  }
  await client.close();
  expect(steps.map(({ person }) => person).filter((item) => item !== null)).toEqual(['approves the draft', 'approves the gate']);
  expect(steps.find(({ tool }) => tool === 'gimo_write_operation')?.answer).toContain('left to a person');
  expect(said).toContain('the answer is 42');
});
