import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeInstance, type Instance } from '#platform/instance.ts';
import { processStartTime } from '#platform/processes.ts';
import { ApiClient } from './api-client.ts';
import { EXIT, STARTING_HINT } from './failure.ts';
import { StartWatch } from './start-watch.ts';
import { gimo, startTestApi, type TestApi } from './test-api.ts';

let data: string;
let port: number;
let api: TestApi | null;
beforeEach(async () => {
  data = mkdtempSync(path.join(tmpdir(), 'gimo-starting-'));
  mkdirSync(path.join(data, 'ops'));
  const gone = await startTestApi(() => {});
  port = Number(new URL(gone.url).port);
  await gone.close();
  api = null;
});
afterEach(async () => {
  await api?.close();
  rmSync(data, { recursive: true });
});

const file = (): string => path.join(data, 'ops/instance.json');
/** What `npm start` writes while it begins; this process plays it. */
function write(change: Partial<Instance> = {}): void {
  const url = `http://127.0.0.1:${port}`;
  const ready = { pid: 1, start_time: 'x', state: 'ready' as const, restarts: 0, since: 0, last_exit: null };
  const temporal = { temporal_address: '', temporal_port: null, temporal_ui_port: null, temporal_ui: null };
  const own = { pid: process.pid, start_time: processStartTime(process.pid) ?? '', started_at: Date.now() };
  writeInstance(file(), {
    ...own,
    ...temporal,
    url,
    host: '127.0.0.1',
    port,
    repo: '/',
    is_up: false,
    parts: { gics: ready, worker: { ...ready, state: 'starting' } },
    ...change,
  });
}

it('a call waits for an instance that is starting, says so once, and is answered when it is up', async () => {
  write();
  const said: string[] = [];
  const keys: unknown[] = [];
  const onWait = (sentence: string): void => {
    said.push(sentence);
    void startTestApi((request, response) => {
      keys.push(request.headers['idempotency-key']);
      response.writeHead(201, { 'content-type': 'application/json' }).end('{"id":"d_1"}');
    }, port).then((started) => {
      api = started;
      write({ is_up: true });
    });
  };
  const settings = { url: `http://127.0.0.1:${port}`, tokens: [{ role: null, token: 't' }], start: new StartWatch(file()) };
  const { data: draft } = await new ApiClient(settings, { onWait }).call('drafts_create', { body: { prompt: 'x' } });
  expect(draft).toMatchObject({ id: 'd_1' });
  expect(said).toEqual([expect.stringMatching(/^GIMO is starting, for \d+ s now; ready: gics\. Waiting for it …$/)]);
  expect(keys).toEqual([expect.any(String)]);
});

it('a start that ends before it is up is no longer waited for', async () => {
  write();
  const onWait = (): void => write({ pid: 1, start_time: 'another process' });
  expect(await new StartWatch(file()).untilUp(onWait)).toBe(false);
});

it('who asks how things stand, or has the machine looked at, is told that it is starting and waits for nothing', async () => {
  write({ parts: {} });
  const ready = await gimo(['ready', '--data', data]);
  expect(ready).toEqual({
    code: EXIT.unavailable,
    stdout: '',
    stderr: expect.stringMatching(/^GIMO is starting, for \d+ s now\.\n {2}Try again when `npm start` says that it is up\.\n$/),
  });
  const doctor = await gimo(['doctor', '--json', '--data', data]);
  const found = (JSON.parse(doctor.stdout) as { checks: { name: string }[] }).checks.find(({ name }) => name === 'instance');
  expect(found).toMatchObject({ verdict: 'failed', detail: expect.stringMatching(/^GIMO is starting/), hint: STARTING_HINT });
});
