/** How much one caller may ask of the API in a minute, and how many refused tokens lock something. */
export const DEFAULT_LIMITS = {
  /** Reads of one credential. */
  read: 3000,
  /** Changes by one credential. */
  write: 1200,
  /** Calls by one credential that a provider is paid or asked for. */
  costly: 60,
  /** Stops by one credential: apart from the others, so that whoever used up those can still stop. */
  stop: 600,
  /** Unknown tokens from one address, until it is locked. */
  invalid: 10,
  /** Unknown tokens from all addresses that are not locked, until changes are locked. */
  panic: 100,
} as const;

export type Limits = { -readonly [Name in keyof typeof DEFAULT_LIMITS]: number };
export const LIMIT_WINDOW_MS = 60_000;

/** In: `name=number` pairs, separated by commas. Out: the defaults with these. Throws: a sentence that names the pair. */
export function parseLimits(text: string): Limits {
  const limits: Limits = { ...DEFAULT_LIMITS };
  for (const pair of text.split(',').map((part) => part.trim())) {
    if (pair === '') continue;
    const [, name = '', digits = ''] = /^(\w+)=(\d{1,9})$/.exec(pair) ?? [];
    if (!isLimit(name) || Number(digits) < 1)
      throw new Error(`\`${pair}\` is no limit: write name=number with ${Object.keys(DEFAULT_LIMITS).join(', ')}`);
    limits[name] = Number(digits);
  }
  return limits;
}

function isLimit(name: string): name is keyof Limits {
  return Object.hasOwn(DEFAULT_LIMITS, name);
}
