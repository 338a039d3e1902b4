import { Check, Copy } from 'lucide-react';
import { memo, useState } from 'react';
import type { Json } from '#contract/json.ts';
import { markInvisible } from '../lib/visible.ts';

/** Text from outside, as it is: nothing interpreted, characters that would not be seen named. */
export const Untrusted = memo(function Untrusted({ text }: { text: string }) {
  return markInvisible(text).map((piece, index) =>
    piece.isMark ? (
      <mark key={index} className="code rounded bg-bad-soft px-0.5 font-semibold text-bad" title="a character that would not be visible">
        {piece.text}
      </mark>
    ) : (
      piece.text
    ),
  );
});

/** A sentence of GIMO that quotes such text in backticks: what is quoted is set as code. */
export function Prose({ text }: { text: string }) {
  return text.split(/(`[^`]+`)/).map((part, index) =>
    part.length > 2 && part.startsWith('`') && part.endsWith('`') ? (
      <code key={index} className="code rounded bg-sunken px-1 py-0.5 whitespace-pre-wrap">
        <Untrusted text={part.slice(1, -1)} />
      </code>
    ) : (
      <Untrusted key={index} text={part} />
    ),
  );
}

/** A block of such text. It scrolls inside itself, never the page, and cuts nothing. */
export function TextBlock({ text, label, isTall }: { text: string; label: string; isTall?: boolean }) {
  return (
    <pre
      // Scrollable areas must be reachable by keyboard.
      tabIndex={0}
      role="region"
      aria-label={label}
      className={`code overflow-auto rounded-lg border border-line bg-sunken p-3 whitespace-pre-wrap ${isTall ? '' : 'max-h-96'}`}
    >
      <Untrusted text={text} />
    </pre>
  );
}

const SHORT = 80;

/** A JSON value: strings as text; everything else in one line when it is short, else indented. */
export function JsonBlock({ value, label, isTall }: { value: Json; label: string; isTall?: boolean }) {
  const text = typeof value === 'string' ? value : jsonText(value);
  if (text === '') return <span className="text-muted">empty text</span>;
  if (text.length > SHORT || text.includes('\n')) return <TextBlock label={label} text={text} isTall={isTall ?? false} />;
  return (
    <span className="code whitespace-pre-wrap">
      <Untrusted text={text} />
    </span>
  );
}

function jsonText(value: Json): string {
  const line = JSON.stringify(value);
  return line.length > SHORT ? JSON.stringify(value, null, 2) : line;
}

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [isCopied, setIsCopied] = useState(false);
  const copy = (): void => {
    void navigator.clipboard?.writeText(text).then(() => setIsCopied(true));
  };
  const Icon = isCopied ? Check : Copy;
  return (
    <button
      type="button"
      onClick={copy}
      onBlur={() => setIsCopied(false)}
      title={label}
      className="inline-flex size-7 items-center justify-center rounded-md align-middle text-muted hover:bg-sunken hover:text-ink"
    >
      <Icon aria-hidden className="size-3.5" />
      <span className="sr-only">{isCopied ? 'copied' : label}</span>
    </button>
  );
}

/** First and last eight digits, which is what people compare; the whole on copy and hover. */
export function Hash({ value }: { value: string }) {
  return (
    <span className="inline-flex items-center gap-1">
      <span className="code" title={value}>
        {value.slice(0, 8)}…{value.slice(-8)}
      </span>
      <CopyButton text={value} label="Copy the whole hash" />
    </span>
  );
}
