import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkAudit } from '#cli/verify-checks.ts';
import { Checkpoints } from '#api/services/checkpoints.ts';
import { readCheckpoints } from '#cli/verify-checkpoints.ts';
import { chainHash } from '#contract/audit-chain.ts';
import type { PublicKey } from '#contract/decision.ts';
import { AUDIT_STREAM, CHAIN_GENESIS, type Gics } from '#contract/gics.ts';
import type { Draft } from '#contract/objects.ts';
import type { Ready } from '#contract/ready.ts';
import type { AuditHead } from '#contract/security.ts';
import { checkpointName } from '#platform/checkpoint-files.ts';
import { startApp, type TestApp } from '../helpers/app.ts';
import { startGics, type TestGics } from '../helpers/gics.ts';

let store: TestGics;
let second: string;
beforeAll(async () => {
  store = await startGics();
  second = path.join(store.dir, 'second-place');
});
afterAll(() => store.close());

let repo: string | undefined;
async function open(): Promise<TestApp> {
  const t = await startApp({ store, repo, env: { GIMO_CHECKPOINT_DIR: second } });
  repo = t.repo;
  return t;
}
const ringOf = ({ deps, publicKey }: TestApp): PublicKey[] => [{ kid: deps.signingKey().kid, public_key: publicKey }];
const named = (...numbers: number[]): string[] => numbers.map(checkpointName);

async function appendEntries(count: number): Promise<void> {
  for (let left = count; left > 0; left -= 500) {
    const items = Array.from({ length: Math.min(500, left) }, (_, n) => ({ data: { actor: 'nobody', action: 'test', n } }));
    await store.gics.txn([{ op: 'append', stream: AUDIT_STREAM, items }]);
  }
}

/** Writes the database behind the store's back. */
function behindTheStore(work: (db: Database.Database, stream: number) => void): void {
  const db = new Database(path.join(store.paths.gics, 'gics.sqlite'));
  try {
    work(db, db.prepare<[string], number>('SELECT id FROM streams WHERE name = ?').pluck().get(AUDIT_STREAM) ?? 0);
  } finally {
    db.close();
  }
}

// verifies: PRIN-2
describe('checkpoints of the audit log', () => {
  it('are written when the API ends, in both places: one for each thousand entries and the newest', async () => {
    const t = await open();
    await appendEntries(2100);
    await t.app.close();
    for (const dir of [store.paths.checkpoints, second]) expect(readdirSync(dir).sort()).toEqual(named(1000, 2000, 2100));
    const heads = readCheckpoints({ named: [store.paths.checkpoints, second], usual: [], asOf: undefined });
    expect(await checkAudit(store.gics, { heads, ring: ringOf(t) })).toEqual([
      { name: 'audit chain', ok: true, count: 2100, bad: null },
      { name: 'checkpoints', ok: true, count: 6, bad: null },
    ]);
  });

  it('replace the newest one, and are made over the whole log also where none of ours is found', async () => {
    const t = await open();
    await appendEntries(7);
    const head = (await t.get<AuditHead>('/ops/audit/head')).body;
    expect(head.seq).toBe(2107);
    await t.app.close();
    expect(readdirSync(second).sort()).toEqual(named(1000, 2000, 2107));
    rmSync(second, { recursive: true });
    const again = await open();
    expect((await again.get<AuditHead>('/ops/audit/head')).body.root).toBe(head.root);
    await again.app.close();
    expect(existsSync(path.join(second, checkpointName(2107)))).toBe(true);
  });

  it('are gone on from after a restart, without the entries before them', async () => {
    const t = await open();
    const first = new Checkpoints(t.deps);
    await first.write();
    await first.close();
    const from: number[] = [];
    const gics: Pick<Gics, 'read' | 'info'> = {
      info: (stream) => t.deps.gics.info(stream),
      read: (stream, options) => {
        from.push(options?.from ?? 1);
        return t.deps.gics.read(stream, options);
      },
    };
    const next = new Checkpoints({ ...t.deps, gics });
    await appendEntries(3);
    const head = await next.head();
    await next.close();
    expect([head.seq, head.root]).toEqual([2110, (await t.get<AuditHead>('/ops/audit/head')).body.root]);
    expect(Math.min(...from)).toBe(2107);
    await t.app.close();
  });

  it('are not signed over a log that was written anew or cut off since, and /ready says so', async () => {
    const t = await open();
    const before = (await t.get<AuditHead>('/ops/audit/head')).body;
    behindTheStore((db, stream) => {
      const rows = db
        .prepare<[number], { offset: number; at: number; data: string }>(
          'SELECT "offset", at, data FROM entries WHERE stream = ? ORDER BY "offset"',
        )
        .all(stream);
      let prev: string = CHAIN_GENESIS;
      const set = db.prepare('UPDATE entries SET data = ?, prev = ?, hash = ? WHERE stream = ? AND "offset" = ?');
      db.transaction(() => {
        for (const { offset, at, data } of rows) {
          const forged = offset === 5 ? '{"actor":"somebody else"}' : data;
          const hash = chainHash({ stream: AUDIT_STREAM, offset, at, data: JSON.parse(forged), prev });
          set.run(forged, prev, hash, stream, offset);
          prev = hash;
        }
        db.prepare('UPDATE streams SET hash = ? WHERE id = ?').run(prev, stream);
      })();
    });
    expect(await t.get('/ops/audit/head')).toMatchObject({ status: 409, body: { code: 'AUDIT_FORKED' } });
    const [chain, checkpoints] = await checkAudit(store.gics, { heads: [{ name: 'mine', head: before }], ring: ringOf(t) });
    expect([chain?.ok, checkpoints?.ok]).toEqual([true, false]);
    await t.app.close();
    expect(readdirSync(second)).not.toContain(checkpointName(before.seq + 1));
  });
});

