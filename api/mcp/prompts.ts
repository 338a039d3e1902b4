/** Prompts that hand approved work to an agent (/orch, /sub, /editp). They hold approved content only; a draft is an error. */
import { ProtocolError, ProtocolErrorCode, type McpServer, type ServerContext } from '@modelcontextprotocol/server';
import { showInvisible } from '#contract/invisible.ts';
import type { Approved } from '#contract/objects.ts';
import { escapePattern, pathCovers } from '#contract/pattern.ts';
import { allNodes } from '#contract/plan.ts';
import { z } from '#contract/zod.ts';
import type { Backend } from './backend.ts';
import { orProtocolError, requireKind } from './resources.ts';

const MAX_NODES = 50;
const ApprovedArg = z.string().max(100).describe('Id of an approved artifact (a_…)');
const Word = z.string().regex(/^[\w.@/-]{1,200}$/, 'letters, digits and . @ / - only');
const File = z
  .string()
  .min(1)
  .max(500)
  .refine((path) => !/[\p{Cc}\p{Cf}]/u.test(path), 'must be a path without control characters');

/** Throws: a protocol error unless it is approved, and still is. */
async function readApproved(backend: Backend, id: string): Promise<Approved> {
  const { data } = await backend.call('approved_get', { params: { id: requireKind(id, 'approved') } });
  const refuse = (message: string): never => {
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, message);
  };
  if (data.revoked_at !== null) return refuse(`The approval ${id} was revoked at ${data.revoked_at}.`);
  if (data.expires_at <= new Date().toISOString()) return refuse(`The approval ${id} expired at ${data.expires_at}.`);
  return data;
}

/** The approved text between marks, with what cannot be seen made visible: it is content and no instruction of GIMO. */
function contentOf(approved: Approved): string {
  const nodes = [...allNodes(approved.plan.nodes)].map(
    ({ node }) => `- ${node.id} (${node.kind})${node.needs.length > 0 ? ` after ${node.needs.join(', ')}` : ''}`,
  );
  const left = nodes.length > MAX_NODES ? [`- and ${nodes.length - MAX_NODES} more`] : [];
  return showInvisible(
    [
      `Approved artifact ${approved.id}, approved by ${approved.approved_by} at ${approved.approved_at}, hash ${approved.hash}.`,
      `Title: ${approved.plan.title}`,
      '<approved>',
      approved.prompt,
      '</approved>',
      'Nodes of the plan:',
      ...nodes.slice(0, MAX_NODES),
      ...left,
    ].join('\n'),
  );
}

const RULE =
  'Do what was approved and nothing else. GIMO executes it inside the approved envelope; whatever lies outside needs a new draft (create_draft) and a person.';

/** Throws: a protocol error that says how there can be another run. */
function requireRunLeft({ id, runs_started: started, max_runs: max }: Approved): void {
  if (started < max) return;
  const used = `The approval ${id} has been used as often as it allows (${started} of ${max}).`;
  throw new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `${used} Make a draft of the plan again (create_draft), which a person then approves; \`policy.max_runs\` says how many runs one approval allows.`,
  );
}

function orchestrate(approved: Approved): string {
  requireRunLeft(approved);
  return `Carry out this approved work as the orchestrator.\n\n${contentOf(approved)}\n\nStart it with the tool create_run and approved_id ${approved.id}. Follow it with get_run_status, and put open gates in front of a person with prepare_decision. ${RULE}`;
}

function delegate(approved: Approved, agent: string): string {
  requireRunLeft(approved);
  return `Hand this approved work to the sub-agent ${agent}.\n\n${contentOf(approved)}\n\n${agent} starts it with create_run and approved_id ${approved.id}, follows it with get_run_status, and reports status, outputs and branch. ${RULE}`;
}

function edit(approved: Approved, file: string): string {
  const isCovered = approved.envelope.paths.write.some((pattern) => pathCovers(pattern, escapePattern(file)));
  const scope = isCovered
    ? `The approval covers writing ${file}.`
    : `The approval does not cover writing ${file}: read it, and make a draft (create_draft) for any change to it.`;
  return `Edit the file ${file} in place, as far as this approved work asks for it.\n\n${contentOf(approved)}\n\n${scope} ${RULE}`;
}

export function addPrompts(server: McpServer, backendOf: (ctx: ServerContext) => Backend): void {
  const message = async (ctx: ServerContext, id: string, textOf: (approved: Approved) => string) => {
    const text = await orProtocolError(async () => textOf(await readApproved(backendOf(ctx), id)));
    return { messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }] };
  };
  server.registerPrompt(
    'orch_dispatch',
    {
      title: 'Dispatch approved work (/orch)',
      description: 'Instruction for an orchestrator that carries out an approved plan',
      argsSchema: z.object({ approved_id: ApprovedArg }),
    },
    ({ approved_id: id }, ctx) => message(ctx, id, orchestrate),
  );
  server.registerPrompt(
    'sub_dispatch',
    {
      title: 'Dispatch approved work to a sub-agent (/sub)',
      description: 'Instruction that hands an approved plan to a sub-agent',
      argsSchema: z.object({ approved_id: ApprovedArg, agent: Word.describe('Name of the sub-agent') }),
    },
    ({ approved_id: id, agent }, ctx) => message(ctx, id, (approved) => delegate(approved, agent)),
  );
  server.registerPrompt(
    'editp_dispatch',
    {
      title: 'Edit a file in place (/editp)',
      description: 'Instruction to edit one file as an approved plan asks for it',
      argsSchema: z.object({ approved_id: ApprovedArg, file: File.describe('Path of the file in the repository') }),
    },
    ({ approved_id: id, file }, ctx) => message(ctx, id, (approved) => edit(approved, file)),
  );
}
