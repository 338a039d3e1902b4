import { useState } from 'react';
import type { LogEntry } from '#contract/run-state.ts';
import { callPage } from '../../api/client.ts';
import { asApiError, type ApiError } from '../../api/problem.ts';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/panel.tsx';

const PAGE = 1000;

type Props = { runId: string; beforeSeq: number; onLines: (entries: readonly LogEntry[]) => void };

/** A run is opened with the end of its log; this fetches what came before. */
export function EarlierLines({ runId, beforeSeq, onLines }: Props) {
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const load = async (): Promise<void> => {
    setIsBusy(true);
    try {
      onLines(await readUntil(runId, beforeSeq));
      setError(null);
    } catch (caught) {
      setError(asApiError(caught));
    } finally {
      setIsBusy(false);
    }
  };
  if (beforeSeq <= 1) return null;
  return (
    <div className="border-b border-line p-3">
      {error && <Failure error={error} />}
      <Button size="small" isBusy={isBusy} onClick={() => void load()}>
        Show everything from the beginning
      </Button>
    </div>
  );
}

async function readUntil(runId: string, beforeSeq: number): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string } = cursor === null ? { limit: PAGE } : { limit: PAGE, cursor };
    const page: { items: LogEntry[]; next: string | null } = await callPage('runs_log', { params: { id: runId }, query });
    entries.push(...page.items);
    cursor = page.next;
  } while (cursor !== null && (entries.at(-1)?.seq ?? 0) < beforeSeq);
  return entries;
}
