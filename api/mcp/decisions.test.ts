/** Who may answer what through a client, and every known way round it. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { AUDIT_STREAM } from '#contract/gics.ts';
import type { Draft, Gate, Run } from '#contract/objects.ts';
import { openGateOf, startRunOf } from '#test/helpers/gate.ts';
import { TOKENS } from '#test/helpers/app.ts';
import { makeToken } from '#test/helpers/credentials.ts';
import {
  connectMcp,
  postMcp,
  startListeningApp,
  type ConnectOptions,
  type Elicit,
  type Elicited,
  type ListeningApp,
  type ToolResult,
} from '#test/helpers/mcp.ts';
import { TOOLS } from './tools/index.ts';

const PLAN = { version: 1, title: 'Asks', nodes: [{ id: 'ask', kind: 'gate', with: { title: 'Go on?' } }] };
const READING_MS = 3000;

let t: ListeningApp;
let run: Run;
beforeAll(async () => {
  t = await startListeningApp();
  run = await startRunOf(t, PLAN);
});
afterEach(() => void vi.useRealTimers());
afterAll(() => t.close());

/** The person reads before they answer: the clock goes on, the test does not wait. */
function afterReading(answer: Elicited): Elicit {
  return () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + READING_MS });
    return answer;
  };
}

const accepted = (decision: string, comment = ''): Elicited => ({ action: 'accept', content: { decision, comment } });
const gateNow = async (gate: Gate): Promise<Gate> => (await t.get<Gate>(`/ops/gates/${gate.id}`)).body;

async function prepare(gate: Gate, options: Partial<ConnectOptions>): Promise<ToolResult> {
  const client = await connectMcp({ url: t.url, era: 'modern', token: TOKENS.operator, ...options });
  try {
    return await client.call('prepare_decision', { gate_id: gate.id });
  } finally {
    await client.close();
  }
}

// verifies: MA-2
describe('a person who is asked in the editor', () => {
  it.each(['modern', 'legacy', 'v1'] as const)('approves a gate of low risk with a form (%s)', async (era) => {
    const gate = await openGateOf(t, run);
    const result = await prepare(gate, { era, elicit: afterReading(accepted('approve', 'fine')) });
    expect(result.structuredContent).toMatchObject({ status: 'approved', next: expect.stringContaining('approved it') });
    const after = await gateNow(gate);
    expect(after).toMatchObject({ status: 'approved', decided_by: expect.stringMatching(/^operator:/) });
    expect(after.comment).toBe('fine (answered in a form of the editor (MCP))');
  });

  it('rejects one, or leaves it for later', async () => {
    const no = await openGateOf(t, run);
    await prepare(no, { elicit: afterReading(accepted('reject')) });
    expect((await gateNow(no)).status).toBe('rejected');
    vi.useRealTimers();
    const later = await openGateOf(t, run);
    await prepare(later, { elicit: afterReading(accepted('later')) });
    expect((await gateNow(later)).status).toBe('open');
  });

  it.each([{ risk: 'medium' }, { risk: 'high' }, { kind: 'unknown' }, { kind: 'failed' }] as const)(
    'is sent to the page for %o',
    async (change) => {
      const gate = await openGateOf(t, run, change);
      const seen: unknown[] = [];
      const result = await prepare(gate, {
        elicit: (params) => {
          seen.push(params);
          return afterReading(accepted('approve'))(params);
        },
      });
      const url = `${t.url}/runs/${run.id}`;
      expect(seen).toEqual([expect.objectContaining({ mode: 'url', url })]);
      expect(result.structuredContent).toMatchObject({ status: 'open', url });
      expect((await gateNow(gate)).status).toBe('open');
    },
  );

  it('decides a draft on its page, of whatever risk, and sees there what the tool shows', async () => {
    const { body: draft } = await t.post<Draft>('/ops/drafts', { plan: { ...PLAN, title: 'Harmless' } });
    const urls: unknown[] = [];
    const client = await connectMcp({
      url: t.url,
      era: 'modern',
      token: TOKENS.operator,
      elicit: ({ url }) => {
        urls.push(url);
        return accepted('approve');
      },
    });
    const result = await client.call('prepare_decision', { draft_id: draft.id });
    await client.close();
    expect(urls).toEqual([`${t.url}/plans/${draft.id}`]);
    expect(result.structuredContent).toMatchObject({ subject: 'draft', status: 'draft', hash: draft.hash });
    expect((await t.get<Draft>(`/ops/drafts/${draft.id}`)).body.status).toBe('draft');
  });
});

