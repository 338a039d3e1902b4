import { useEffect, useState } from 'react';
import { ago } from '../lib/format.ts';

/** The clock, ticking. In: how often, in ms. */
export function useNow(everyMs = 1000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

const FULL = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

export function When({ at }: { at: string }) {
  const now = useNow(10_000);
  return (
    <time dateTime={at} title={FULL.format(new Date(at))} className="whitespace-nowrap">
      {ago(at, now)}
    </time>
  );
}
