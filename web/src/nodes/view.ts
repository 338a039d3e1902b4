import type { LucideIcon } from 'lucide-react';
import { codeWords } from '#contract/commands/code-words.ts';
import type { Json } from '#contract/json.ts';
import type { NodeKind } from '#contract/nodes/index.ts';
import type { WithOf } from '#contract/plan.ts';
import { quoted } from '#contract/commands/shell-words.ts';

export type ViewField = { label: string; value: Json };

/** What the dashboard knows of a kind. `with` comes from outside: at run time its strings may still hold `${{ … }}`. */
export type NodeView<With = unknown> = {
  label: string;
  icon: LucideIcon;
  /** One line; never throws, whatever it is given. */
  summary: (value: unknown) => string;
  /** What the inspector shows first; the whole `with` follows. */
  fields: (value: unknown) => ViewField[];
  /** Only there to tie the view to the kind's `with`. */
  with?: With;
};

type Parts<With> = {
  label: string;
  icon: LucideIcon;
  summary: (value: Partial<With>) => string;
  fields: (value: Partial<With>) => Record<string, unknown>;
};

/** In: the parts, written against the kind's own `with`. Values that are not shaped like it give an empty summary. */
export function defineView<K extends NodeKind>(parts: Parts<WithOf<K>>): NodeView<WithOf<K>> {
  const read = <T>(value: unknown, use: (value: Partial<WithOf<K>>) => T, otherwise: T): T => {
    if (typeof value !== 'object' || value === null) return otherwise;
    try {
      return use(value);
    } catch {
      return otherwise; // a `with` of another shape than its kind's
    }
  };
  return {
    label: parts.label,
    icon: parts.icon,
    summary: (value) => oneLine(read<unknown>(value, parts.summary, '')),
    fields: (value) => read(value, (shaped) => toFields(parts.fields(shaped)), []),
  };
}

function toFields(fields: Record<string, unknown>): ViewField[] {
  return Object.entries(fields).flatMap(([label, value]) => (value === undefined ? [] : [{ label, value: value as Json }]));
}

function oneLine(text: unknown): string {
  return typeof text === 'string' ? text.replaceAll(/\s+/g, ' ').trim() : '';
}

const SCRIPT = '‹script›';

/** In: a command. Out: the same to read: what a shell or an interpreter runs stands by itself, as it was written. */
export function commandFields(argv: readonly string[] | undefined): { command: string; script: string | undefined } {
  const scripts = codeWords(argv ?? []);
  const words = (argv ?? []).map((word) => (scripts.includes(word) ? SCRIPT : quoted(word)));
  return { command: words.join(' '), script: scripts.length === 0 ? undefined : scripts.join('\n') };
}
