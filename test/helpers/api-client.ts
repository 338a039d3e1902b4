import type { Json } from '#contract/json.ts';
import type { Approved, Draft, Gate, Packet, Run } from '#contract/objects.ts';

import { until } from './until.ts';

export type Answer<T> = { status: number; body: T; headers: Headers };

type Ask = { body?: unknown; headers?: Record<string, string> };

/** A caller of the real API over a real socket. */
export class ApiClient {
  readonly url: string;
  readonly token: string | null;

  constructor(url: string, token: string | null) {
    this.url = url;
    this.token = token;
  }

  async ask<T>(method: string, path: string, { body, headers = {} }: Ask = {}): Promise<Answer<T>> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(this.token === null ? {} : { authorization: `Bearer ${this.token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    return { status: response.status, body: (isJson ? JSON.parse(text) : text) as T, headers: response.headers };
  }

  /** Fails with the whole answer when the status is another. */
  async get<T>(path: string, status = 200): Promise<T> {
    return expectStatus(await this.ask<T>('GET', path), status, `GET ${path}`);
  }

  async post<T>(path: string, body?: unknown, status = 200): Promise<T> {
    return expectStatus(await this.ask<T>('POST', path, { body }), status, `POST ${path}`);
  }

  async put<T>(path: string, body: unknown, status = 200): Promise<T> {
    return expectStatus(await this.ask<T>('PUT', path, { body }), status, `PUT ${path}`);
  }

  /** Draft → packet → approval of exactly its hash. */
  async approvePlan(
    plan: object,
    options: { auto_run?: boolean; inputs?: Record<string, Json> } = {},
  ): Promise<{ approved: Approved; run: Run | null }> {
    const draft = await this.post<Draft>('/ops/drafts', { plan }, 201);
    const packet = await this.get<Packet>(`/ops/drafts/${draft.id}/packet`);
    const query = options.auto_run === undefined ? '' : `?auto_run=${options.auto_run}`;
    return this.post(`/ops/drafts/${draft.id}/approve${query}`, { hash: packet.hash });
  }

  async startPlan(plan: object): Promise<Run> {
    const { run } = await this.approvePlan(plan, { auto_run: true });
    if (!run) throw new Error('no run was started');
    return run;
  }

  run(id: string): Promise<Run> {
    return this.get<Run>(`/ops/runs/${id}`);
  }

  /** Waits: until the run has one of these statuses. */
  async until(id: string, isIt: (run: Run) => boolean, timeoutMs = 60_000): Promise<Run> {
    return until(
      async () => {
        const run = await this.run(id);
        if (!isIt(run)) throw new Error(`not yet: ${JSON.stringify(run)}`);
        return run;
      },
      { timeout: timeoutMs, interval: 50 },
    );
  }

  ended(id: string, timeoutMs?: number): Promise<Run> {
    return this.until(id, (run) => ['done', 'error', 'cancelled'].includes(run.status), timeoutMs);
  }

  async openGate(runId: string): Promise<Gate> {
    return until(
      async () => {
        const [gate] = await this.get<Gate[]>(`/ops/gates?status=open&run_id=${runId}`);
        if (!gate) throw new Error('no open gate yet');
        return gate;
      },
      { timeout: 60_000, interval: 50 },
    );
  }
}

function expectStatus<T>(answer: Answer<T>, status: number, what: string): T {
  if (answer.status !== status) throw new Error(`${what} answered ${answer.status}, not ${status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}
