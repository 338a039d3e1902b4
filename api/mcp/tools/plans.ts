import { ApprovedId, DraftId } from '#contract/ids.ts';
import { firstInvisible, showInvisible } from '#contract/invisible.ts';
import { z } from '#contract/zod.ts';
import { ADDS, defineTool, READS, type Tool, type ToolCall } from '../tool.ts';
import { ApprovedView, DraftView, INLINE_BYTES, showApproved, showDraft } from '../views.ts';

/** Longer ones belong into files of the repository. */
const MAX_CHARS = 400_000;
export const Key = z.string().min(1).max(200).optional().describe('Idempotency key: the same key makes one object only');
export const Page = { limit: z.int().min(1).max(200).optional(), cursor: z.string().max(200).optional() };
const Prose = z.string().max(MAX_CHARS).refine(hasWords, 'must say what is to be done');
const AnyObject = z.record(z.string(), z.unknown());

/** Spaces and characters that nobody sees say nothing. */
function hasWords(text: string): boolean {
  const visible = firstInvisible(text) === -1 ? text : showInvisible(text).replaceAll(/<U\+[0-9A-F]+>/g, '');
  return visible.trim() !== '';
}

async function makeDraft(call: ToolCall, body: Record<string, unknown>, key: string | undefined) {
  const { data } = await call.backend.call('drafts_create', { body, key });
  return { data: showDraft(call.backend, data) };
}

/** What a draft of words alone does, for whoever expects more of it. */
const ONE_CALL =
  'The plan is one call of a language model with the task as its prompt: it sees no file of the repository and changes none. For work on files use `generate`, or create_draft with nodes that do it.';

const runTask = defineTool({
  name: 'gimo_run_task',
  title: 'Ask GIMO to do a task',
  toolset: 'plans',
  description:
    'Makes a draft of a task in words. Nothing runs: a person approves the draft, then create_run starts it. Without `generate` the task is the prompt of one model call, which sees no file of the repository and changes none. With it the configured model writes a plan of several steps (30 s at most), which can. `provider`: a name of list_providers.',
  input: z.strictObject({
    task: Prose,
    generate: z.boolean().optional(),
    provider: z.string().max(64).optional(),
    context: AnyObject.optional(),
    idempotency_key: Key,
  }),
  output: DraftView,
  hints: { ...ADDS, openWorld: true },
  run: async (call, { task, generate = false, provider, context, idempotency_key: key }) => {
    const body = { prompt: task, provider, context };
    if (!generate) {
      const { data } = await makeDraft(call, body, key);
      return { data: { ...data, next: `${ONE_CALL} ${data.next}` } };
    }
    const { data } = await call.backend.call('generate', { body, key });
    return { data: showDraft(call.backend, data) };
  },
});

const createDraft = defineTool({
  name: 'create_draft',
  title: 'Make a draft of a plan',
  toolset: 'plans',
  description:
    'Stores a whole plan (`version`, `title`, `nodes`; the resource ops://plan-format, or gimo_read_operation of plan_format, says how one is written), or a prompt, as a draft. The plan is checked as a whole; every fault is named at once. Nothing runs before a person has approved it.',
  input: z
    .strictObject({ plan: AnyObject.optional(), prompt: Prose.optional(), context: AnyObject.optional(), idempotency_key: Key })
    .refine(({ plan, prompt }) => plan !== undefined || prompt !== undefined, 'give a plan or a prompt'),
  output: DraftView,
  hints: ADDS,
  run: (call, { idempotency_key: key, ...body }) => makeDraft(call, body, key),
});

const getDraft = defineTool({
  name: 'get_draft',
  title: 'Read a draft',
  toolset: 'plans',
  description: 'One draft: its status, who decides, and its plan unless that is larger than 16 kB (its page shows it then).',
  input: z.strictObject({ draft_id: DraftId }),
  output: DraftView.extend({ plan: AnyObject.nullable() }),
  hints: READS,
  run: async ({ backend }, { draft_id: id }) => {
    const { data: draft } = await backend.call('drafts_get', { params: { id } });
    const isSmall = draft.plan !== null && JSON.stringify(draft.plan).length <= INLINE_BYTES;
    return { data: { ...showDraft(backend, draft), plan: isSmall ? draft.plan : null } };
  },
});

const listApproved = defineTool({
  name: 'list_approved',
  title: 'List approved plans',
  toolset: 'plans',
  description: 'Approved artifacts, newest first; `runnable` says whether create_run may start one now.',
  input: z.strictObject({ ...Page, approved_id: ApprovedId.optional() }),
  output: z.object({ approved: z.array(ApprovedView), next_cursor: z.string().nullable() }),
  hints: READS,
  run: async ({ backend }, { limit, cursor, approved_id: id }) => {
    if (id !== undefined) {
      const { data } = await backend.call('approved_get', { params: { id } });
      return { data: { approved: [showApproved(data)], next_cursor: null } };
    }
    const { data, next } = await backend.call('approved_list', { query: pageQuery({ limit, cursor }) });
    return { data: { approved: data.map(showApproved), next_cursor: next } };
  },
});

/** Arguments as a query: what is not given is left out. */
export function pageQuery(args: Record<string, string | number | boolean | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(args).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])));
}

export const planTools: Tool[] = [runTask, createDraft, getDraft, listApproved];
