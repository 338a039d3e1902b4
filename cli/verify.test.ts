/** `gimo verify` finds what was changed after the fact. The store is answered from memory here: the checks only read. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { auditHeadBytes, chainHash, leafOf } from '#contract/audit-chain.ts';
import { approvalHash, decisionBytes, POLICY_VERSION, type DecisionBody } from '#contract/decision.ts';
import { CHAIN_GENESIS, type Gics, type StreamEntry } from '#contract/gics.ts';
import type { Json, JsonObject } from '#contract/json.ts';
import { MerkleTree } from '#contract/merkle.ts';
import { validatePlan } from '#contract/plan-check.ts';
import { envelopeOf } from '#contract/plan-envelope.ts';
import { approvedFault, checkAudit, checkRecords, decisionFault } from './verify-checks.ts';
import type { NamedHead } from './verify-log.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex');
const RING = [{ kid: '0123456789abcdef', public_key: raw }];

function chain(data: Json[]): StreamEntry[] {
  let prev = CHAIN_GENESIS;
  return data.map((item, index) => {
    const link = { stream: 'audit', offset: index + 1, at: 1000 + index, data: item, prev };
    const entry = { offset: link.offset, at: link.at, key: null, data: item, prev, hash: chainHash(link) };
    prev = entry.hash;
    return entry;
  });
}

function store(entries: StreamEntry[], pageSize = 2): Pick<Gics, 'read' | 'info'> {
  const last = entries.at(-1);
  return {
    info: () => Promise.resolve({ stream: 'audit', first: 1, last: last?.offset ?? 0, hash: last?.hash ?? null }),
    read: <T>(_: string, { from = 1 } = {}) =>
      Promise.resolve(entries.filter((entry) => entry.offset >= from).slice(0, pageSize) as StreamEntry<T>[]),
  };
}

function approvedArtifact(): JsonObject {
  const plan = validatePlan({ version: 1, title: 'T', nodes: [{ id: 'a', kind: 'noop' }] });
  const envelope = envelopeOf(plan);
  const preconditions = { repo: null, base_commit: null };
  const hash = approvalHash({ plan, envelope, policy_version: POLICY_VERSION, preconditions, inputs: {} });
  const at = '2026-01-01T00:00:00.000Z';
  const body: DecisionBody = {
    id: 'x_1',
    subject: 'draft',
    subject_id: 'd_1',
    verdict: 'approve',
    choice: null,
    hash,
    packet_hash: null,
    envelope,
    policy_version: POLICY_VERSION,
    by: 'operator:0123456789ab',
    comment: '',
    at,
    expires_at: at,
    nonce: 'n'.repeat(16),
    agreement: {
      risk: 'low',
      rule: { stages: [{ title: '', role: 'operator', quorum: 1 }], allows_self: true },
      authors: [],
      earlier: [],
    },
  };
  const signature = sign(null, decisionBytes(body), privateKey).toString('hex');
  const decision = { ...body, signatures: [{ kid: '0123456789abcdef', signature }] };
  const record = { id: 'a_1', draft_id: 'd_1', prompt: '', plan, hash, envelope, preconditions, inputs: {}, approved_at: at };
  const rest = { approved_by: body.by, decision, expires_at: at, revoked_at: null, runs_started: 0, max_runs: 1 };
  return JSON.parse(JSON.stringify({ ...record, ...rest })) as JsonObject;
}

const NO_HEADS = { heads: [], ring: RING };

/** A head as the API signs it, over the first entries of a log. */
function headOver(entries: StreamEntry[]): NamedHead {
  const tree = new MerkleTree();
  for (const { hash = '' } of entries) tree.append(leafOf(hash));
  const hash = entries.at(-1)?.hash ?? CHAIN_GENESIS;
  const head = { stream: 'audit', seq: entries.length, hash, root: tree.root(), at: '2026-01-01T00:00:00.000Z' };
  const signature = sign(null, auditHeadBytes(head), privateKey).toString('hex');
  return { name: `head ${head.seq}`, head: { ...head, kid: '0123456789abcdef', signature } };
}

