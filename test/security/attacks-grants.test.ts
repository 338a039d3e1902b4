/** Named attacks with an approved command or request in other surroundings: its variables, folder, input or method; docs/attacks.md lists them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Approved, Draft, Packet } from '#contract/objects.ts';
import type { Grant } from '#contract/standing-grant.ts';
import { presence, startApp, type Answer, type TestApp } from '../helpers/app.ts';
import { makeToken } from '../helpers/credentials.ts';

const SCRIPT = ['node', 'src/a.js'];
const STATUS = 'https://api.example.org/status';

const planOf = (kind: string, value: object): object => ({ version: 1, title: 'Like yesterday', nodes: [{ id: 'a', kind, with: value }] });

// verifies: SEC-7
describe('an attack inside of a standing grant', () => {
  let t: TestApp;
  let agent: string;
  beforeAll(async () => {
    t = await startApp();
    await t.store.gics.txn([{ op: 'put', collection: 'settings', id: 'worker', value: presence() }]);
    ({ token: agent } = await makeToken(t, 'admin', 'agent', 'A bot'));
  });
  afterAll(() => t.close());

  /** A person grants the like of a plan, an agent asks it for another one. */
  async function granted(read: object, wanted: object): Promise<Answer<{ approved: Approved; detail?: string }>> {
    const seen = (await t.post<Draft>('/ops/drafts', { plan: read })).body;
    const { envelope } = (await t.get<Packet>(`/ops/drafts/${seen.id}/packet`)).body;
    const grant = (await t.post<Grant>('/ops/grants', { title: 'Its like', envelope, max_risk: 'medium' })).body;
    const draft = (await t.ask<Draft>('POST', '/ops/drafts', { token: agent, body: { plan: wanted } })).body;
    return t.ask('POST', `/ops/drafts/${draft.id}/grant`, { token: agent, body: { hash: draft.hash, grant_id: grant.id } });
  }
  const attacked = async (kind: string, read: object, wanted: object): Promise<string> => {
    const { body } = await granted(planOf(kind, read), planOf(kind, wanted));
    return body.detail ?? 'approved';
  };
  const command = (read: object, wanted: object): Promise<string> =>
    attacked('process', { argv: SCRIPT, ...read }, { argv: SCRIPT, ...wanted });

  it('approves the same again, so that the refusals below mean something', async () => {
    const surroundings = { env: { B: '2', A: '1' }, cwd: 'src', stdin: 'text' };
    expect(await command({}, {})).toBe('approved');
    expect(await command(surroundings, { ...surroundings, env: { A: '1', B: '2' } })).toBe('approved');
    expect(await attacked('http', { url: STATUS, method: 'POST' }, { url: STATUS, method: 'POST', body: 'other' })).toBe('approved');
  });

  it('a granted command gets code by a variable of its interpreter', async () => {
    const env = { NODE_OPTIONS: '--import=data:text/javascript,0' };
    expect(await command({}, { env })).toContain('env NODE_OPTIONS=--import=data:text/javascript,0 node src/a.js');
    expect(await command({ env: { CI: '1' } }, { env: { CI: '1', ...env } })).toContain('is not granted');
    expect(await command({ env: { NODE_OPTIONS: '' } }, { env })).toContain('is not granted');
  });

  it('a granted command is another program on another PATH', async () => {
    expect(await command({}, { env: { PATH: './evil:/usr/bin' } })).toContain('env PATH=./evil:/usr/bin node src/a.js');
  });

  it('a granted command is started in another folder', async () => {
    expect(await command({}, { cwd: 'evil' })).toContain('env -C evil node src/a.js');
    expect(await command({ cwd: 'docs' }, {})).toContain('is not granted');
  });

  it('a granted command reads another input', async () => {
    expect(await command({}, { stdin: 'evil' })).toContain('node src/a.js <<< evil');
    expect(await command({ stdin: 'x'.repeat(200_000) }, { stdin: `${'x'.repeat(199_999)}y` })).toContain('is not granted');
  });

  it('a granted request is sent to change something', async () => {
    const wanted = { url: STATUS, method: 'DELETE' };
    expect(await attacked('http', { url: STATUS }, wanted)).toContain('DELETE api.example.org');
    expect(await attacked('http', { url: STATUS, method: 'POST' }, wanted)).toContain('DELETE api.example.org');
  });
});
