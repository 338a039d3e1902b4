/** Runs one turn of an adapter: deadline, stop, metering, and whether the provider really finished. */
import { GimoError, errorCode, type ErrorCode } from '#contract/errors.ts';
import type { Json } from '#contract/json.ts';
import { redact } from '#platform/redact.ts';
import type { Cut } from './cut.ts';
import { providerFailure } from './failure.ts';
import type { CallMeter } from './meter.ts';
import type { Adapter, Finish, Message, RawCall, Turn, TurnEvent } from './port.ts';
import type { LlmUsage } from '#contract/provider.ts';

/** What is true for all turns of one call. */
export type Call = {
  provider: string;
  model: string;
  adapter: Adapter;
  meter: CallMeter;
  cut: Cut;
  onDelta: (text: string, turn: number) => void;
};

export type TurnResult = { text: string; finish: 'stop' | 'length'; requestId: string | null; calls: RawCall[] };

type Progress = {
  text: string;
  calls: RawCall[];
  isSent: boolean;
  isOpen: boolean;
  finish: Finish | null;
  usage: LlmUsage | null;
  reportedUsd: number | null;
  requestId: string | null;
};

const MAX_PARTIAL_CHARS = 16_384;
// Nobody was reached, so nothing was charged.
const UNREACHED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** Out: the complete answer, already settled in the meter. Waits: until the cut. Throws: see `LlmProvider.invoke`. */
export async function runTurn(call: Call, turn: Turn, turnNumber: number): Promise<TurnResult> {
  const nothing = { isSent: false, isOpen: false, finish: null, usage: null, reportedUsd: null, requestId: null };
  const progress: Progress = { text: '', calls: [], ...nothing };
  call.meter.begin([turn.system ?? '', ...turn.messages.map(textOf), ...turn.tools.map((tool) => JSON.stringify(tool))].join(''));
  try {
    call.cut.throwIfCut();
    refuseOverLimit(call);
    progress.isSent = true;
    await follow(call, turn, progress, (text) => call.onDelta(text, turnNumber));
  } catch (error) {
    // All text had arrived when the connection broke: only the usage may be missing.
    if (progress.finish === null || call.cut.why !== null || errorCode(error) === 'BUDGET_EXCEEDED') throw failed(call, progress, error);
  }
  return finished(call, progress);
}

function textOf(message: Message): string {
  if (message.role === 'tool') return message.results.map(({ text }) => text).join('');
  const calls = message.role === 'assistant' ? (message.toolCalls ?? []) : [];
  return calls.length === 0 ? message.content : message.content + JSON.stringify(calls);
}

async function follow(call: Call, turn: Turn, progress: Progress, onText: (text: string) => void): Promise<void> {
  const events = call.adapter.stream(turn, call.cut.signal, call.cut.remainingMs());
  try {
    for (;;) {
      const step = await Promise.race([events.next(), call.cut.happened]);
      if (step.done) return;
      note(call.meter, progress, step.value);
      refuseOverLimit(call);
      if (step.value.type === 'text') onText(step.value.text);
    }
  } finally {
    // Aborts the request where it is still open. Not awaited: a stop must not wait for a slow socket.
    events.return().catch(() => undefined);
  }
}

function note(meter: CallMeter, progress: Progress, event: TurnEvent): void {
  if (event.type === 'open') {
    progress.isOpen = true;
    progress.requestId = event.requestId;
  }
  if (event.type === 'text') progress.text += event.text;
  if (event.type === 'text' || event.type === 'hidden') meter.addOutput(event.text);
  if (event.type === 'tool_call') progress.calls.push(event.call);
  if (event.type === 'usage') {
    progress.usage = event.usage;
    meter.addUsage(event.usage);
  }
  if (event.type === 'reported_cost') progress.reportedUsd = event.usd;
  // A refusal stays one: the provider ends it with an ordinary `stop`.
  if (event.type === 'finish' && progress.finish !== 'refusal') progress.finish = event.finish;
}

function refuseOverLimit(call: Call): void {
  if (call.meter.isOverLimit) {
    throw new GimoError('BUDGET_EXCEEDED', { message: `The call to ${call.provider} was cut: its cost reached the limit of the budget.` });
  }
}

function finished(call: Call, progress: Progress): TurnResult {
  const { finish, text, requestId, calls } = progress;
  if (finish === null)
    throw failed(call, progress, broken('PROVIDER_TRUNCATED', `The answer of ${call.provider} ended without saying that it is complete.`));
  call.meter.settle(progress.usage, progress.reportedUsd);
  if (finish === 'refusal') {
    const refusal = broken('PROVIDER_REFUSAL', `The model ${call.model} of ${call.provider} refused to answer.`);
    throw withFacts(refusal, call, { usage: call.meter.usage, cost_usd: call.meter.cost.usd, request_id: requestId });
  }
  return { text, finish, requestId, calls };
}

function broken(code: ErrorCode, message: string): GimoError {
  return new GimoError(code, { message });
}

/** The error of an unfinished turn, with what had arrived. Usage of a cut answer is unknown. */
function failed(call: Call, progress: Progress, error: unknown): GimoError {
  const known = codedFailure(call, progress, error);
  const { status, reason } = known.data;
  const isTurnedAway = typeof status === 'number' || (typeof reason === 'string' && UNREACHED.has(reason));
  const isUnbilled = !progress.isSent || (!progress.isOpen && isTurnedAway);
  if (isUnbilled) call.meter.drop();
  return withFacts(known, call, {
    partial_text: redact(progress.text).slice(0, MAX_PARTIAL_CHARS),
    received_chars: progress.text.length,
    usage: isUnbilled ? call.meter.usage : null,
    cost_usd: isUnbilled || call.meter.isFree ? call.meter.cost.usd : null,
    ...(progress.requestId === null ? {} : { request_id: progress.requestId }),
  });
}

function codedFailure(call: Call, progress: Progress, error: unknown): GimoError {
  if (call.cut.why === 'stopped') return broken('STOPPED', `The call to ${call.provider} was stopped.`);
  if (call.cut.why === 'timeout') {
    return progress.isOpen
      ? broken('TIMEOUT', `The answer of ${call.provider} was not complete after ${call.cut.timeoutMs} ms.`)
      : broken('PROVIDER_UNAVAILABLE', `The provider ${call.provider} did not begin to answer within ${call.cut.timeoutMs} ms.`);
  }
  if (error instanceof GimoError) return error;
  const phase = progress.isOpen ? 'streaming' : 'connecting';
  return providerFailure(error, { provider: call.provider, model: call.model, phase, nowMs: Date.now() });
}

export function withFacts(error: GimoError, call: Call, facts: Record<string, Json>): GimoError {
  const data = { provider: call.provider, model: call.model, ...error.data, ...facts, estimated_cost_usd: call.meter.estimatedUsd };
  return new GimoError(error.code, { message: redact(error.message), hint: error.hint, faults: error.faults, data });
}