describe('the audit chain', () => {
  it('holds for what was appended, page by page', async () => {
    const entries = chain([1, 2, 3, 4, 5]);
    const heads = [headOver([]), headOver(entries.slice(0, 3)), headOver(entries)];
    expect(await checkAudit(store(entries), { heads, ring: RING })).toEqual([
      { name: 'audit chain', ok: true, count: 5, bad: null },
      { name: 'checkpoints', ok: true, count: 3, bad: null },
    ]);
    expect(await checkAudit(store([]), NO_HEADS)).toMatchObject([{ ok: true, count: 0 }, { ok: true }]);
  });

  it('names the first entry that was changed or is missing', async () => {
    const changed = chain([1, 2, 3]).map((entry) => (entry.offset === 2 ? { ...entry, data: 9 } : entry));
    const [bad] = await checkAudit(store(changed), NO_HEADS);
    expect(bad).toMatchObject({ ok: false, bad: 'entry 2 does not follow from the entries before it' });
    const missing = chain([1, 2, 3, 4]).filter((entry) => entry.offset !== 3);
    expect((await checkAudit(store(missing), NO_HEADS))[0]).toMatchObject({ ok: false, bad: 'entry 3 is missing' });
  });

  it('notices a chain that was written anew below its head', async () => {
    const whole = chain([1, 2, 3]);
    const shown = store(chain([1, 2, 4]));
    expect((await checkAudit({ ...shown, info: store(whole).info }, NO_HEADS))[0]).toMatchObject({ ok: false });
  });

  it('does not belong to a head of what was there before it was written anew, or cut off as a whole', async () => {
    const before = chain([1, 2, 3, 4]);
    const heads = [headOver(before.slice(0, 2)), headOver(before)];
    const checkpoints = async (entries: StreamEntry[], ring = RING): Promise<string | null | undefined> =>
      (await checkAudit(store(entries), { heads, ring }))[1]?.bad;
    expect(await checkpoints(before)).toBeNull();
    expect(await checkpoints(chain([1, 2, 5, 4]))).toBe(
      'head 4: the first 4 entries are not those that it was made over, at 2026-01-01T00:00:00.000Z',
    );
    expect(await checkpoints(before.slice(0, 3))).toMatch(/over 4 entries, and here are 3/);
    expect(await checkpoints(before, [])).toBe('head 2: its signature is by no key of the ring');
  });
});

describe('approved artifacts', () => {
  it('hold when content, hash and signature belong together', () => {
    const artifact = approvedArtifact();
    expect(approvedFault(artifact, RING)).toBeNull();
    expect(decisionFault(artifact['decision'], RING)).toBeNull();
  });

  it.each([
    ['the plan', (artifact: JsonObject) => ({ ...artifact, plan: { ...(artifact['plan'] as JsonObject), title: 'U' } }), /content/],
    ['the inputs', (artifact: JsonObject) => ({ ...artifact, inputs: { n: 1 } }), /content/],
    ['the hash', (artifact: JsonObject) => ({ ...artifact, hash: 'ff'.repeat(32) }), /signed/],
    ['the draft', (artifact: JsonObject) => ({ ...artifact, draft_id: 'd_2' }), /something else/],
    [
      'the decision',
      (artifact: JsonObject) => ({ ...artifact, decision: { ...(artifact['decision'] as JsonObject), comment: 'x' } }),
      /signature/,
    ],
  ])('do not hold when %s was changed', (_, change, fault) => {
    expect(approvedFault(change(approvedArtifact()), RING)).toMatch(fault);
  });

  it('do not hold for a key that is not in the ring', () => {
    expect(approvedFault(approvedArtifact(), [])).toMatch(/signature/);
  });

  it('are checked on every page of the store, and the first bad one is named', async () => {
    const pages = { '': { records: [{ id: 'a_1' }], cursor: 'a_1' }, a_1: { records: [{ id: 'a_2' }], cursor: null } };
    const list = ((_: string, query: { cursor?: string }) =>
      Promise.resolve({
        ...pages[(query.cursor ?? '') as keyof typeof pages],
        records: pages[(query.cursor ?? '') as keyof typeof pages].records.map(({ id }) => ({
          id,
          rev: 1,
          value: { id },
          created_at: 0,
          updated_at: 0,
        })),
      })) as unknown as Gics['list'];
    const fault = (value: JsonObject): string | null => (value['id'] === 'a_2' ? 'is bad' : null);
    expect(await checkRecords({ list }, { name: 'n', collection: 'approved', fault })).toEqual({
      name: 'n',
      ok: false,
      count: 2,
      bad: 'a_2: is bad',
    });
  });
});
