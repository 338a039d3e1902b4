/**
 * Patterns of the envelope. In a pattern `*` stands for any text, `\*` and `\\` for the characters themselves.
 * - Words (one argument of a command, a host, a tool, a model): anchored at both ends. A word that begins with `*` never
 *   covers a value that begins with `-`, so that data cannot become an option.
 * - Commands: a list of words, one for each argument; a last word `**` covers any further arguments. What is around them: commands/form.ts.
 * - Paths: segments relative to the workspace; `*` stays inside one segment, a last segment `**` covers everything below
 *   (and the folder itself).
 * Patterns cover patterns: a `*` of the covered side is covered only by a `*`. A literal value is a pattern without stars.
 */
const STAR = Symbol('star');
type Token = string | typeof STAR;

function tokens(pattern: string): Token[] {
  const out: Token[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] ?? '';
    if (char === '\\' && i + 1 < pattern.length) out.push(pattern[++i] ?? '');
    else if (char === '*') {
      if (out.at(-1) !== STAR) out.push(STAR);
    } else out.push(char);
  }
  return out;
}

/** Greedy glob matching with one point of return: O(n·m) at worst, no recursion. */
function coversTokens(outer: Token[], inner: Token[]): boolean {
  let o = 0;
  let i = 0;
  let starAt = -1;
  let resume = 0;
  while (i < inner.length) {
    if (o < outer.length && outer[o] === STAR) {
      starAt = o++;
      resume = i;
    } else if (o < outer.length && outer[o] === inner[i] && inner[i] !== STAR) {
      o++;
      i++;
    } else if (starAt >= 0) {
      o = starAt + 1;
      i = ++resume;
    } else return false;
  }
  while (o < outer.length && outer[o] === STAR) o++;
  return o === outer.length;
}

export function escapePattern(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('*', '\\*');
}

/** True when the word has an unescaped `*`: its value is not known before the run. */
export function isDynamic(pattern: string): boolean {
  return tokens(pattern).includes(STAR);
}

/** A pattern as people read it: without escapes when nothing in it is open. */
export function readableWord(pattern: string): string {
  const parts = tokens(pattern);
  return parts.includes(STAR) ? pattern : parts.map(String).join('');
}

export function wordCovers(outer: string, inner: string): boolean {
  const outerTokens = tokens(outer);
  const innerTokens = tokens(inner);
  if (outerTokens[0] === STAR && innerTokens[0] === '-') return false;
  return coversTokens(outerTokens, innerTokens);
}

/** Any text, also one that begins with `-`. */
export function textCovers(outer: string, inner: string): boolean {
  return coversTokens(tokens(outer), tokens(inner));
}

export function wordsCover(outer: readonly string[], inner: readonly string[]): boolean {
  const open = outer.at(-1) === '**';
  const fixed = open ? outer.slice(0, -1) : outer;
  // Any further arguments are more than one unknown one.
  const isInnerOpen = inner.at(-1) === '**';
  if (isInnerOpen && !open) return false;
  const innerFixed = isInnerOpen ? inner.slice(0, -1) : inner;
  if (open ? innerFixed.length < fixed.length : innerFixed.length !== fixed.length) return false;
  if (fixed.length === 0) return false;
  return fixed.every((word, index) => wordCovers(word, innerFixed[index] ?? ''));
}

function segments(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

export function pathCovers(outer: string, inner: string): boolean {
  if (outer.startsWith('/') !== inner.startsWith('/')) return false;
  const innerParts = segments(inner);
  if (innerParts.includes('..')) return false;
  const outerParts = segments(outer);
  const open = outerParts.at(-1) === '**';
  const fixed = open ? outerParts.slice(0, -1) : outerParts;
  const innerFixed = innerParts.at(-1) === '**' ? innerParts.slice(0, -1) : innerParts;
  if (innerParts.length !== innerFixed.length && !open) return false;
  if (open ? innerFixed.length < fixed.length : innerFixed.length !== fixed.length) return false;
  return fixed.every((part, index) => coversTokens(tokens(part), tokens(innerFixed[index] ?? '')));
}

/** Whether some path is covered by both. */
export function pathsMeet(one: string, other: string): boolean {
  if (one.startsWith('/') !== other.startsWith('/')) return false;
  const [first, second] = [segments(one), segments(other)];
  if ([...first, ...second].includes('..')) return false;
  const isFirstOpen = first.at(-1) === '**';
  const isSecondOpen = second.at(-1) === '**';
  const [short, long] = [isFirstOpen ? first.slice(0, -1) : first, isSecondOpen ? second.slice(0, -1) : second];
  if ((short.length < long.length && !isFirstOpen) || (long.length < short.length && !isSecondOpen)) return false;
  const shared = Math.min(short.length, long.length);
  return short.slice(0, shared).every((part, at) => tokensMeet(tokens(part), tokens(long[at] ?? '')));
}

/** Whether some text is covered by both; O(n·m). */
function tokensMeet(one: Token[], other: Token[]): boolean {
  let reached = new Set([0]);
  for (let at = 0; at <= one.length; at++) {
    // A star of the other may stand for nothing, and goes on over one character at a time.
    for (const place of reached) if (other[place] === STAR) reached.add(place + 1);
    if (at === one.length) break;
    const next = new Set<number>();
    const token = one[at];
    for (const place of reached) {
      if (token === STAR) for (let past = place; past <= other.length; past++) next.add(past);
      else if (other[place] === STAR) next.add(place);
      else if (other[place] === token) next.add(place + 1);
    }
    reached = next;
  }
  return reached.has(other.length);
}
