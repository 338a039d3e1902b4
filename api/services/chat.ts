/** A chat: each message is understood, answered and kept. With `require_action` it may become a draft; it never becomes more. */
import { CHAT_LIMITS, type ChatAction, type ChatReply, type ChatRequest, type ChatSession, type ChatTurn } from '#contract/chat.ts';
import { GimoError } from '#contract/errors.ts';
import type { GicsOp, GicsRecord } from '#contract/gics.ts';
import { redactJson } from '#platform/redact.ts';
import { understand, type Understood } from '../chat/intent.ts';
import { planFor, type ChatPlan } from '../chat/plans.ts';
import { helpReply } from '../chat/help.ts';
import * as say from '../chat/replies.ts';
import { routeReply } from '../chat/route-choice.ts';
import { decideReply, namedReply, standingReply } from '../chat/standing.ts';
import type { Message } from '../chat/words.ts';
import type { Call, Core } from '../deps.ts';
import { namedIn, standingOf } from './chat-standing.ts';
import { asJson, commit, orOnConflict } from './commit.ts';
import { newDraft, type StoredDraft } from './drafts.ts';
import { newId } from './ids.ts';
import { requireValidPlan } from './plans.ts';
import { readOpsConfig, readProviders, showProviders } from './settings.ts';

/** `rev` of a session that is not stored yet is 0. */
type Session = { id: string; rev: number; value: { created_at: string; created_by: string; updated_at: string; turns: number } };
type Outcome = { response: string; action: ChatAction | null; ops: GicsOp[] };

const turnsOf = (id: string): string => `chat/${id}`;

/** A session belongs to the credential that began it; for all others there is none. Throws: NOT_FOUND. */
async function loadSession(core: Core, call: Call, id: string): Promise<Session> {
  const record: GicsRecord<Session['value']> | null = await core.gics.get<Session['value']>('chats', id);
  if (record === null || record.value.created_by !== call.actor.label)
    throw new GimoError('NOT_FOUND', { message: `There is no chat ${id}.` });
  return { id, rev: record.rev, value: record.value };
}

function beginSession(call: Call): Session {
  const now = new Date().toISOString();
  return { id: newId('chat'), rev: 0, value: { created_at: now, created_by: call.actor.label, updated_at: now, turns: 0 } };
}

/** Drafting through the chat asks for what drafting elsewhere asks for. Throws: FORBIDDEN. */
async function requireDrafter(core: Core, call: Call): Promise<void> {
  if (call.actor.role === 'admin' || (await readOpsConfig(core)).operator_can_generate) return;
  throw new GimoError('FORBIDDEN', {
    message: 'Drafting needs the role admin here.',
    hint: 'Use an admin credential, or let an admin set `operator_can_generate` (PUT /ops/config); without require_action the chat only answers.',
  });
}

const justSay = (response: string): Outcome => ({ response, action: null, ops: [] });

async function draftOf(
  core: Core,
  call: Call,
  url: string,
  { kind, plan }: ChatPlan,
  understood: Understood,
  text: string,
): Promise<Outcome> {
  await requireDrafter(core, call);
  const checked = await requireValidPlan(core, plan, JSON.stringify(plan).length);
  const content = { prompt: text, checked, isPromptPlan: false, context: { source: 'chat' }, provider: null, error: null };
  const draft: StoredDraft = newDraft(call, content);
  const page = `${url}/plans/${draft.id}`;
  return {
    response: say.draftedReply(kind, { id: draft.id, url: page }, understood.message.language),
    action: { action: 'draft_created', draft_id: draft.id, kind, url: page },
    ops: [{ op: 'put', collection: 'drafts', id: draft.id, value: asJson(draft), rev: 0 }],
  };
}

async function statusReply(core: Core, url: string, message: Message): Promise<string> {
  const { language } = message;
  const named = await namedIn(core, message);
  if (named.length === 0) return standingReply(await standingOf(core), url, language);
  return named.map((one) => namedReply(one, url, language)).join(' ');
}

async function react(core: Core, call: Call, url: string, request: ChatRequest, understood: Understood): Promise<Outcome> {
  const { intent, message } = understood;
  const { language } = message;
  if (intent === 'help') return justSay(helpReply(message.words, url, language));
  if (say.isAbout(intent)) return justSay(say.courtesyReply(request.user_message, language) ?? say.aboutReply(intent, language));
  if (intent === 'status') return justSay(await statusReply(core, url, message));
  if (intent === 'route') return justSay(routeReply(await showProviders(core, await readProviders(core)), language));
  if (intent === 'approve' || intent === 'cancel') return justSay(decideReply(intent, await namedIn(core, message), url, language));
  const plan = planFor(request.user_message, understood);
  if (plan === null) return justSay(helpReply([], url, language));
  if (typeof plan === 'string') return justSay(say.missingReply(plan, language));
  if (!request.require_action) return justSay(say.wouldDraftReply(plan.kind, language));
  return draftOf(core, call, url, plan, understood, request.user_message);
}

/** Throws: NOT_FOUND, FORBIDDEN, CONFLICT when two messages came at once or the session is full. */
export async function chat(core: Core, call: Call, url: string, request: ChatRequest): Promise<ChatReply> {
  const session = request.session_id === undefined ? beginSession(call) : await loadSession(core, call, request.session_id);
  if (session.value.turns >= CHAT_LIMITS.turns)
    throw new GimoError('CONFLICT', {
      message: `The chat has ${CHAT_LIMITS.turns} messages, which is all it holds.`,
      hint: 'Begin another.',
    });
  const understood = await understand(request.user_message);
  const { response, action, ops } = await react(core, call, url, request, understood);
  const said = { response, actions_taken: action === null ? [] : [action], intent: understood.intent, confidence: understood.confidence };
  const at = new Date().toISOString();
  const turn: ChatTurn = { ...said, at, user_message: request.user_message, require_action: request.require_action };
  const value = { ...session.value, updated_at: at, turns: session.value.turns + 1 };
  const reply: ChatReply = { ...said, session_id: session.id };
  await orOnConflict(
    commit(core, call, {
      ops: [
        ...ops,
        { op: 'put', collection: 'chats', id: session.id, value, rev: session.rev },
        { op: 'append', stream: turnsOf(session.id), items: [{ key: String(value.turns), data: redactJson(asJson(turn)) }] },
      ],
      object: action?.draft_id ?? session.id,
      detail: { session: session.id, intent: understood.intent },
      answer: { status: 200, body: reply },
    }),
    () => {
      throw new GimoError('CONFLICT', { message: 'Another message of this chat came at the same time.', hint: 'Send it again.' });
    },
  );
  return reply;
}

/** The whole history, oldest first. Throws: NOT_FOUND. */
export async function readChat(core: Core, call: Call, id: string): Promise<ChatSession> {
  const { value } = await loadSession(core, call, id);
  const { created_at, created_by, updated_at } = value;
  const entries = await core.gics.read<ChatTurn>(turnsOf(id), { limit: CHAT_LIMITS.turns });
  return { session_id: id, created_at, created_by, updated_at, turns: entries.map(({ data }) => data) };
}
