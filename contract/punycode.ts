/** Host names in the form that a browser shows: `xn--…` as the letters that it stands for (RFC 3492). Pure; there is no `URL` everywhere. */
const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const SKEW = 38;
const DAMP = 700;
const PREFIX = 'xn--';

/** Null when no part of it is encoded, or one is no valid encoding. */
export function decodedHost(host: string): string | null {
  if (!host.toLowerCase().includes(PREFIX)) return null;
  const parts = host.split('.').map((part) => (part.toLowerCase().startsWith(PREFIX) ? decoded(part.slice(PREFIX.length)) : part));
  return parts.includes(null) ? null : parts.join('.');
}

function adapted(delta: number, points: number, isFirst: boolean): number {
  let rest = isFirst ? Math.floor(delta / DAMP) : Math.floor(delta / 2);
  rest += Math.floor(rest / points);
  let k = 0;
  for (; rest > ((BASE - T_MIN) * T_MAX) / 2; k += BASE) rest = Math.floor(rest / (BASE - T_MIN));
  return k + Math.floor(((BASE - T_MIN + 1) * rest) / (rest + SKEW));
}

function digitOf(char: string): number {
  if (/[a-z]/i.test(char)) return char.toLowerCase().charCodeAt(0) - 97;
  return /\d/.test(char) ? char.charCodeAt(0) - 22 : BASE;
}

function decoded(text: string): string | null {
  const mark = text.lastIndexOf('-');
  const points = Array.from(text.slice(0, Math.max(0, mark)), (char) => char.codePointAt(0) ?? 0);
  let code = 128;
  let bias = 72;
  let at = 0;
  for (let index = mark + 1; index < text.length;) {
    const before = at;
    for (let weight = 1, k = BASE; ; k += BASE) {
      const digit = digitOf(text[index++] ?? '');
      if (digit >= BASE) return null;
      at += digit * weight;
      const threshold = Math.min(T_MAX, Math.max(T_MIN, k - bias));
      if (digit < threshold) break;
      weight *= BASE - threshold;
    }
    bias = adapted(at - before, points.length + 1, before === 0);
    code += Math.floor(at / (points.length + 1));
    at %= points.length + 1;
    if (code > 0x10_ff_ff) return null;
    points.splice(at++, 0, code);
  }
  return String.fromCodePoint(...points);
}
