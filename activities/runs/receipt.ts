import type { CloseInput, StoppedNode } from '#contract/messages.ts';
import type { Receipt } from '#contract/objects.ts';
import { addCost } from '#contract/run-state.ts';
import type { ActivityDeps } from '../deps.ts';
import { ledgerKey, type LedgerEntry } from '../effects/ledger.ts';
import { killRecordedProcess } from '../effects/processes.ts';

type Cancel = NonNullable<CloseInput['cancel']>;
type Line = Receipt['nodes'][number];

/** The answer of a stop: what became of each node that was under way, proven where there were processes. */
export async function makeReceipt(deps: ActivityDeps, input: CloseInput, cancel: Cancel): Promise<Receipt> {
  const lines: Line[] = [];
  let spent: number | null = 0;
  for (const node of cancel.nodes) {
    const entry = node.is_effect ? await ledgerEntry(deps, input.run_id, node) : null;
    lines.push(await receiptLine(deps, node, entry));
    if (entry?.finished_at && entry.finished_at >= cancel.command.at) spent = addCost(spent, entry.cost_usd);
  }
  const isProven = lines.every((line) => line.processes_left === 0);
  return {
    run_id: input.run_id,
    asked_at: cancel.command.at,
    asked_by: cancel.command.by,
    confirmed_at: isProven ? new Date().toISOString() : null,
    nodes: lines,
    spent_after_usd: spent,
  };
}

async function ledgerEntry(deps: ActivityDeps, runId: string, node: StoppedNode): Promise<LedgerEntry | null> {
  const record = await deps.gics.get<LedgerEntry>(
    'ledger',
    ledgerKey({ run_id: runId, node: node.id, attempt: node.attempt, redo: node.redo }),
  );
  return record?.value ?? null;
}

async function receiptLine(deps: ActivityDeps, node: StoppedNode, entry: LedgerEntry | null): Promise<Line> {
  const line = (stopped: string, left = 0): Line => ({ id: node.id, was: node.was, stopped, processes_left: left });
  if (!node.is_effect) return line('withdrawn');
  if (!entry) return line('never_started');
  if (entry.state === 'done' || entry.state === 'error') return line('already_done');
  if (entry.state === 'stopped') return line('proven_empty', entry.processes_left);
  const key = ledgerKey({ run_id: entry.run_id, node: node.id, attempt: node.attempt, redo: node.redo });
  const left = await killRecordedProcess(deps.gics, key);
  return line(left === 0 ? 'proven_empty' : 'asked', left);
}
