import { useState } from 'react';
import { isJsonObject } from '#contract/json.ts';
import { streamUrl } from '../../api/client.ts';
import { readJson } from '../../api/problem.ts';
import { useStream } from '../../api/stream.ts';
import { TextBlock } from '../../ui/text.tsx';

/** The text of one piece of output: a string, or an object that carries it as `text`. */
export function textOfPiece(message: string): string {
  const value = readJson(message);
  if (typeof value === 'string') return value;
  if (isJsonObject(value) && typeof value['text'] === 'string') return value['text'];
  return '';
}

const KEPT_CHARACTERS = 400_000;

/** What a node writes while it writes it. Model tokens and process output come the same way. */
export function LiveOutput({ runId, node, isOpen }: { runId: string; node: string; isOpen: boolean }) {
  const [text, setText] = useState('');
  const [isAsked, setIsAsked] = useState(isOpen);
  const { state } = useStream(isAsked ? streamUrl('runs_node_stream', { id: runId, node }) : null, (messages) =>
    setText((before) => (before + messages.map(textOfPiece).join('')).slice(-KEPT_CHARACTERS)),
  );
  if (!isAsked) {
    return (
      <button type="button" onClick={() => setIsAsked(true)} className="self-start text-[0.92rem] text-accent underline">
        Show what it wrote
      </button>
    );
  }
  return (
    <section aria-label="What it writes">
      <h3 className="mb-2 text-[0.9rem] font-semibold">
        What it writes <span className="font-normal text-muted">({isOpen ? state : 'ended'})</span>
      </h3>
      {text === '' ? <p className="text-muted">Nothing yet.</p> : <TextBlock label="Output as it is written" text={text} />}
      {text.length === KEPT_CHARACTERS && (
        <p className="mt-1 text-muted">Only the last {KEPT_CHARACTERS.toLocaleString('en')} characters are kept here.</p>
      )}
    </section>
  );
}
