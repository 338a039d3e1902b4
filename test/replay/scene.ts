/** What scenes are made of: a real instance, a mock of a model, a server, and the verbs of a person. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { LLMock } from '@copilotkit/aimock';
import type { Gate, GraphNode, Run } from '#contract/objects.ts';
import { createDataConverter } from '#platform/data-converter.ts';
import { signalProcess } from '#platform/processes.ts';
import { connectTemporal, type TemporalAccess } from '#platform/temporal.ts';
import { startStack, type Stack } from '../helpers/stack.ts';
import { until } from '../helpers/until.ts';

const WAIT = { timeout: 60_000 };

/** Does something with runs. Out: the ids of the workflows to keep. Waits: for their end. */
export type Act = (tools: Tools) => Promise<string[]>;
/** `env`: how the instance is started; scenes of the same environment share one. */
export type SceneTable = { env: Record<string, string>; acts: Record<string, Act> };

export type Tools = {
  stack: Stack;
  access: TemporalAccess;
  dataConverter: ReturnType<typeof createDataConverter>;
  dir: string;
  host: string;
  start: (nodes: object[], more?: object) => Promise<Run>;
  /** Waits: for a node to be shown with this status. */
  shows: (run: Run, node: string, status: string) => Promise<void>;
  gate: (run: Run, node: string) => Promise<Gate>;
  answer: (gate: Gate, verdict: 'approve' | 'reject', choice?: 'done' | 'redo' | 'continue') => Promise<void>;
  end: (...runs: Run[]) => Promise<string[]>;
  /** Runs it while the worker holds still, so that messages to runs become signals. */
  withoutWorker: (act: () => Promise<unknown>) => Promise<void>;
  close: () => Promise<void>;
};

export async function startTools(env: Record<string, string>): Promise<Tools> {
  const mock = new LLMock({ port: 0, host: '127.0.0.1' });
  mock.onMessage(/hello/i, { content: 'Hello.' });
  const server = http.createServer((request, response) => request.resume().on('end', () => response.end('{"ok":true}')));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stack = await startStack({
    env: { ...env, GIMO_ENCRYPT_PAYLOADS: '0', A_PROVIDER_KEY: 'a-key-0123456789', HOOK_SECRET: 'a-secret-0123456789' },
  });
  await configure(stack, `${await mock.start()}/v1`, host);
  const dataConverter = createDataConverter(stack.gics, { hasEncryptedPayloads: false, paths: stack.paths });
  const access = await connectTemporal(
    { temporalAddress: stack.instance().temporal_address, temporalNamespace: 'gimo' },
    { dataConverter },
  );
  return {
    stack,
    access,
    dataConverter,
    dir: path.dirname(stack.repo),
    host,
    ...verbs(stack),
    close: async () => {
      await access.connection.close();
      await stack.close();
      await mock.stop();
      server.closeAllConnections();
      server.close();
    },
  };
}

async function configure(stack: Stack, modelUrl: string, host: string): Promise<void> {
  const mock = { type: 'custom_openai_compatible', base_url: modelUrl, model: 'm', api_key: '${A_PROVIDER_KEY}' };
  await stack.admin.put('/ops/provider', { active: 'mock', providers: { mock } });
  await stack.admin.put('/ops/config', { local_hosts: [host] });
  const webhook = { name: 'team', url: `http://${host}/hook`, events: ['run.error'], secret_ref: '${HOOK_SECRET}' };
  await stack.admin.post('/ops/webhooks', webhook, 201);
}

function verbs(stack: Stack): Pick<Tools, 'start' | 'shows' | 'gate' | 'answer' | 'end' | 'withoutWorker'> {
  const graph = (run: Run): Promise<GraphNode[]> => stack.actions.get<GraphNode[]>(`/ops/runs/${run.id}/graph`);
  return {
    start: (nodes, more = {}) => stack.admin.startPlan({ version: 1, title: 'A scene', nodes, ...more }),
    shows: (run, node, status) =>
      until(async () => {
        const found = (await graph(run)).find(({ id }) => id === node);
        if (found?.status !== status) throw new Error(`${node} is ${found?.status}, not ${status}`);
      }, WAIT),
    gate: (run, node) =>
      until(async () => {
        const found = (await stack.operator.get<Gate[]>(`/ops/gates?status=open&run_id=${run.id}`)).find((item) => item.node === node);
        if (!found) throw new Error(`${node} asks nothing`);
        return found;
      }, WAIT),
    answer: async (gate, verdict, choice) => {
      const body = { hash: gate.hash, ...(choice === undefined ? {} : { choice }) };
      const { status } = await stack.operator.ask('POST', `/ops/gates/${gate.id}/${verdict}`, { body });
      if (status !== 200 && status !== 202) throw new Error(`the answer to ${gate.node} was ${status}`);
    },
    end: async (...runs) => {
      for (const run of runs) await stack.operator.ended(run.id);
      return runs.map((run) => run.id);
    },
    withoutWorker: async (act) => {
      const pid = stack.instance().parts['worker']?.pid ?? 0;
      signalProcess(pid, 'SIGSTOP');
      try {
        await act();
      } finally {
        signalProcess(pid, 'SIGCONT');
      }
    },
  };
}

export const noop = (id: string, needs: string[] = [], more: object = {}): object => ({
  id,
  kind: 'noop',
  needs,
  with: { value: id },
  ...more,
});
export const value = (id: string, it: unknown, needs: string[] = []): object => ({ id, kind: 'value', needs, with: { value: it } });
export const ask = (id: string, needs: string[] = [], more: object = {}): object => ({
  id,
  kind: 'gate',
  needs,
  with: { title: 'Go on?' },
  ...more,
});
/** A process that may happen only once, unless `more` says otherwise. */
export const shell = (id: string, script: string, needs: string[] = [], more: object = {}, node: object = {}): object => ({
  id,
  kind: 'process',
  needs,
  with: { argv: ['sh', '-c', script], write: ['out'], ...more },
  ...node,
});
