import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ERRORS } from '#contract/error-table.ts';
import { gimo, startTestApi, type Listener, type TestApi } from '../test-api.ts';
import { exitOf, failed, passed, warned } from './check.ts';
import { createPaint } from '../terminal.ts';
import { linesOf } from './doctor-command.ts';
import { nodeCheck, spaceCheck } from './machine-checks.ts';

type Report = { ok: boolean; checks: { name: string; verdict: string; detail: string; hint: string }[] };

const WHOLE = { temporal: true, gics: true, worker: true, sandbox: true, lockdown: true };
const HEALTH = { name: 'local', ok: true, detail: 'it answers', latency_ms: 3, models: ['m'] };
const PROVIDERS = { active: 'local', providers: { local: { type: 'ollama_local', model: 'm', api_key: null, key_set: null } } };

let data: string;
let api: TestApi | null = null;
beforeEach(() => {
  data = mkdtempSync(path.join(tmpdir(), 'gimo-doctor-'));
  mkdirSync(path.join(data, 'keys'));
  writeFileSync(path.join(data, 'keys/tokens.json'), JSON.stringify({ admin: 'admin-token-of-tests' }), { mode: 0o600 });
});
afterEach(async () => {
  await api?.close();
  api = null;
  rmSync(data, { recursive: true });
});

/** An instance whose parts are as stated. */
function instance(parts: Record<string, boolean>, more: Listener = () => undefined): Listener {
  const ready = Object.fromEntries(Object.entries(parts).map(([name, ok]) => [name, { ok, detail: ok ? 'fine' : 'it broke' }]));
  return (request, response) => {
    more(request, response);
    if (response.writableEnded) return;
    const bodies: Record<string, unknown> = {
      '/ready': { ready: parts['gics'] === true, parts: ready },
      '/auth/whoami': { label: 'admin:0123456789ab', role: 'admin', class: 'human', name: null },
      '/ops/provider': PROVIDERS,
      '/ops/provider/health': HEALTH,
    };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(bodies[request.url ?? ''] ?? []));
  };
}

async function examine(listener: Listener): Promise<{ code: number; report: Report }> {
  api = await startTestApi(listener);
  const { code, stdout } = await gimo(['doctor', '--json', '--data', data, '--url', api.url]);
  return { code, report: JSON.parse(stdout) as Report };
}

const verdictOf = ({ checks }: Report, name: string) => checks.find((check) => check.name === name);

describe('gimo doctor', () => {
  it('finds nothing to do where all is well', async () => {
    const { code, report } = await examine(instance(WHOLE));
    expect(code).toBe(0);
    expect(report.checks.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
    expect(report.checks.map(({ name }) => name)).toEqual([
      'node',
      'disk',
      'tokens',
      'port',
      ...Object.keys(WHOLE),
      'clock',
      'credential',
      'providers',
    ]);
  });

  it.each(['temporal', 'gics', 'worker'])(
    'ends with the class of an outage when %s does not answer, and says where to look',
    async (part) => {
      const { code, report } = await examine(instance({ ...WHOLE, [part]: false }));
      expect(code).toBe(6);
      expect(verdictOf(report, part)).toMatchObject({ verdict: 'failed', detail: 'it broke', hint: expect.stringContaining('log') });
    },
  );

  it('only warns of a missing sandbox', async () => {
    const { code, report } = await examine(instance({ ...WHOLE, sandbox: false }));
    expect(code).toBe(0);
    expect(verdictOf(report, 'sandbox')).toMatchObject({ verdict: 'warning', hint: expect.stringContaining('bubblewrap') });
  });

  it('ends with the class of a refusal when the token is not taken, or when others can read it', async () => {
    const { status, sentence, hint } = ERRORS.UNAUTHENTICATED;
    const problem = { type: 'about:blank', title: sentence, status, detail: sentence, code: 'UNAUTHENTICATED', hint, correlation_id: '' };
    const { code, report } = await examine(
      instance(WHOLE, ({ url }, response) => void (url === '/auth/whoami' && response.writeHead(status).end(JSON.stringify(problem)))),
    );
    expect(code).toBe(3);
    expect(verdictOf(report, 'credential')).toMatchObject({ verdict: 'failed', detail: sentence, hint });
    chmodSync(path.join(data, 'keys/tokens.json'), 0o644);
    const { stdout } = await gimo(['doctor', '--json', '--data', data, '--url', api?.url ?? '']);
    expect(verdictOf(JSON.parse(stdout) as Report, 'tokens')).toMatchObject({
      verdict: 'failed',
      hint: expect.stringContaining('chmod 600'),
    });
  });

  it('says that nothing runs, and that another program has the port', async () => {
    const { code, report } = await examine((_request, response) => response.writeHead(200).end('something else'));
    expect(code).toBe(6);
    expect(verdictOf(report, 'port')).toMatchObject({ verdict: 'failed', detail: expect.stringContaining('taken by another program') });
    expect(verdictOf(report, 'instance')).toMatchObject({ detail: 'GIMO is not running: npm start' });
  });

  it('warns of a provider that does not answer', async () => {
    const silent = { ...HEALTH, ok: false, detail: 'connection refused' };
    const listener = instance(
      WHOLE,
      ({ url }, response) =>
        void (
          url === '/ops/provider/health' && response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(silent))
        ),
    );
    const { code, report } = await examine(listener);
    expect(code).toBe(0);
    expect(verdictOf(report, 'providers')).toMatchObject({ verdict: 'warning', detail: 'local does not answer: connection refused' });
  });

  it('notices clocks that differ and a provider without its key', async () => {
    const late = (_request: unknown, response: { setHeader: (name: string, value: string) => unknown }): void =>
      void response.setHeader('date', new Date(Date.now() - 3_600_000).toUTCString());
    const listener = instance(WHOLE, ({ url }, response) => {
      late(null, response);
      const entry = { type: 'openai', model: 'm', api_key: '${OPENAI_API_KEY}', key_set: false };
      if (url === '/ops/provider')
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ active: 'x', providers: { x: entry } }));
    });
    const { code, report } = await examine(listener);
    expect(code).toBe(0);
    expect(verdictOf(report, 'clock')).toMatchObject({
      verdict: 'warning',
      detail: expect.stringMatching(/the instance is 3\d{3} s behind/),
    });
    expect(verdictOf(report, 'providers')).toMatchObject({ verdict: 'warning', detail: expect.stringContaining('OPENAI_API_KEY') });
  });
});

describe('verdicts', () => {
  it('an old Node and a full disk fail, a nearly full disk is a warning', () => {
    expect(nodeCheck('v22.1.0')).toMatchObject({ verdict: 'failed', hint: expect.stringContaining('npm start') });
    expect(nodeCheck('v24.0.0').verdict).toBe('ok');
    expect([10, 500, 5000].map((free) => spaceCheck('/data', free).verdict)).toEqual(['failed', 'warning', 'ok']);
  });

  it('with much to say go on below, no wider than the terminal', () => {
    const paint = createPaint(false);
    const lines = linesOf(
      [passed('sandbox', `fence: ${'no network, '.repeat(30)}end`), warned('disk', 'full', 'Free some space.')],
      paint,
      80,
    );
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    expect(lines[1]).toMatch(/^ {18}n\S/);
    expect(lines.at(-1)).toBe(`${' '.repeat(18)}Free some space.`);
  });

  it('the exit code is that of the first failure, and warnings have none', () => {
    expect(exitOf([passed('a', ''), warned('b', '', '')])).toBe(0);
    expect(exitOf([failed('a', '', '', 6), failed('b', '', '', 3)])).toBe(6);
  });
});
