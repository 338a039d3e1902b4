import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { LogEntrySchema } from '#contract/objects.ts';
import { isRunEnded, type LogEntry } from '#contract/run-state.ts';
import { z } from '#contract/zod.ts';
import { streamUrl } from '../../api/client.ts';
import { readJson } from '../../api/problem.ts';
import { run as runQuery, runGraph } from '../../api/queries.ts';
import { useStream } from '../../api/stream.ts';

const EventSchema = LogEntrySchema.extend({ change: z.looseObject({ of: z.string() }).nullish() });
const REFRESH_MS = 250;
const POLL_MS = 2000;

/**
 * A run as it happens. Events say that something changed; what it is now is read from the API (at most four times a second, never two
 * reads at once), so that an event that comes twice, late or out of order cannot paint a wrong picture. Without a stream it polls.
 */
export function useLiveRun(id: string) {
  const [isLive, setIsLive] = useState(false);
  const pollMs = isLive ? POLL_MS * 3 : POLL_MS;
  const first = useQuery(runQuery(id, false));
  const isEnded = first.data !== undefined && isRunEnded(first.data.status) && first.data.receipt?.confirmed_at !== null;
  const run = useQuery(runQuery(id, isEnded ? false : pollMs));
  const graph = useQuery(runGraph(id, isEnded ? false : pollMs));
  const refresh = useRefresh(id);
  const [entries, setEntries] = useState<ReadonlyMap<number, LogEntry>>(new Map());
  const merge = useCallback((more: readonly LogEntry[]) => setEntries((before) => merged(before, more)), []);
  const tail = run.data?.log;
  useEffect(() => {
    if (tail) merge(tail);
  }, [tail, merge]);
  useEffect(() => {
    // The last events may have come while the run was being closed: one more look at all of it.
    if (isEnded) refresh();
  }, [isEnded, refresh]);
  const stream = useStream(isEnded ? null : streamUrl('runs_events', { id }), (messages) => {
    const events = messages.flatMap((text) => {
      const parsed = EventSchema.safeParse(readJson(text));
      return parsed.success ? [parsed.data] : [];
    });
    merge(events);
    if (events.some((event) => event.change)) refresh();
  });
  useEffect(() => setIsLive(stream.state === 'live'), [stream.state]);
  const log = useMemo(() => [...entries.values()].toSorted((a, b) => a.seq - b.seq), [entries]);
  return { run, graph, log, stream: isEnded ? null : stream, merge };
}

function merged(before: ReadonlyMap<number, LogEntry>, more: readonly LogEntry[]): ReadonlyMap<number, LogEntry> {
  const fresh = more.filter((entry) => !before.has(entry.seq) && entry.text !== '');
  if (fresh.length === 0) return before;
  return new Map([...before, ...fresh.map(({ seq, at, node, level, text }) => [seq, { seq, at, node, level, text }] as const)]);
}

/** Reads the run, its graph and its gates again; calls that come meanwhile make one more round after a pause. */
function useRefresh(id: string): () => void {
  const client = useQueryClient();
  const state = useRef({ isBusy: false, isAsked: false });
  return useCallback(() => {
    const now = state.current;
    now.isAsked = true;
    if (now.isBusy) return;
    now.isBusy = true;
    const round = async (): Promise<void> => {
      while (now.isAsked) {
        now.isAsked = false;
        await Promise.all([['run', id], ['gates'], ['status']].map((queryKey) => client.invalidateQueries({ queryKey })));
        await new Promise((resolve) => setTimeout(resolve, REFRESH_MS));
      }
      now.isBusy = false;
    };
    void round();
  }, [client, id]);
}
