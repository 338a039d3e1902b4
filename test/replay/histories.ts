/** Recorded histories of real runs: one file a scene, with every workflow that took part in it. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { DataConverter, Payload } from '@temporalio/common';
import { historyToJSON, type History } from '@temporalio/common/lib/proto-utils.js';

const DIR = path.join(import.meta.dirname, 'histories');
const END = '.json.gz';
const WORKER = 'worker';
/** How workers, and the queues that belong to one, are named. */
const PROCESS_AND_HOST = /^\d+@/;

/** `history` is what the Temporal client writes as JSON. */
export type Recorded = { workflow_id: string; history: { events: HistoryEvent[] } };
export type HistoryEvent = { eventId: string; eventType: string } & Record<string, unknown>;
export type Scene = { scene: string; workflows: Recorded[] };

export function recordedScenes(): string[] {
  return readdirSync(DIR)
    .filter((name) => name.endsWith(END))
    .map((name) => name.slice(0, -END.length))
    .toSorted();
}

export function readScene(scene: string): Scene {
  return JSON.parse(gunzipSync(readFileSync(path.join(DIR, scene + END))).toString('utf8')) as Scene;
}

export function writeScene(scene: Scene): void {
  writeFileSync(path.join(DIR, scene.scene + END), gzipSync(JSON.stringify(scene), { level: 9 }));
}

/** Every text that the payloads of a history hold. */
export function payloadTexts(value: unknown): string[] {
  return payloadsIn(value).map(({ data }) => Buffer.from(typeof data === 'string' ? data : '', 'base64').toString('utf8'));
}

function payloadsIn(value: unknown): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = 'metadata' in value && typeof value.metadata === 'object' ? [value as Record<string, unknown>] : [];
  return [...own, ...Object.values(value).flatMap(payloadsIn)];
}

type Place = { client: Client; dataConverter: DataConverter; dir: string };

/**
 * The history of a workflow and of those that went on for it, oldest last. Payloads that were checked in stand in it themselves;
 * the folder of the instance, and process and host of the worker, are named as on no machine.
 */
export async function fetchRecorded(place: Place, workflowId: string): Promise<Recorded[]> {
  const found: Recorded[] = [];
  for (let runId: string | undefined = undefined; ;) {
    const handle: WorkflowHandle = place.client.workflow.getHandle(workflowId, runId);
    const history: History = await handle.fetchHistory();
    found.push({ workflow_id: workflowId, history: await neutral(place, history) });
    const before: string | null | undefined = history.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
    if (!before) return found;
    runId = before;
  }
}

async function neutral({ dataConverter, dir }: Place, history: History): Promise<Recorded['history']> {
  const codec = dataConverter.payloadCodecs?.[0];
  await walk(history, async (payload) => {
    const [plain] = codec ? await codec.decode([payload]) : [payload];
    const text = Buffer.from(plain?.data ?? []).toString('utf8');
    Object.assign(payload, plain, { data: text.includes(dir) ? Buffer.from(text.replaceAll(dir, '/gimo')) : plain?.data });
  });
  const isWorker = (key: string, value: unknown): boolean => key === 'identity' || (key === 'name' && PROCESS_AND_HOST.test(String(value)));
  return JSON.parse(historyToJSON(history), (key, value: unknown) => (isWorker(key, value) ? WORKER : value)) as Recorded['history'];
}

async function walk(value: unknown, change: (payload: Payload) => Promise<void>): Promise<void> {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  if ('metadata' in value && 'data' in value && value.data instanceof Uint8Array) return change(value as Payload);
  for (const part of Object.values(value)) await walk(part, change);
}
