/** A pipe to a client on which `subscriptions/listen` also takes tasks: around the SDK's transport, which knows nothing of them. */
import { isJSONRPCNotification, isJSONRPCRequest, type JSONRPCMessage, type RequestId, type Transport } from '@modelcontextprotocol/server';
import type { Backend } from './backend.ts';
import type { Questions } from './questions.ts';
import { ACKNOWLEDGED, listeningOf, missingTasks, serveTasks, type Listening, type Message } from './subscriptions.ts';

type Host = { backend: Backend; questions: Questions };
type Subscription = { listening: Listening; stop: AbortController };

export class TaskListeningTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: NonNullable<Transport['onmessage']>;
  readonly #wire: Transport;
  readonly #host: Host;
  readonly #open = new Map<RequestId, Subscription>();

  constructor(wire: Transport, host: Host) {
    this.#wire = wire;
    this.#host = host;
  }

  async start(): Promise<void> {
    const onmessage: Transport['onmessage'] = (message, extra) => {
      if (!this.#takes(message)) this.onmessage?.(message, extra);
    };
    const onclose = (): void => {
      this.#stopAll();
      this.onclose?.();
    };
    Object.assign(this.#wire, { onmessage, onclose, onerror: (error: Error) => this.onerror?.(error) });
    await this.#wire.start();
  }

  /** The acknowledgement of the SDK is replaced by one that names the tasks; everything else passes. */
  async send(message: JSONRPCMessage): Promise<void> {
    const id = subscriptionOf(message);
    const subscription = id === null ? undefined : this.#open.get(id);
    if (subscription === undefined) return this.#wire.send(message);
    if (isJSONRPCNotification(message)) return this.#serve(subscription);
    this.#stop(subscription.listening.id);
    await this.#wire.send(message);
  }

  async close(): Promise<void> {
    this.#stopAll();
    await this.#wire.close();
  }

  /** Out: whether the message ends here. */
  #takes(message: JSONRPCMessage): boolean {
    if (isJSONRPCNotification(message) && message.method === 'notifications/cancelled') this.#stop(message.params?.['requestId']);
    if (!isJSONRPCRequest(message)) return false;
    const listening = listeningOf(message);
    if (listening === null) return false;
    if (!listening.features.tasks) {
      this.#pass(missingTasks(listening.id));
      return true;
    }
    this.#stop(listening.id);
    this.#open.set(listening.id, { listening, stop: new AbortController() });
    return false;
  }

  #serve({ listening, stop }: Subscription): void {
    const desk = { ...this.#host, features: listening.features };
    const ended = (): void => {
      if (stop.signal.aborted) return;
      this.#open.delete(listening.id);
      // The SDK counts it as open until its client takes it back.
      this.onmessage?.({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: listening.id } });
    };
    void serveTasks(desk, listening, (message) => this.#pass(message), stop.signal)
      .catch((error: unknown) => this.onerror?.(error instanceof Error ? error : new Error(String(error))))
      .then(ended);
  }

  #pass(message: Message): void {
    void this.#wire.send(message as JSONRPCMessage).catch((error: unknown) => this.onerror?.(error as Error));
  }

  #stop(id: unknown): void {
    const subscription = this.#open.get(id as RequestId);
    if (subscription === undefined) return;
    this.#open.delete(id as RequestId);
    subscription.stop.abort();
  }

  #stopAll(): void {
    for (const id of this.#open.keys()) this.#stop(id);
  }
}

/** The subscription that a message of the SDK answers, ends or acknowledges. */
function subscriptionOf(message: JSONRPCMessage): RequestId | null {
  if ('result' in message || 'error' in message) return message.id ?? null;
  if (!isJSONRPCNotification(message) || message.method !== ACKNOWLEDGED) return null;
  const id = message.params?._meta?.['io.modelcontextprotocol/subscriptionId'];
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}
