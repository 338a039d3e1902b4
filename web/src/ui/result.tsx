/** Values that a run gave, as they read best. What is decided about is never shown this way, but as it is. */
import { lazy, Suspense, useState } from 'react';
import { isJsonObject, type Json } from '#contract/json.ts';
import { looksLikeMarkdown } from '../lib/markdown-signs.ts';
import { Choice, Facts } from './list.tsx';
import { Skeleton } from './panel.tsx';
import { JsonBlock, TextBlock } from './text.tsx';

// The library comes with the first result that needs it.
const Markdown = lazy(async () => ({ default: (await import('./markdown.tsx')).Markdown }));

/** More than a person reads; setting it would hold the page up. */
const MARKDOWN_MAX = 100_000;
const FORMS = [
  ['set', 'Formatted'],
  ['text', 'As it is'],
] as const;

const isMarkdown = (value: Json): value is string => typeof value === 'string' && value.length <= MARKDOWN_MAX && looksLikeMarkdown(value);
/** In JSON it would be one long line with `\n` in it. */
const readsBadly = (value: Json): boolean => typeof value === 'string' && (value.trimEnd().includes('\n') || isMarkdown(value));

type Props = { value: Json; label: string };

export function Result({ value, label }: Props) {
  if (isMarkdown(value)) return <MarkdownResult text={value} label={label} />;
  if (!isJsonObject(value) || !Object.values(value).some(readsBadly)) return <JsonBlock value={value} label={label} />;
  return (
    <Facts
      isNarrow
      rows={Object.entries(value).map(([name, part]) => [
        name,
        isMarkdown(part) ? (
          <MarkdownResult key={name} text={part} label={`${label} ${name}`} />
        ) : (
          <JsonBlock key={name} value={part} label={`${label} ${name}`} />
        ),
      ])}
    />
  );
}

function MarkdownResult({ text, label }: { text: string; label: string }) {
  const [form, setForm] = useState<'set' | 'text'>('set');
  return (
    <section aria-label={label} className="rounded-lg border border-line">
      <div className="flex justify-end border-b border-line p-1.5">
        <Choice label={`Form of ${label}`} value={form} options={FORMS} onChange={setForm} />
      </div>
      <div className="p-3 sm:p-4">
        {form === 'text' ? (
          <TextBlock text={text} label={`${label} as it is`} isTall />
        ) : (
          <Suspense fallback={<Skeleton lines={4} />}>
            <Markdown text={text} />
          </Suspense>
        )}
      </div>
    </section>
  );
}
