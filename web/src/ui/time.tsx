import { useEffect, useState } from 'react';
import { ago, until } from '../lib/format.ts';

/** The clock, ticking. In: how often, in ms. */
export function useNow(everyMs = 1000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** Whether `isSo` has been so without a break for this long; false at once when it is not. */
export function useLasting(isSo: boolean, forMs: number): boolean {
  const [isLasting, setIsLasting] = useState(false);
  useEffect(() => {
    if (!isSo) return undefined;
    const timer = setTimeout(() => setIsLasting(true), forMs);
    return () => {
      clearTimeout(timer);
      setIsLasting(false);
    };
  }, [isSo, forMs]);
  return isSo && isLasting;
}

const FULL = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const TICK_MS = 10_000;

/** A moment that is over. */
export function When({ at }: { at: string }) {
  return <Moment at={at} text={ago(at, useNow(TICK_MS))} />;
}

/** A moment that may be still to come. */
export function Until({ at }: { at: string }) {
  return <Moment at={at} text={until(at, useNow(TICK_MS))} />;
}

function Moment({ at, text }: { at: string; text: string }) {
  return (
    <time dateTime={at} title={FULL.format(new Date(at))} className="whitespace-nowrap">
      {text}
    </time>
  );
}
