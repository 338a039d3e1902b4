/** Named attacks on signatures and standing grants by whoever can write the store; docs/attacks.md lists them. */
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decisionBytes, type Decision } from '#contract/decision.ts';
import type { Approved, Run } from '#contract/objects.ts';
import { grantHash, type Grant } from '#contract/standing-grant.ts';
import { kidOf } from '#platform/keys.ts';
import { WorkerBench } from '../helpers/worker-bench.ts';

const GRANT = {
  title: 'No-ops',
  envelope: { kinds: ['noop', 'value'], budget: { usd: 1, tokens: 200_000, wall_ms: 3_600_000 }, max_parallel: 100 },
  max_risk: 'medium',
  max_uses: 2,
};
type Key = { kid: string; privateKey: KeyObject; publicHex: string };

function newKey(): Key {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  return { privateKey, kid: kidOf(raw), publicHex: raw.toString('hex') };
}

// verifies: SEC-7, ARC-9
describe('an attack on what is signed', () => {
  let bench: WorkerBench;
  beforeAll(async () => {
    bench = await WorkerBench.start();
  });
  afterAll(() => bench.t.close());

  describe('a forged key ring', () => {
    const signedBy = (decision: Decision, key: Key, kid = key.kid): Decision => ({
      ...decision,
      signatures: [{ kid, signature: sign(null, decisionBytes(decision), key.privateKey).toString('hex') }],
    });

    it('an approval is signed by a key of the attacker', async () => {
      const approved = await bench.approve();
      const run = await bench.start(approved);
      await bench.write('approved', approved.id, { ...approved, decision: signedBy(approved.decision, newKey()) });
      expect(await bench.refusal(run.id, approved.id)).toBe('APPROVAL_INVALID');
    });

    it('an approval is signed by a key that calls itself ours', async () => {
      const approved = await bench.approve();
      const run = await bench.start(approved);
      const ours = approved.decision.signatures[0]?.kid;
      await bench.write('approved', approved.id, { ...approved, decision: signedBy(approved.decision, newKey(), ours) });
      expect(await bench.refusal(run.id, approved.id)).toBe('APPROVAL_INVALID');
    });

    it('a ring with the key of the attacker is put into the store', async () => {
      const approved = await bench.approve();
      const run = await bench.start(approved);
      const key = newKey();
      const ring = { keys: [{ kid: key.kid, public_key: key.publicHex, created_at: 0 }] };
      for (const id of ['key_ring', 'keyring', 'keys']) await bench.write('settings', id, ring);
      await bench.write('approved', approved.id, { ...approved, key_ring: ring.keys, decision: signedBy(approved.decision, key) });
      expect(await bench.refusal(run.id, approved.id)).toBe('APPROVAL_INVALID');
    });
  });

  describe('a standing grant', () => {
    let titles = 0;
    const covered = async (): Promise<{ grant: Grant; approved: Approved; run: Run }> => {
      titles += 1;
      const grant = (await bench.t.post<Grant>('/ops/grants', { ...GRANT, title: `Grant ${titles}` })).body;
      const draft = await bench.draft();
      const { body } = await bench.t.post<{ approved: Approved; run: Run }>(`/ops/drafts/${draft.id}/grant?auto_run=true`, {
        hash: draft.hash,
        grant_id: grant.id,
      });
      return { grant, ...body };
    };

    it('stands behind an approval that says so', async () => {
      const { grant, approved, run } = await covered();
      expect(approved).toMatchObject({
        approved_by: `grant:${grant.id}`,
        decision: { agreement: { grant: { id: grant.id, hash: grantHash(grant) } } },
      });
      expect(await bench.load(run.id, approved.id)).toMatchObject({ ok: true });
    });

    it('is widened in the store', async () => {
      const { grant, approved, run } = await covered();
      await bench.write('grants', grant.id, { ...grant, max_uses: 1000 });
      expect(await bench.refusal(run.id, approved.id)).toBe('APPROVAL_INVALID');
    });

    it('is made longer in the store', async () => {
      const { grant, approved, run } = await covered();
      await bench.write('grants', grant.id, { ...grant, expires_at: '2999-01-01T00:00:00.000Z' });
      expect(await bench.refusal(run.id, approved.id)).toBe('APPROVAL_INVALID');
    });

    it('is taken away, and what it approved goes on', async () => {
      const { grant, approved, run } = await covered();
      await bench.t.store.gics.txn([{ op: 'delete', collection: 'grants', id: grant.id }]);
      expect(await bench.refusal(run.id, approved.id)).toBe('APPROVAL_INVALID');
    });

    it('is ended, and what it approved goes on', async () => {
      const { grant, approved, run } = await covered();
      expect(await bench.load(run.id, approved.id)).toMatchObject({ ok: true });
      expect((await bench.t.ask('DELETE', `/ops/grants/${grant.id}`)).status).toBe(200);
      expect(await bench.begin(run, approved)).toBe('CONFLICT');
      expect(await bench.beginAnew(run, approved)).toBe('APPROVAL_REVOKED');
    });

    it('is said to stand behind what a person approved, so that its approver is hidden', async () => {
      const { grant } = await covered();
      const approved = await bench.approve();
      const run = await bench.start(approved);
      await bench.write('approved', approved.id, { ...approved, approved_by: `grant:${grant.id}` });
      expect(await bench.refusal(run.id, approved.id)).toBe('APPROVAL_INVALID');
    });
  });
});
