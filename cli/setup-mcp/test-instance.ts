/** What `npm start` writes about an instance; the process of the test plays it. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { writeInstance, type Instance } from '#platform/instance.ts';
import { processStartTime } from '#platform/processes.ts';

/** `isRunning: false`: the process that wrote it is gone. */
export function putInstance(data: string, url: string, isRunning = true): void {
  mkdirSync(path.join(data, 'ops'), { recursive: true });
  const instance: Instance = {
    pid: process.pid,
    start_time: isRunning ? (processStartTime(process.pid) ?? '') : 'of another process',
    started_at: 0,
    url,
    host: '127.0.0.1',
    port: Number(new URL(url).port),
    repo: data,
    temporal_address: '',
    temporal_port: null,
    temporal_ui_port: null,
    temporal_ui: null,
    is_up: true,
    parts: {},
  };
  writeInstance(path.join(data, 'ops', 'instance.json'), instance);
}
