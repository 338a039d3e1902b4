import { ShieldAlert } from 'lucide-react';
import type { Finding, Severity } from '#contract/objects.ts';
import { Badge } from '../../ui/badge.tsx';
import { SEVERITY_TONE } from '../../ui/status.tsx';
import { Prose, Untrusted } from '../../ui/text.tsx';

const ORDER: Record<Severity, number> = { high: 0, medium: 1, low: 2 };

/** Name of the boxes that say that a finding was seen. */
export const SEEN = 'seen';

export function findingKey(finding: Finding): string {
  return [finding.rule, finding.node, finding.evidence].join('\n');
}

type Props = {
  findings: readonly Finding[];
  seen: ReadonlySet<string>;
  onSeen: (key: string, isSeen: boolean) => void;
  isDecided: boolean;
};

/** Worst first. Each high finding has to be ticked before the plan can be approved. */
export function Findings({ findings, seen, onSeen, isDecided }: Props) {
  if (findings.length === 0) return <p className="text-muted">No rule matched. That is not a promise that nothing can go wrong.</p>;
  const sorted = findings.toSorted((a, b) => ORDER[a.severity] - ORDER[b.severity]);
  return (
    <ul className="flex flex-col gap-3">
      {sorted.map((finding) => (
        <li key={findingKey(finding)} className="rounded-lg border border-line p-3.5">
          <div className="mb-1.5 flex flex-wrap items-center gap-2">
            <Badge tone={SEVERITY_TONE[finding.severity]} icon={ShieldAlert}>
              {finding.severity}
            </Badge>
            <p className="min-w-0 flex-1 basis-64 font-medium">
              <Prose text={finding.message} />
            </p>
            <span className="code text-muted">
              {finding.rule}
              {finding.node !== null && ` at ${finding.node}`}
            </span>
          </div>
          {finding.evidence !== '' && (
            <p className="code my-2 rounded-md bg-sunken px-2.5 py-1.5 whitespace-pre-wrap">
              <Untrusted text={finding.evidence} />
            </p>
          )}
          <p className="text-muted">
            What would lower it: <Prose text={finding.remedy} />
          </p>
          {finding.severity === 'high' && !isDecided && (
            <label className="mt-2 inline-flex min-h-11 items-center gap-2 font-medium">
              <input
                type="checkbox"
                name={SEEN}
                className="size-5 accent-(--accent)"
                checked={seen.has(findingKey(finding))}
                onChange={(event) => onSeen(findingKey(finding), event.target.checked)}
              />
              I have seen this
            </label>
          )}
        </li>
      ))}
    </ul>
  );
}
