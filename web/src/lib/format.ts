/** In: milliseconds. Out: `0.8 s`, `42 s`, `3 min 5 s`, `2 h 4 min`, `3 d 2 h`. */
export function duration(ms: number): string {
  if (ms < 10_000) return `${Math.max(0, Math.round(ms / 100) / 10)} s`;
  const s = Math.round(ms / 1000);
  if (s < 60) return `${s} s`;
  if (s < 3600) return two(Math.floor(s / 60), 'min', s % 60, 's');
  const min = Math.round(s / 60);
  if (min < 24 * 60) return two(Math.floor(min / 60), 'h', min % 60, 'min');
  const h = Math.round(min / 60);
  return two(Math.floor(h / 24), 'd', h % 24, 'h');
}

function two(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
}

/** Unknown is said as unknown, never as 0. Small amounts keep the digits that matter. */
export function cost(usd: number | null): string {
  if (usd === null) return 'cost unknown';
  if (usd === 0) return 'US$ 0';
  return `US$ ${usd < 0.01 ? usd.toPrecision(2) : usd.toFixed(2)}`;
}

/** How long ago something was. It is never told as still to come: this clock ticks late, and may be behind that of the machine. */
export function ago(iso: string, nowMs: number): string {
  const ms = nowMs - Date.parse(iso);
  return ms < 5000 ? 'just now' : `${duration(ms)} ago`;
}

/** When something is due, or how long ago it was. */
export function until(iso: string, nowMs: number): string {
  const ms = Date.parse(iso) - nowMs;
  return ms > 0 ? `in ${duration(ms)}` : ago(iso, nowMs);
}

export function shortId(id: string): string {
  return id.length <= 14 ? id : `${id.slice(0, 6)}…${id.slice(-4)}`;
}

/** Seconds or minutes since the last sign of life, as words for the connection light. */
export function age(sinceMs: number | null, nowMs: number): string {
  return sinceMs === null ? '' : duration(Math.max(0, nowMs - sinceMs));
}
