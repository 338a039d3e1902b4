/** The command as a process, against a real HTTP server. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ERRORS } from '#contract/error-table.ts';
import { type ErrorCode } from '#contract/errors.ts';
import { bodyOf, gimo, startTestApi, type Listener, type TestApi } from './test-api.ts';

const open: TestApi[] = [];
const folders: string[] = [];
const RUN = 'r_01J8ZC5V3N9Q2T4W6Y8B0D2F4H';

afterEach(async () => {
  for (const api of open.splice(0)) await api.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function api(listener: Listener): Promise<TestApi> {
  const started = await startTestApi(listener);
  open.push(started);
  return started;
}

function problem(code: ErrorCode, more: object = {}): string {
  const { status, sentence, hint } = ERRORS[code];
  return JSON.stringify({ type: 'about:blank', title: sentence, status, detail: sentence, code, hint, correlation_id: 'c_1', ...more });
}

function dataDir(tokens: object): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'gimo-cli-'));
  folders.push(folder);
  mkdirSync(path.join(folder, 'keys'));
  writeFileSync(path.join(folder, 'keys', 'tokens.json'), JSON.stringify(tokens));
  return folder;
}

describe('exit codes', () => {
  it.each([
    ['UNAUTHENTICATED', 3],
    ['DRAFT_NOT_RUNNABLE', 3],
    ['NOT_FOUND', 4],
    ['RUN_NOT_ACTIVE', 5],
    ['HASH_REQUIRED', 5],
    ['GICS_UNAVAILABLE', 6],
    ['INTERNAL', 1],
  ] as const)('a problem document %s ends with %i and says sentence, code and hint', async (code, exitCode) => {
    const { url } = await api((_, response) => response.writeHead(ERRORS[code].status).end(problem(code)));
    const outcome = await gimo(['runs', 'get', RUN, '--url', url, '--token', 'a-token-by-hand']);
    expect(outcome).toEqual({
      code: exitCode,
      stdout: '',
      stderr: `${ERRORS[code].sentence}\n  ${code}, correlation id c_1\n  ${ERRORS[code].hint}\n`,
    });
  });

  it.each([
    [['nonsense'], "unknown command 'nonsense'"],
    [['completion', 'powershell'], "'powershell' is invalid"],
    [['runs', 'list', '--nonsense'], "unknown option '--nonsense'"],
    [['completion'], 'Which shell? bash, zsh, fish'],
    [['runs', 'skip', 'r_1', 'report', '--token', 't', '--url', 'http://127.0.0.1:1'], 'give its fields as options (--reason)'],
  ])('wrong usage ends with 2, and is a problem document with --json: %j', async (args, sentence) => {
    const { code, stdout, stderr } = await gimo([...args, '--json']);
    expect([code, stderr]).toEqual([2, expect.stringContaining(sentence)]);
    expect(JSON.parse(stdout)).toMatchObject({ status: 400, code: 'BAD_REQUEST', detail: expect.stringContaining(sentence) });
  });

  it('a group without one of its commands shows those there are, and is a problem document with --json', async () => {
    const { code, stdout, stderr } = await gimo(['cost', '--json']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('budgets')]);
    expect(JSON.parse(stdout)).toMatchObject({ code: 'BAD_REQUEST', detail: expect.stringContaining('A command is missing') });
  });

  it.each([true, false])('of a check say whether the plan is valid: %s', async (valid) => {
    const answer = JSON.stringify({ valid, faults: [], findings: [], envelope: null });
    const { url } = await api((_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(answer));
    for (const more of [[], ['--json']]) {
      const args = ['drafts', 'validate', '--plan', '{}', '--url', url, '--token', 'a-token-by-hand', ...more];
      expect((await gimo(args)).code).toBe(valid ? 0 : 1);
    }
  });

  it('faults are printed with node and path before everything but the sentence, and as JSON on stdout with --json', async () => {
    const faults = [
      { node: 'a', path: 'nodes[0].kind', code: 'UNKNOWN_KIND', message: 'there is no such kind' },
      { node: null, path: 'titel', code: 'UNKNOWN_FIELD', message: 'there is no such field' },
    ];
    const detail = 'The plan has 2 faults. First: node `a`, nodes[0].kind: there is no such kind.';
    const { url } = await api((_, response) => response.writeHead(400).end(problem('PLAN_INVALID', { faults, detail })));
    const outcome = await gimo(['drafts', 'create', '--prompt', 'x', '--json', '--url', url, '--token', 'a-token-by-hand']);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr.split('\n')).toEqual([
      'The plan has 2 faults:',
      '  node a, nodes[0].kind: there is no such kind (UNKNOWN_KIND)',
      '  titel: there is no such field (UNKNOWN_FIELD)',
      `  ${ERRORS.PLAN_INVALID.hint}`,
      '  PLAN_INVALID, correlation id c_1',
      '',
    ]);
    expect(JSON.parse(outcome.stdout)).toMatchObject({ code: 'PLAN_INVALID', faults });
  });

  it('a fault that stands in the sentence already is not told twice', async () => {
    const faults = [{ node: null, path: 'path.id', code: 'INVALID_FORMAT', message: 'must look like r_<26 characters>' }];
    const detail = 'The request is not valid: path.id must look like r_<26 characters>.';
    const { url } = await api((_, response) => response.writeHead(400).end(problem('BAD_REQUEST', { faults, detail })));
    const { stderr } = await gimo(['runs', 'get', 'r_nope', '--url', url, '--token', 'a-token-by-hand']);
    expect(stderr).toBe(`${detail}\n  BAD_REQUEST, correlation id c_1\n  ${ERRORS.BAD_REQUEST.hint}\n`);
  });

  it('nobody at the address ends with 6 and says how to start', async () => {
    const gone = await startTestApi(() => {});
    await gone.close();
    const outcome = await gimo(['status', '--url', gone.url, '--token', 'a-token-by-hand']);
    expect(outcome).toMatchObject({ code: 6, stdout: '' });
    expect(outcome.stderr).toBe(`GIMO is not running: npm start\n  Nothing answers at ${gone.url}, the address of --url or GIMO_URL.\n`);
  });

  it('nothing started on the data directory says which one was looked at and how to name another', async () => {
    const gone = await startTestApi(() => {});
    await gone.close();
    const data = dataDir({});
    const { port } = new URL(gone.url);
    const hint = `Nothing was started on the data directory ${data}, and nothing answers at ${gone.url}. Elsewhere: --data DIR or --url ADDRESS.`;
    const outcome = await gimo(['runs', 'list', '--json', '--data', data], { GIMO_PORT: port });
    expect(outcome).toMatchObject({ code: 6, stderr: `GIMO is not running: npm start\n  ${hint}\n` });
    expect(JSON.parse(outcome.stdout)).toMatchObject({ code: 'UNAVAILABLE', hint });
  });

  it.each([[['nothing-like-this']], [['runs', 'get']], [['runs', 'list', '--limit', 'x', '--token', 't']], [['run', 'no-such-file.yaml']]])(
    'wrong usage %j ends with 2',
    async (args) => {
      expect(await gimo(args)).toMatchObject({ code: 2, stdout: '' });
    },
  );

  it('a verb that does not exist lists nothing but says where the verbs stand', async () => {
    const outcome = await gimo(['runs', 'lits', '--token', 't']);
    expect(outcome).toEqual({ code: 2, stdout: '', stderr: '`lits` means nothing here: gimo runs --help lists the commands.\n' });
  });

  it('help ends with 0 and stands on stdout', async () => {
    expect(await gimo(['gates', 'approve', '--help'])).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('calls', () => {
  it('carry path, query, body and an Idempotency-Key, and print the answer as JSON', async () => {
    const seen: unknown[] = [];
    const { url } = await api(async (request, response) => {
      const { method, headers } = request;
      seen.push({ method, url: request.url, body: await bodyOf(request), key: typeof headers['idempotency-key'] });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"approved":{},"run":null}');
    });
    const HASH = 'a'.repeat(64);
    const args = [
      'drafts',
      'approve',
      'd_1',
      '--hash',
      HASH,
      '--auto-run',
      'false',
      '--comment',
      'fine',
      '--inputs',
      'n=3',
      '--inputs',
      'w=a b',
    ];
    const outcome = await gimo([...args, '--json', '--url', url, '--token', 'a-token-by-hand']);
    expect(outcome).toEqual({ code: 0, stdout: '{"approved":{},"run":null}\n', stderr: '' });
    const body = { hash: HASH, comment: 'fine', inputs: { n: 3, w: 'a b' } };
    expect(seen).toEqual([{ method: 'POST', url: '/ops/drafts/d_1/approve?auto_run=false', body, key: 'string' }]);
  });

  it('use the least token of the data directory that the route names, and a greater one only when that is refused', async () => {
    const seen: (string | undefined)[] = [];
    const { url } = await api((request, response) => {
      seen.push(request.headers.authorization);
      if (request.headers.authorization === 'Bearer the-admin-token')
        response.writeHead(201, { 'content-type': 'application/json' }).end('{}');
      else response.writeHead(403).end(problem('FORBIDDEN'));
    });
    const data = dataDir({ admin: 'the-admin-token', operator: 'the-operator-token', actions: 'the-actions-token' });
    expect(await gimo(['generate', '--prompt', 'x', '--url', url, '--data', data])).toMatchObject({ code: 0 });
    expect(seen).toEqual(['Bearer the-operator-token', 'Bearer the-admin-token']);
  });

  it('take a whole body from a file, next to the data directory', async () => {
    const seen: unknown[] = [];
    const { url } = await api(async (request, response) => {
      seen.push({ token: request.headers.authorization, body: await bodyOf(request) });
      response.writeHead(201, { 'content-type': 'application/json' }).end('{}');
    });
    const data = dataDir({ admin: 'the-admin-token' });
    const body = path.join(data, 'body.yaml');
    writeFileSync(body, 'prompt: from the file\n');
    expect(await gimo(['--data', data, 'drafts', 'create', '--body', body, '--url', url])).toMatchObject({ code: 0 });
    expect(seen).toEqual([{ token: 'Bearer the-admin-token', body: { prompt: 'from the file' } }]);
  });

  it.each(['drafts', 'approved', 'runs', 'gates'])('%s alone lists, with the options of its list', async (group) => {
    const seen: unknown[] = [];
    const { url } = await api((request, response) => {
      seen.push(request.url);
      response.writeHead(200, { 'content-type': 'application/json' }).end('[]');
    });
    const by = ['--url', url, '--token', 'a-token-by-hand'];
    expect(await gimo([group, ...by])).toEqual({ code: 0, stdout: 'none\n', stderr: '' });
    expect(await gimo([group, '--limit', '3', ...by])).toMatchObject({ code: 0 });
    expect(seen).toEqual([`/ops/${group}`, `/ops/${group}?limit=3`]);
  });

  it('tell where a list goes on', async () => {
    const { url } = await api((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', link: '</ops/runs?limit=1&cursor=abc>; rel="next"' });
      response.end('[{"id":"r_1","status":"done"}]');
    });
    const outcome = await gimo(['runs', 'list', '--limit', '1', '--url', url, '--token', 'a-token-by-hand']);
    expect(outcome).toEqual({ code: 0, stdout: 'id   status\nr_1  done\n', stderr: 'There is more: --cursor abc\n' });
  });
});
