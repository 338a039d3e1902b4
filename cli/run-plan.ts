/** The main job: a plan becomes a draft, a person sees the packet and says yes, the run starts and is followed. */
import type { Json } from '#contract/json.ts';
import type { Approved, Draft, Packet, Run } from '#contract/objects.ts';
import type { Priority } from '#contract/priority.ts';
import type { ApiClient } from './api-client.ts';
import { CliFailure, EXIT } from './failure.ts';
import { followRun } from './follow-run.ts';
import type { GatePolicy } from './gate-desk.ts';
import { packetScreen } from './packet-view.ts';
import { isYes, type Terminal } from './terminal.ts';

export type PlanRunInput = {
  client: ApiClient;
  terminal: Terminal;
  plan: Json;
  inputs: Record<string, Json>;
  /** Of its runs, in place of what the plan says. */
  priority?: Priority;
  /** Approve what was shown without asking. */
  isApproved: boolean;
  gates: GatePolicy;
  follows: boolean;
};

/** `run` null: nobody said yes, or more people have to. Throws: ApiFailure with the faults of the plan, NotRunning. */
export type PlanRun = { isWanted: boolean; draft: Draft; packet: Packet; approved: Approved | null; run: Run | null };

export async function runPlan(input: PlanRunInput): Promise<PlanRun> {
  const { client, terminal } = input;
  const { data: draft } = await client.call('drafts_create', {
    body: { plan: withPriority(withDefaults(input.plan, input.inputs), input.priority) },
  });
  const { data: packet } = await client.call('drafts_packet', { params: { id: draft.id } });
  for (const line of await packetScreen(client, packet, terminal.notePaint, terminal.width)) terminal.note(line);
  terminal.note('');
  if (!(await isWanted(input, draft.id))) return { isWanted: false, draft, packet, approved: null, run: null };
  const { data } = await client.call('drafts_approve', {
    params: { id: draft.id },
    query: { auto_run: 'true' },
    body: { hash: packet.hash },
  });
  if (data.approved === null) {
    terminal.note(`You agreed; ${missing(data.approvers)}. Follow it: gimo drafts packet ${draft.id}`);
    return { isWanted: true, draft, packet, approved: null, run: null };
  }
  if (data.run === null) throw new CliFailure(EXIT.failed, `${data.approved.id} was approved, but no run was started.`);
  terminal.note(`Approved as ${data.approved.id}; run ${data.run.id} starts.`);
  const run = input.follows ? await followRun({ client, terminal, runId: data.run.id, gates: input.gates }) : data.run;
  return { isWanted: true, draft, packet, approved: data.approved, run };
}

function missing({ votes, quorum }: Packet['approvers']): string {
  const more = quorum - votes.length;
  return more === 1 ? 'one more person has to' : `${more} more people have to`;
}

async function isWanted({ terminal, isApproved }: PlanRunInput, draftId: string): Promise<boolean> {
  if (isApproved) return true;
  if (terminal.canAsk && isYes(await terminal.ask('Approve? [y/N] '))) return true;
  const how = terminal.canAsk ? '' : ' There is nobody to ask here: --approve agrees to what the packet shows.';
  terminal.note(`Not approved, so nothing runs.${how} The draft stays: gimo drafts packet ${draftId}`);
  return false;
}

/** Inputs given on the command line become the defaults of the draft, so that the packet shows them and its hash covers them. */
export function withDefaults(plan: Json, given: Record<string, Json>): Json {
  if (Object.keys(given).length === 0) return plan;
  const declared = isRecord(plan) && isRecord(plan['inputs']) ? plan['inputs'] : {};
  const inputs: Record<string, Json> = { ...declared };
  for (const [name, value] of Object.entries(given)) {
    const input = declared[name];
    if (!isRecord(input))
      throw new CliFailure(EXIT.usage, `The plan declares no input \`${name}\`; it has: ${Object.keys(declared).join(', ') || 'none'}.`);
    inputs[name] = { ...input, default: value };
  }
  return { ...(plan as Record<string, Json>), inputs };
}

/** Stated in the plan, so that the packet shows it. */
function withPriority(plan: Json, priority: Priority | undefined): Json {
  if (priority === undefined || !isRecord(plan)) return plan;
  return { ...plan, policy: { ...(isRecord(plan['policy']) ? plan['policy'] : {}), priority } };
}

function isRecord(value: Json | undefined): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
