/** The worker's own checks on what the API wrote: for tests that write into the store between the two. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import type { ActivityDeps } from '#activities/deps.ts';
import { Ledger } from '#activities/effects/ledger.ts';
import { Permits } from '#activities/effects/permits.ts';
import { loadRun } from '#activities/runs/load-run.ts';
import { errorCode } from '#contract/errors.ts';
import { AUDIT_STREAM, type Collection } from '#contract/gics.ts';
import type { JsonObject } from '#contract/json.ts';
import type { EffectInput, LoadedRun } from '#contract/messages.ts';
import type { Approved, Draft, Run, RunRecord } from '#contract/objects.ts';
import { kidOf } from '#platform/keys.ts';
import { presence, startApp, type TestApp } from './app.ts';

/** A plan with an open input. */
export const OPEN = {
  version: 1,
  title: 'Open',
  inputs: { who: { open: true, default: 'me' } },
  nodes: [{ id: 'a', kind: 'noop', with: { value: '${{ inputs.who }}' } }],
};

export class WorkerBench {
  readonly t: TestApp;
  readonly permits: Permits;
  readonly #deps: ActivityDeps;
  #titles = 0;

  constructor(t: TestApp) {
    this.t = t;
    const keyRing = path.join(t.store.dir, 'ring.json');
    const kid = kidOf(Buffer.from(t.publicKey, 'hex'));
    writeFileSync(keyRing, JSON.stringify({ keys: [{ kid, public_key: t.publicKey, created_at: 0 }] }));
    this.permits = new Permits(t.store.gics, keyRing);
    const fence = { kind: 'bubblewrap', tools: { prlimit: null }, groups: null, processCountLimit: null, hasLoopback: true };
    const parts = { gics: t.store.gics, permits: this.permits, config: t.deps.config, fence, env: {} };
    this.#deps = { ...parts, log: pino({ level: 'silent' }) } as unknown as ActivityDeps;
  }

  static async start(): Promise<WorkerBench> {
    const t = await startApp();
    await t.store.gics.txn([{ op: 'put', collection: 'settings', id: 'worker', value: presence() }]);
    return new WorkerBench(t);
  }

  async draft(plan: object = OPEN): Promise<Draft> {
    this.#titles += 1;
    return (await this.t.post<Draft>('/ops/drafts', { plan: { ...plan, title: `Title ${this.#titles}` } })).body;
  }

  async approve(plan: object = OPEN): Promise<Approved> {
    const { id, hash } = await this.draft(plan);
    return (await this.t.post<{ approved: Approved }>(`/ops/drafts/${id}/approve`, { hash })).body.approved;
  }

  async start(approved: Approved): Promise<Run> {
    return (await this.t.post<Run>('/ops/runs', { approved_id: approved.id })).body;
  }

  async record(id: string): Promise<RunRecord> {
    const found = await this.t.store.gics.get<RunRecord>('runs', id);
    if (found === null) throw new Error(`there is no run ${id}`);
    return found.value;
  }

  async write(collection: Collection, id: string, value: object): Promise<void> {
    await this.t.store.gics.txn([{ op: 'put', collection, id, value: value as JsonObject }]);
  }

  async patch(collection: Collection, id: string, set: JsonObject): Promise<void> {
    await this.t.store.gics.txn([{ op: 'patch', collection, id, set }]);
  }

  /** The first step of the workflow. */
  load(runId: string, approvedId: string): Promise<LoadedRun> {
    return loadRun(this.#deps, { run_id: runId, approved_id: approvedId });
  }

  /** What an effect does before it acts. Out: the state of its ledger entry, or the code of the refusal. */
  async begin(run: Run, approved: Approved): Promise<string> {
    const input: EffectInput = {
      run_id: run.id,
      approved_id: approved.id,
      approval_hash: approved.hash,
      node: 'a',
      kind: 'noop',
      attempt: 1,
      redo: 0,
      with: { value: 1 },
      timeout_ms: 1000,
      max_usd: null,
      events: [],
      summary: null,
    };
    try {
      const permit = await this.permits.forEffect(input);
      return (await new Ledger(this.t.store.gics, 'w').begin(input, permit, 'at_most_once', null)).state;
    } catch (error) {
      return errorCode(error) ?? String(error);
    }
  }

  /** The same after the approval was read again, as an effect does by itself when it changed. */
  beginAnew(run: Run, approved: Approved): Promise<string> {
    this.permits.forget(approved.id);
    return this.begin(run, approved);
  }

  /** Why the first step of a run refuses it, when it says so in the audit log too; null when it does not refuse. */
  async refusal(runId: string, approvedId: string): Promise<string | null> {
    const { gics } = this.t.store;
    const { last } = await gics.info(AUDIT_STREAM);
    const loaded = await this.load(runId, approvedId);
    if (loaded.ok) return null;
    const [entry] = await gics.read<{ action: string; detail: { code: string } }>(AUDIT_STREAM, { from: last + 1 });
    return entry?.data.action === 'run.refused' && entry.data.detail.code === loaded.error.code
      ? loaded.error.code
      : 'not in the audit log';
  }
}
