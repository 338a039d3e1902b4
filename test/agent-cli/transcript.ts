/** What an agent and the people did, in order, without what is new each time: ids, times, hashes, addresses. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from '#contract/zod.ts';
import type { Draft, Packet } from '#contract/objects.ts';
import type { Stack } from '../helpers/stack.ts';

const Step = z.object({
  tool: z.string(),
  arguments: z.record(z.string(), z.unknown()),
  answer: z.string(),
  person: z.string().nullable(),
});
export const TranscriptSchema = z.object({ program: z.string(), task: z.string(), steps: z.array(Step), said: z.string() });
export type Transcript = z.output<typeof TranscriptSchema>;

export const RECORDED = path.resolve(import.meta.dirname, '../recorded/gemini-cli.json');

export function readTranscript(): Transcript {
  return TranscriptSchema.parse(JSON.parse(readFileSync(RECORDED, 'utf8')));
}

/** Ids keep their kind, so that a step shows whether it names a draft, an artifact, a run or a gate. */
export function masked(text: string): string {
  return text
    .replaceAll(/\b([a-z]{1,2})_[0-9A-Z]{26}\b/g, '<$1>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(/\b[0-9a-f]{64}\b/g, '<hash>')
    .replaceAll(/http:\/\/[\w.]+:\d+/g, '<gimo>');
}

/** In: what the program gave its model for a tool's answer. Out: the text of the answer itself. */
export function answerIn(said: string): string {
  const { output, error } = JSON.parse(said) as { output?: string; error?: string };
  const inside = /<untrusted_context>\n(.*)\n<\/untrusted_context>/s.exec(output ?? '')?.[1];
  return masked(inside ?? output ?? error ?? said);
}

/** What people do after a step: decide the draft once its approval was tried by the agent, and the gate once the run waits. */
export async function actAsPeople(stack: Stack, { tool, said }: { tool: string; said: string }): Promise<string | null> {
  const draftId = /d_[0-9A-Z]{26}/.exec(said)?.[0] ?? '';
  if (tool === 'create_draft') {
    drafts.set(stack, draftId);
    return null;
  }
  if (tool === 'gimo_write_operation') {
    const id = drafts.get(stack) ?? '';
    const draft = await stack.admin.get<Draft>(`/ops/drafts/${id}`);
    if (draft.status !== 'draft') throw new Error(`The agent decided its own draft: ${draft.status}`);
    const packet = await stack.admin.get<Packet>(`/ops/drafts/${id}/packet`);
    await stack.admin.post(`/ops/drafts/${id}/approve`, { hash: packet.hash });
    return 'approves the draft';
  }
  const runId = /r_[0-9A-Z]{26}/.exec(said)?.[0] ?? '';
  if (tool !== 'get_run_status' || !/"waiting\\*":true/.test(said)) return null;
  const gate = await stack.operator.openGate(runId);
  await stack.operator.post(`/ops/gates/${gate.id}/approve`, { hash: gate.hash });
  return 'approves the gate';
}

const drafts = new WeakMap<Stack, string>();
