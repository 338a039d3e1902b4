import type { Gics } from '#contract/gics.ts';
import { isLeftRunning, killRecorded } from '../process/process-tree.ts';

/** A child process as the store names it, so that a later worker can end what an earlier one left behind. */
export type ProcessRecord = { worker: string; pid: number; start_time: string; effect_id: string };

export async function recordProcess(gics: Gics, key: string, record: ProcessRecord): Promise<void> {
  await gics.txn([{ op: 'put', collection: 'processes', id: key, value: record }]);
}

/** Ends the recorded process of one effect, if it is still the same and alive. Out: how many of its tree are left. */
export async function killRecordedProcess(gics: Gics, key: string): Promise<number> {
  const record = await gics.get<ProcessRecord>('processes', key);
  if (!record) return 0;
  const left = await killRecorded(treeNamed(record.value));
  if (left === 0) await gics.txn([{ op: 'delete', collection: 'processes', id: key }]);
  return left;
}

const treeNamed = ({ pid, start_time, effect_id }: ProcessRecord): Parameters<typeof killRecorded>[0] => ({
  pid,
  startTime: start_time,
  effectId: effect_id,
});

/** What workers before this one left running, ended before this one takes work. Out: how many trees were still alive. */
export async function killLeftProcesses(gics: Gics, workerId: string): Promise<number> {
  let cursor: string | undefined;
  let found = 0;
  do {
    const page = await gics.list<ProcessRecord>('processes', { limit: 200, ...(cursor === undefined ? {} : { cursor }) });
    for (const record of page.records) {
      if (record.value.worker === workerId) continue;
      if (isLeftRunning(treeNamed(record.value))) found++;
      await killRecordedProcess(gics, record.id);
    }
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}
