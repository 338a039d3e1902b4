/** Takes out what a reader does not see, before anything is checked, hashed or stored, and says what that was. Pure and idempotent. */
import { firstInvisible, showInvisible, withoutInvisible } from './invisible.ts';
import type { Json } from './json.ts';
import { z } from './zod.ts';

const MAX_REMOVED = 50;
const AROUND_BEFORE = 40;
const AROUND_AFTER = 80;

/** Where characters were taken out, and the text around the first of them with each made visible. */
export const RemovedSchema = z.object({ path: z.string(), shown: z.string() });
export type Removed = z.output<typeof RemovedSchema>;

function around(text: string): string {
  const at = firstInvisible(text);
  return showInvisible(text.slice(Math.max(0, at - AROUND_BEFORE), at + AROUND_AFTER));
}

/** In: any JSON. Out: the same without invisible characters in its texts and names; where there were any, up to fifty places. */
export function sanitise(value: Json, path = ''): { value: Json; removed: Removed[] } {
  const removed: Removed[] = [];
  const clean = cleaned(value, path, removed);
  return { value: clean, removed };
}

function cleaned(value: Json, path: string, removed: Removed[]): Json {
  if (typeof value === 'string') return cleanText(value, path, removed);
  if (Array.isArray(value)) return value.map((item, index) => cleaned(item, `${path}[${index}]`, removed));
  if (typeof value !== 'object' || value === null) return value;
  const names = new Set(Object.keys(value));
  const entries = Object.entries(value).map(([key, item]): [string, Json] => {
    // A name that would then be there twice stays as it is, and the rules name it.
    const isTaken = firstInvisible(key) !== -1 && names.has(withoutInvisible(key));
    const name = isTaken ? key : cleanText(key, path, removed);
    names.add(name);
    return [name, cleaned(item, path === '' ? name : `${path}.${name}`, removed)];
  });
  return Object.fromEntries(entries);
}

function cleanText(text: string, path: string, removed: Removed[]): string {
  if (firstInvisible(text) === -1) return text;
  if (removed.length < MAX_REMOVED) removed.push({ path, shown: around(text) });
  return withoutInvisible(text);
}
