/** Server-sent events with the state that an operator needs to see: is this picture live, and how old is it? */
import { useEffect, useRef, useState } from 'react';

export type StreamState = 'connecting' | 'live' | 'catching up' | 'offline' | 'ended';
export type StreamHandlers = { onMessage: (data: string) => void; onState: (state: StreamState) => void };

const RETRY_MS = [500, 1000, 2000, 5000];

/**
 * Reads `url` until `close()` or until the API says that nothing more comes. A cut connection is resumed by the browser with Last-Event-ID; an answer that refuses the stream is
 * tried again with a growing pause, from the beginning, so handlers must accept an event twice.
 */
export function openStream(url: string, handlers: StreamHandlers): { close: () => void } {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let failures = 0;
  let wasLive = false;

  const connect = (): void => {
    source = new EventSource(url);
    source.addEventListener('open', () => {
      failures = 0;
      wasLive = true;
      handlers.onState('live');
    });
    source.addEventListener('message', (event: MessageEvent<string>) => handlers.onMessage(event.data));
    source.addEventListener('end', () => {
      source?.close();
      handlers.onState('ended');
    });
    source.addEventListener('error', () => {
      if (source?.readyState !== EventSource.CLOSED) {
        handlers.onState(wasLive ? 'catching up' : 'offline');
        return;
      }
      handlers.onState('offline');
      timer = setTimeout(connect, RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)]);
    });
  };
  handlers.onState('connecting');
  connect();
  return {
    close: () => {
      if (timer) clearTimeout(timer);
      source?.close();
    },
  };
}

const FLUSH_MS = 50;

/**
 * A stream as long as the component is mounted and `url` is not null. Messages are handed over in batches, at most 20 a second, so that
 * a fast run does not redraw the page for each line. `lastAt`: epoch ms of the last message.
 */
export function useStream(url: string | null, onBatch: (messages: string[]) => void): { state: StreamState; lastAt: number | null } {
  const [state, setState] = useState<StreamState>('connecting');
  const [lastAt, setLastAt] = useState<number | null>(null);
  const handler = useRef(onBatch);
  useEffect(() => {
    handler.current = onBatch;
  });
  useEffect(() => {
    if (url === null) return undefined;
    let batch: string[] = [];
    let timer: ReturnType<typeof setTimeout> | null = null;
    const flush = (): void => {
      timer = null;
      const messages = batch;
      batch = [];
      setLastAt(Date.now());
      handler.current(messages);
    };
    const onMessage = (data: string): void => {
      batch.push(data);
      timer ??= setTimeout(flush, FLUSH_MS);
    };
    const stream = openStream(url, { onMessage, onState: setState });
    return () => {
      if (timer) clearTimeout(timer);
      stream.close();
    };
  }, [url]);
  return { state, lastAt };
}
