/**
 * Putting a gate to the person behind a client. The question is one way of delivery: the gate waits in its run whatever comes back.
 * A form is offered for questions of low risk only, and to credentials of class human only; everything else is decided on the page,
 * where GIMO itself knows who the person is. Nothing here is an argument of a tool, so a model has no words for an answer.
 */
import { inputRequired, inputResponse, type InputRequest } from '@modelcontextprotocol/server';
import { showInvisible } from '#contract/invisible.ts';
import type { Gate, TokenClass } from '#contract/objects.ts';
import { z } from '#contract/zod.ts';
import { Refusal, refusalText, type Backend } from './backend.ts';
import type { ClientFeatures } from './client-features.ts';
import type { Questions } from './questions.ts';

const SHOWN_CHARS = 2000;
const Answer = z.strictObject({ decision: z.enum(['approve', 'reject', 'later']), comment: z.string().max(5000).optional() });
/** Recorded with the signed decision: a form in an editor is a weaker proof than the page. */
const CHANNEL = 'answered in a form of the editor (MCP)';

export type Caller = { label: string; class: TokenClass };
export type Desk = { backend: Backend; features: ClientFeatures; questions: Questions };

export async function whoCalls(backend: Backend): Promise<Caller> {
  return (await backend.call('auth_whoami')).data;
}

/** Whether a form may decide it. */
export function takesForm(gate: Gate, caller: Caller, features: ClientFeatures): boolean {
  return features.form && caller.class === 'human' && gate.kind === 'question' && gate.risk === 'low' && gate.status === 'open';
}

function shown(text: string): string {
  const visible = showInvisible(text);
  return visible.length > SHOWN_CHARS ? `${visible.slice(0, SHOWN_CHARS)} …` : visible;
}

export function formOf(gate: Gate): InputRequest {
  return inputRequired.elicit({
    message: `The run ${gate.run_id} asks: ${shown(gate.title)}${gate.message === '' ? '' : `\n\n${shown(gate.message)}`}`,
    requestedSchema: {
      type: 'object',
      properties: {
        decision: { type: 'string', enum: ['later', 'approve', 'reject'], title: 'Decision', default: 'later' },
        comment: { type: 'string', title: 'Comment', maxLength: 1000 },
      },
      required: ['decision'],
    },
  });
}

export function pageOf(message: string, url: string): InputRequest {
  return inputRequired.elicitUrl({ message: shown(message), url });
}

/**
 * In: what came back for a question. Out: one sentence that says what became of it. Only an accepted form, given in time by the
 * caller who was asked, on the content that was shown, decides anything; after all else the gate is as it was.
 */
export async function takeAnswer(desk: Desk, gate: Gate, token: unknown, response: unknown): Promise<string> {
  const caller = await whoCalls(desk.backend);
  const taken = desk.questions.take(token, caller.label);
  if (taken === null || taken.question.gateId !== gate.id)
    return 'The answer belongs to no open question of this caller; nothing was decided.';
  const view = inputResponse({ answer: response }, 'answer');
  if (view.kind !== 'elicit' || view.action !== 'accept') return 'The question was not answered; the gate still waits.';
  // Of a page the client only says that it was opened: the answer is given there.
  if (!takesForm(gate, caller, desk.features)) return 'Its page was shown to the person, who decides there; the gate waits until then.';
  if (taken.isTooFast) return 'The answer came faster than a person reads, so it does not count; the gate still waits.';
  if (taken.question.hash !== gate.hash) return 'The gate is not what was shown; it still waits.';
  const answer = Answer.safeParse(view.content);
  if (!answer.success) return 'The answer could not be read; the gate still waits.';
  return decide(desk.backend, gate, answer.data);
}

async function decide(backend: Backend, gate: Gate, { decision, comment = '' }: z.output<typeof Answer>): Promise<string> {
  if (decision === 'later') return 'The person will decide later; the gate still waits.';
  const body = { hash: gate.hash, comment: comment === '' ? CHANNEL : `${comment} (${CHANNEL})` };
  try {
    await backend.call(decision === 'approve' ? 'gates_approve' : 'gates_reject', { params: { id: gate.id }, body });
    return decision === 'approve' ? 'The person approved it.' : 'The person rejected it.';
  } catch (error) {
    if (error instanceof Refusal) return `The answer was not accepted. ${refusalText(error.problem)}`;
    throw error;
  }
}
