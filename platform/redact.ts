/**
 * Known secrets are cut out of everything that leaves a process: log lines, errors, stored output.
 * A secret becomes known when it is read (tokens, resolved provider keys); shapes of common keys are known always.
 */
const MIN_SECRET_LENGTH = 8;
const MASK = '[redacted]';

// Linear expressions only: no nested repetition, so a hostile line cannot stop the process.
const SHAPES = [
  /\bsk-[A-Za-z0-9_-]{16,200}/g,
  /\b(?:gh[pousr]|github_pat)_[A-Za-z0-9_]{20,255}/g,
  /\bAKIA[0-9A-Z]{16}\b/g,
  /\bAIza[0-9A-Za-z_-]{35}/g,
  /\bxox[abprs]-[A-Za-z0-9-]{10,200}/g,
  /\bgsk_[A-Za-z0-9]{20,200}/g,
  /(?<=\bBearer )[A-Za-z0-9._~+/=-]{8,500}/gi,
];

const known = new Set<string>();

/** From now on `secret` is masked in this process. Short values are not secrets that could be told from words. */
export function addSecret(secret: string): void {
  if (secret.length < MIN_SECRET_LENGTH) return;
  known.add(secret);
  const escaped = JSON.stringify(secret).slice(1, -1);
  if (escaped !== secret) known.add(escaped);
}

export function redact(text: string): string {
  let out = text;
  for (const secret of known) if (out.includes(secret)) out = out.replaceAll(secret, MASK);
  for (const shape of SHAPES) out = out.replace(shape, MASK);
  return out;
}