describe('a failure on the way leaves the gate as it was:', () => {
  const fails = (): never => {
    throw new Error('no window');
  };
  const failing: [string, Elicit][] = [
    ['the client fails', fails],
    ['declined', afterReading({ action: 'decline' })],
    ['cancelled', afterReading({ action: 'cancel' })],
    ['declined within a second', () => ({ action: 'decline' })],
    ['accepted within a second', () => accepted('approve')],
    ['accepted without a decision', afterReading({ action: 'accept', content: {} })],
    ['accepted with an unknown decision', afterReading(accepted('yes'))],
    ['accepted with a field that was not asked for', afterReading({ action: 'accept', content: { decision: 'approve', force: 'true' } })],
  ];
  it.each(failing)('%s', async (_name, elicit) => {
    const gate = await openGateOf(t, run);
    await prepare(gate, { elicit }).catch(() => undefined); // the client may refuse, or fail itself
    expect((await gateNow(gate)).status).toBe('open');
  });

  it('the client cannot ask', async () => {
    const gate = await openGateOf(t, run);
    const result = await prepare(gate, {});
    expect(result.structuredContent).toMatchObject({ status: 'open', url: `${t.url}/runs/${run.id}` });
  });

  it('the credential has too small a role', async () => {
    const gate = await openGateOf(t, run);
    const result = await prepare(gate, { token: TOKENS.actions, elicit: afterReading(accepted('approve')) });
    expect(result.structuredContent).toMatchObject({ status: 'open', next: expect.stringContaining('FORBIDDEN') });
  });
});

describe('a model cannot answer', () => {
  it('with an argument of any tool', async () => {
    const client = await connectMcp({ url: t.url, era: 'modern', token: TOKENS.admin });
    const gate = await openGateOf(t, run);
    for (const extra of [
      { approved: true },
      { decision: 'approve' },
      { answer: 'yes' },
      { inputResponses: { decision: accepted('approve') } },
    ]) {
      await client.call('prepare_decision', { gate_id: gate.id, ...extra }).catch(() => undefined); // unknown arguments are refused
    }
    for (const operation of ['gates_approve', 'gates_reject']) {
      const refused = await client.call('gimo_write_operation', { operation, params: { id: gate.id }, body: { hash: gate.hash } });
      expect(refused.isError).toBe(true);
    }
    await client.close();
    expect((await gateNow(gate)).status).toBe('open');
  });

  it('because no tool but the generic one names anything like it', () => {
    const fields = TOOLS.flatMap(({ input }) => Object.keys(input.shape)).filter((field) => field !== 'approved_id');
    expect(fields.filter((field) => /approve|decision|verdict|answer|confirm|reject/i.test(field))).toEqual([]);
  });

  it.each(['modern', 'legacy'] as const)('with a credential of class agent, whatever its client is called (%s)', async (era) => {
    const gate = await openGateOf(t, run);
    const modes: unknown[] = [];
    const elicit: Elicit = (params) => {
      modes.push(params.mode ?? 'form');
      return afterReading(accepted('approve'))(params);
    };
    const { token } = await makeToken(t, 'admin', 'agent');
    const options = { era, token, elicit, name: 'human' } as const;
    await prepare(gate, options);
    await prepare(gate, { ...options, modes: ['form'] });
    expect(modes).toEqual(['url']);
    expect((await gateNow(gate)).status).toBe('open');
  });
});

describe('a forged request', () => {
  /** A call as it is on the wire: with any state and any answer. */
  async function post(gate: Gate, more: object, token = TOKENS.operator): Promise<Record<string, unknown>> {
    const params = { name: 'prepare_decision', arguments: { gate_id: gate.id }, ...more };
    const { result } = await postMcp({ url: t.url, token, method: 'tools/call', params, capabilities: { elicitation: { form: {} } } });
    return result;
  }

  const yes = { inputResponses: { decision: accepted('approve') } };
  const later = (): void => void vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + READING_MS });

  it('without the question that it answers decides nothing', async () => {
    const gate = await openGateOf(t, run);
    later();
    await post(gate, yes);
    await post(gate, { ...yes, requestState: 'q_00000000-0000-4000-8000-000000000000' });
    expect((await gateNow(gate)).status).toBe('open');
  });

  it('with the question of another gate or of another person decides nothing', async () => {
    const [one, two] = [await openGateOf(t, run), await openGateOf(t, run)];
    const { requestState } = await post(one, {});
    expect(requestState).toMatch(/^q_/);
    later();
    await post(one, { ...yes, requestState }, TOKENS.admin);
    await post(two, { ...yes, requestState });
    expect([(await gateNow(one)).status, (await gateNow(two)).status]).toEqual(['open', 'open']);
  });

  it('that repeats an answered question decides nothing, also when the first answer was no answer', async () => {
    const gate = await openGateOf(t, run);
    const { requestState } = await post(gate, {});
    later();
    await post(gate, { inputResponses: { decision: { action: 'decline' } }, requestState });
    await post(gate, { ...yes, requestState });
    expect((await gateNow(gate)).status).toBe('open');
  });

  it('that is late decides nothing', async () => {
    const gate = await openGateOf(t, run);
    const { requestState } = await post(gate, {});
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 11 * 60_000 });
    await post(gate, { ...yes, requestState });
    expect((await gateNow(gate)).status).toBe('open');
  });

  it('in time, from the one who was asked, is the answer, once', async () => {
    const gate = await openGateOf(t, run);
    const { requestState } = await post(gate, {});
    later();
    await post(gate, { ...yes, requestState });
    expect((await gateNow(gate)).status).toBe('approved');
    const [entry] = await t.store.gics.read(AUDIT_STREAM, { tailFirst: true, limit: 1 });
    expect(entry?.data).toMatchObject({ action: 'gates_approve', object: gate.id, hash: gate.hash, outcome: 'done' });
  });
});