// verifies: PRIN-2
describe('an audit log that cannot be written', () => {
  it('answers 503, and nothing has happened', async () => {
    const t = await startApp();
    try {
      const [kept] = [await t.post('/ops/drafts', { prompt: 'kept' })];
      expect(kept.status).toBe(201);
      const db = new Database(path.join(t.store.paths.gics, 'gics.sqlite'));
      const stream = db.prepare<[string], number>('SELECT id FROM streams WHERE name = ?').pluck().get(AUDIT_STREAM) ?? 0;
      db.exec(`CREATE TRIGGER refuse BEFORE INSERT ON entries WHEN NEW.stream = ${stream} BEGIN SELECT RAISE(ABORT, 'no'); END`);
      const refused = await t.post('/ops/drafts', { prompt: 'lost' });
      expect(refused).toMatchObject({ status: 503, body: { code: 'AUDIT_UNAVAILABLE' } });
      expect((await t.post('/ui/security/panic', { reason: 'x' })).status).toBe(503);
      expect((await t.get<{ panic: boolean }>('/status')).body.panic).toBe(false);
      db.exec('DROP TRIGGER refuse');
      db.close();
      expect((await t.get<Draft[]>('/ops/drafts')).body.map(({ prompt }) => prompt)).toEqual(['kept']);
      expect((await t.post('/ops/drafts', { prompt: 'later' })).status).toBe(201);
    } finally {
      await t.close();
    }
  });
});

describe('a second place that cannot be written', () => {
  it('is named by /ready, and does not keep the first from its checkpoint', async () => {
    const t = await startApp({ env: { GIMO_CHECKPOINT_DIR: '/dev/null/nowhere' } });
    await t.post('/ops/drafts', { prompt: 'x' });
    await t.app.close();
    expect(readdirSync(t.store.paths.checkpoints)).toEqual(named(1));
    const again = await startApp({ store: t.store, repo: t.repo, env: { GIMO_CHECKPOINT_DIR: '/dev/null/nowhere' } });
    await expect
      .poll(async () => (await again.get<Ready>('/ready')).body.parts['audit'])
      .toMatchObject({ ok: false, detail: expect.stringContaining('ENOTDIR') });
    await again.close();
    await t.store.close();
  });
});
