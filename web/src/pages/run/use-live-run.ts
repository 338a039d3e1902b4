import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { LogEntrySchema } from '#contract/run-summary.ts';
import { isRunEnded } from '#contract/run-state.ts';
import { z } from '#contract/zod.ts';
import { streamUrl } from '../../api/client.ts';
import { readJson } from '../../api/problem.ts';
import { run as runQuery, runGraph } from '../../api/queries.ts';
import { useStream } from '../../api/stream.ts';
import { LogStore } from './log-store.ts';

const EventSchema = LogEntrySchema.extend({ change: z.looseObject({ of: z.string() }).nullish() });
const REFRESH_MS = 250;
const POLL_MS = 2000;
// Only a safety net under the stream.
const POLL_LIVE_MS = 6000;

/**
 * A run as it happens. Events say that something changed; what it is now is read from the API (at most four times a second, never two
 * reads at once), so that an event that comes twice, late or out of order cannot paint a wrong picture. Without a stream it polls.
 */
export function useLiveRun(id: string) {
  const [store] = useState(() => new LogStore());
  const log = useSyncExternalStore(store.subscribe, store.lines);
  const refresh = useRefresh(id);
  const known = useQuery(runQuery(id, false)).data;
  const isEnded = known !== undefined && isRunEnded(known.status) && known.receipt?.confirmed_at !== null;
  const stream = useStream(isEnded ? null : streamUrl('runs_events', { id }), (messages) => {
    const events = messages.flatMap((text) => {
      const parsed = EventSchema.safeParse(readJson(text));
      return parsed.success ? [parsed.data] : [];
    });
    store.merge(events);
    if (events.some((event) => event.change)) refresh();
  });
  const isFollowed = stream.state === 'live' && known?.stale !== true;
  const pollMs = isEnded ? false : isFollowed ? POLL_LIVE_MS : POLL_MS;
  const run = useQuery(runQuery(id, pollMs));
  const graph = useQuery(runGraph(id, pollMs));
  const tail = run.data?.log;
  useEffect(() => {
    if (tail) store.merge(tail);
  }, [tail, store]);
  useEffect(() => {
    // The last events may have come while the run was being closed: one more look at all of it.
    if (isEnded) refresh();
  }, [isEnded, refresh]);
  return { run, graph, log, stream: isEnded ? null : stream };
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
