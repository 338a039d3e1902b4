import { Eye, EyeOff, ShieldAlert, ShieldCheck, type LucideIcon } from 'lucide-react';
import { integrityPart, privacyPart, type LabelPart } from '#contract/label-view.ts';
import type { NodeDetail } from '#contract/objects.ts';
import { Badge } from '../../ui/badge.tsx';
import { Prose } from '../../ui/text.tsx';

type Props = { node: Pick<NodeDetail, 'id' | 'label' | 'label_text'>; onSelect: (node: string) => void };

/** Where the output of a node comes from: what a badge means stands in its tooltip and, for whoever has no pointer, below. */
export function OutputLabel({ node: { id, label, label_text: text }, onSelect }: Props) {
  if (label === null)
    return (
      <p className="mb-2 text-muted">
        <Prose text={text} />
      </p>
    );
  const [trust, privacy] = [integrityPart(label), privacyPart(label)];
  const parts = [
    { ...trust, icon: trust.isRaised ? ShieldAlert : ShieldCheck },
    { ...privacy, icon: privacy.isRaised ? EyeOff : Eye },
  ];
  return (
    <div role="group" aria-label="Where it comes from" className="mb-2">
      <ul className="flex flex-wrap gap-x-4 gap-y-1.5">
        {parts.map((part) => (
          <li key={part.name} className="flex items-center gap-1.5" title={part.text.replaceAll('`', '')}>
            <Part part={part} icon={part.icon} self={id} onSelect={onSelect} />
          </li>
        ))}
      </ul>
      <details className="mt-1">
        <summary className="text-[0.9rem] text-muted">What this means</summary>
        <p className="mt-1 text-muted">
          <Prose text={text} />
        </p>
      </details>
    </div>
  );
}

type PartProps = { part: LabelPart; icon: LucideIcon; self: string; onSelect: (node: string) => void };

function Part({ part: { name, isRaised, from }, icon, self, onSelect }: PartProps) {
  return (
    <>
      <Badge tone={isRaised ? 'warn' : 'ok'} icon={icon}>
        {name}
      </Badge>
      {from !== null && <From from={from} self={self} onSelect={onSelect} />}
    </>
  );
}

/** An input has no page of its own. */
function From({ from, self, onSelect }: { from: string; self: string; onSelect: (node: string) => void }) {
  if (from === self) return <span className="text-[0.9rem] text-muted">from this node itself</span>;
  if (from.startsWith('inputs.'))
    return (
      <span className="text-[0.9rem] text-muted">
        from the input <span className="code">{from.slice('inputs.'.length)}</span>
      </span>
    );
  return (
    <span className="text-[0.9rem] text-muted">
      from{' '}
      <button type="button" className="code text-accent hover:underline" onClick={() => onSelect(from)}>
        {from}
      </button>
    </span>
  );
}
