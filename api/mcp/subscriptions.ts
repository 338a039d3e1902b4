/**
 * `subscriptions/listen` for tasks. The SDK checks and serves the request but knows nothing of the extension: what it lacks is here,
 * for HTTP; stdio-subscriptions.ts does the same on a pipe. GIMO has no other notices, so a stream that asks for tasks is ours as a whole.
 */
import { CLIENT_CAPABILITIES_META_KEY, SUBSCRIPTION_ID_META_KEY, type RequestId } from '@modelcontextprotocol/server';
import { isJsonObject } from '#contract/json.ts';
import type { Desk } from './ask-person.ts';
import type { Backend } from './backend.ts';
import { featuresIn, type ClientFeatures } from './client-features.ts';
import type { Questions } from './questions.ts';
import { readableRuns, watchTasks } from './task-watch.ts';
import { needsTasks } from './tasks.ts';

export const LISTEN = 'subscriptions/listen';
export const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';
const MAX_ASKED = 200;
const KEEP_ALIVE_MS = 15_000;

export type Listening = { id: RequestId; taskIds: string[]; features: ClientFeatures };
export type Message = Record<string, unknown>;

/** In: a message as it came. Out: null unless it asks for tasks. */
export function listeningOf(message: unknown): Listening | null {
  if (!isJsonObject(message) || message['method'] !== LISTEN || !isJsonObject(message['params'])) return null;
  const { id } = message;
  const { notifications, _meta: meta } = message['params'];
  const taskIds = isJsonObject(notifications) ? notifications['taskIds'] : undefined;
  if (!Array.isArray(taskIds) || (typeof id !== 'string' && typeof id !== 'number')) return null;
  const capabilities = isJsonObject(meta) ? meta[CLIENT_CAPABILITIES_META_KEY] : undefined;
  const names = taskIds.slice(0, MAX_ASKED).filter((name) => typeof name === 'string');
  return { id, taskIds: names, features: featuresIn(capabilities, true) };
}

export function missingTasks(id: RequestId): Message {
  const { code, message, data } = needsTasks();
  return { jsonrpc: '2.0', id, error: { code, message, data } };
}

type Stamped = { method: string; params: Message };

function stamped(id: RequestId, { method, params }: Stamped): Message {
  return { jsonrpc: '2.0', method, params: { ...params, _meta: { [SUBSCRIPTION_ID_META_KEY]: id } } };
}

/** Sends the acknowledgement, then the state of each run now and whenever it changes, then the end unless the signal came first. */
export async function serveTasks(
  desk: Desk,
  { id, taskIds }: Listening,
  send: (message: Message) => void,
  signal: AbortSignal,
): Promise<void> {
  const runIds = await readableRuns(desk.backend, taskIds);
  send(stamped(id, { method: ACKNOWLEDGED, params: { notifications: runIds.length === 0 ? {} : { taskIds: runIds } } }));
  await watchTasks({ desk, runIds, signal, tell: (task) => send(stamped(id, { method: 'notifications/tasks', params: task })) });
  if (!signal.aborted) send({ jsonrpc: '2.0', id, result: { resultType: 'complete', _meta: { [SUBSCRIPTION_ID_META_KEY]: id } } });
}

type Host = { backend: Backend; questions: Questions; signal: AbortSignal; onerror: (error: unknown) => void };

/** In: the SDK's answer to the request. Out: that answer if it refuses; else the stream of the tasks. */
export async function withTasks(answer: Response, listening: Listening, { backend, questions, signal, onerror }: Host): Promise<Response> {
  if (!answer.ok || !(answer.headers.get('content-type') ?? '').startsWith('text/event-stream')) return answer;
  await answer.body?.cancel();
  if (!listening.features.tasks) return Response.json(missingTasks(listening.id), { status: 400 });
  const gone = new AbortController();
  const desk = { backend, questions, features: listening.features };
  const over = AbortSignal.any([signal, gone.signal]);
  const body = eventStream((send) => serveTasks(desk, listening, send, over).catch(onerror), gone);
  return new Response(body, { headers: answer.headers });
}

/** `gone` is set off when the reader goes away. */
function eventStream(work: (send: (message: Message) => void) => Promise<void>, gone: AbortController): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start(controller) {
      const write = (text: string): void => {
        if (!gone.signal.aborted) controller.enqueue(encoder.encode(text));
      };
      const timer = setInterval(() => write(': keep-alive\n\n'), KEEP_ALIVE_MS);
      const end = (): void => {
        clearInterval(timer);
        if (!gone.signal.aborted) controller.close();
      };
      void work((message) => write(`event: message\ndata: ${JSON.stringify(message)}\n\n`)).finally(end);
    },
    cancel() {
      gone.abort();
    },
  });
}
