/** Money and time as a person reads them at a glance. Pure. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `US$ 0.5`, `US$ 1,000,000`. */
export function usdText(usd: number): string {
  return `US$ ${usd.toLocaleString('en', { maximumFractionDigits: 6 })}`;
}

/** `20 s`, `60 min`, `12 h`, `30 days`. */
export function durationText(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.ceil(ms / 1000)} s`;
  if (ms < 2 * HOUR_MS) return `${tenths(ms / MINUTE_MS)} min`;
  if (ms < 2 * DAY_MS) return `${tenths(ms / HOUR_MS)} h`;
  return `${tenths(ms / DAY_MS)} days`;
}

const tenths = (value: number): string => (Math.round(value * 10) / 10).toLocaleString('en');
