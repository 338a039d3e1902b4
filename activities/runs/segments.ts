import { GimoError } from '#contract/errors.ts';
import type { Gics, GicsOp } from '#contract/gics.ts';
import type { SegmentRef } from '#contract/messages.ts';
import type { RunSegment } from '#contract/segment.ts';
import { failpoint, holdpoint } from '#platform/failpoints.ts';
import type { ActivityDeps } from '../deps.ts';

type KeepInput = { run_id: string; segment: RunSegment };

const recordId = (runId: string, { number, ref }: SegmentRef): string => `${runId}/${number}/${ref}`;

/** Keeps what a run hands on as a blob, and says in a record that it was this run that did. Safe to repeat. */
export async function keepSegment(deps: ActivityDeps, { run_id: runId, segment }: KeepInput): Promise<{ ref: string }> {
  const { sha256: ref } = await deps.gics.putBlob(Buffer.from(JSON.stringify(segment)));
  const id = recordId(runId, { number: segment.number, ref });
  failpoint('segment.before-record');
  await holdpoint('segment.held');
  await deps.gics.txn([{ op: 'put', collection: 'segments', id, value: { run_id: runId, number: segment.number, ref } }]);
  failpoint('segment.kept');
  return { ref };
}

/** Throws: APPROVAL_INVALID for what no run has handed on, as when another client of Temporal makes it up. */
export async function readSegment(gics: Gics, runId: string, ref: SegmentRef): Promise<RunSegment> {
  const record = await gics.get('segments', recordId(runId, ref));
  if (!record) throw new GimoError('APPROVAL_INVALID', { message: 'The run has not handed on what this workflow begins with.' });
  const bytes = await gics.getBlob(ref.ref);
  if (bytes === null) throw new GimoError('BLOB_CORRUPT', { message: 'What the run handed on is not in the store.' });
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as RunSegment;
}

/** A run that has ended hands nothing on. */
export async function forgetSegments(gics: Gics, runId: string): Promise<GicsOp[]> {
  const { records } = await gics.list('segments', { where: { run_id: runId }, limit: 1000 });
  return records.map(({ id }): GicsOp => ({ op: 'delete', collection: 'segments', id }));
}
