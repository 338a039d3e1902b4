/** The calls that people type: real API process, real storage, real curl. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Approved, Draft, Run } from '#contract/objects.ts';
import { choosePort } from '#supervisor/ports.ts';
import { TOKENS } from '#test/helpers/app.ts';
import { startGics, type TestGics } from '#test/helpers/gics.ts';
import { makeRepo } from '#test/helpers/repo.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

/** Reads until the other side ends, in whatever way. */
async function drain(reader: ReadableStreamDefaultReader<Uint8Array> | undefined): Promise<void> {
  try {
    while ((await reader?.read())?.done === false);
  } catch {
    // the connection was cut, which is an end too
  }
}

describe('curl', () => {
  let store: TestGics;
  let api: ChildProcess;
  let port: number;
  const startApi = async (): Promise<ChildProcess> => {
    const env = {
      PATH: process.env['PATH'],
      GIMO_DATA_DIR: store.paths.data,
      GIMO_REPO: path.join(store.dir, 'repo'),
      GIMO_PORT: String(port),
      GIMO_TEMPORAL_ADDRESS: '127.0.0.1:1',
      ORCH_ADMIN_TOKEN: TOKENS.admin,
      ORCH_OPERATOR_TOKEN: TOKENS.operator,
      ORCH_ACTIONS_TOKEN: TOKENS.actions,
    };
    const child = spawn(process.execPath, [path.join(ROOT, 'api/main.ts')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: child.stdout })) if (line.includes('"ready":true')) break;
    child.stdout.resume();
    return child;
  };
  /** One line as in a shell. Out: the status and the body. */
  const curl = async (line: string): Promise<{ status: number; text: string }> => {
    const command = `curl -s -w '\\n%{http_code}' ${line.replaceAll('localhost:9325', `localhost:${port}`)}; true`;
    const { stdout } = await run('sh', ['-c', command], { env: { PATH: process.env['PATH'], TOKEN: TOKENS.admin } });
    const cut = stdout.lastIndexOf('\n');
    return { status: Number(stdout.slice(cut + 1)), text: stdout.slice(0, cut) };
  };
  const stop = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (api.exitCode !== null || api.signalCode !== null) return api.exitCode;
    const exit = once(api, 'exit');
    api.kill(signal);
    await exit;
    return api.exitCode;
  };
  beforeAll(async () => {
    store = await startGics();
    makeRepo(path.join(store.dir, 'repo'));
    port = await choosePort(null);
    api = await startApi();
  });
  afterAll(async () => {
    await stop('SIGTERM');
    await store.close();
  });

  // verifies: API-11, API-4, API-5
  it('does what the plan of the runtime says, word for word', async () => {
    expect((await curl('-H "Authorization: Bearer $TOKEN" http://localhost:9325/ops/plan')).status).toBe(200);
    const created = await curl(`-X POST -H "Authorization: Bearer $TOKEN" -d '{"prompt":"refactor X"}' http://localhost:9325/ops/drafts`);
    expect(created.status).toBe(201);
    const draft = JSON.parse(created.text) as Draft;
    const approve = `-X POST -H "Authorization: Bearer $TOKEN" http://localhost:9325/ops/drafts/${draft.id}/approve`;
    expect((await curl(approve)).status).toBe(200);
    const listed = await curl('-H "Authorization: Bearer $TOKEN" http://localhost:9325/ops/approved');
    const [approved] = JSON.parse(listed.text) as Approved[];
    expect(approved).toMatchObject({ id: expect.stringMatching(/^a_/), draft_id: draft.id });
    const generated = await curl(
      `-X POST -H "Authorization: Bearer $TOKEN" -d '{"prompt":"analyze this code"}' http://localhost:9325/ops/generate`,
    );
    expect(generated.status).toBe(201);
    const switched = await curl(`-X PUT -H "Authorization: Bearer $TOKEN" -d '{"active":"lm_studio"}' http://localhost:9325/ops/provider`);
    expect(switched.status).toBe(200);
    const started = await curl(
      `-X POST -H "Authorization: Bearer $TOKEN" -d '{"approved_id":"${approved?.id}"}' http://localhost:9325/ops/runs`,
    );
    expect(started.status).toBe(201);
    const { run_id: runId } = JSON.parse(started.text) as Run;
    const read = await curl(`-H "Authorization: Bearer $TOKEN" http://localhost:9325/ops/runs/${runId}`);
    expect(JSON.parse(read.text)).toMatchObject({ status: 'pending', log: [] });
    const refused = await curl(
      `-X POST -H "Authorization: Bearer $TOKEN" -d '{"approved_id":"${draft.id}"}' http://localhost:9325/ops/runs`,
    );
    expect(refused.status).toBe(403);
  });

  it('loses nothing that it answered when it is killed', async () => {
    const created = await curl(`-X POST -H "Authorization: Bearer $TOKEN" -d '{"prompt":"kept"}' http://localhost:9325/ops/drafts`);
    const { id } = JSON.parse(created.text) as Draft;
    await stop('SIGKILL');
    api = await startApi();
    expect((await curl(`-H "Authorization: Bearer $TOKEN" http://localhost:9325/ops/drafts/${id}`)).status).toBe(200);
  });

  it('refuses bytes that are no HTTP, and goes on', async () => {
    expect(
      (
        await curl(
          '-X POST -H "Authorization: Bearer $TOKEN" -H "Content-Length: 5" -d "{}x" --max-time 1 http://localhost:9325/ops/drafts || true',
        )
      ).status,
    ).toBeLessThan(500);
    expect((await curl('http://localhost:9325/%ff%zz')).status).toBe(400);
    expect((await curl('http://localhost:9325/health')).status).toBe(200);
  });

  it('stops cleanly on SIGTERM with a stream open', async () => {
    const [started] = JSON.parse((await curl('-H "Authorization: Bearer $TOKEN" http://localhost:9325/ops/runs')).text) as Run[];
    const headers = { authorization: `Bearer ${TOKENS.admin}` };
    const stream = await fetch(`http://localhost:${port}/ops/runs/${started?.id}/events`, { headers });
    const reader = stream.body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe(': open\n\n');
    expect(await stop('SIGTERM')).toBe(0);
    await expect(drain(reader)).resolves.toBeUndefined();
    api = await startApi();
  });
});
