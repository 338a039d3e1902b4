import { OctagonAlert } from 'lucide-react';
import type { Finding } from '#contract/objects.ts';
import { plural } from '#contract/plural.ts';
import { Prose, Untrusted } from '../../ui/text.tsx';

/** What is dangerous, before anything else is said, also before what its author calls the plan: each high finding in one sentence, with the words that it rests on. Nothing where there is none. */
export function Warning({ findings }: { findings: readonly Finding[] }) {
  const dangers = findings.filter(({ severity }) => severity === 'high');
  if (dangers.length === 0) return null;
  return (
    <section aria-label="Warning" className="mb-5 rounded-xl border-2 border-bad bg-bad-soft p-4 sm:p-5">
      <h2 className="flex items-center gap-2.5 text-lg font-bold text-bad">
        <OctagonAlert aria-hidden className="size-6 shrink-0" />
        Dangerous: do not approve this unless you know why each of these is wanted
      </h2>
      <ul className="mt-3 flex list-disc flex-col gap-2 pl-6 font-medium [overflow-wrap:anywhere]">
        {dangers.map(({ rule, node, evidence, message }) => (
          <li key={[rule, node, evidence].join('\n')}>
            {node !== null && <span className="code">{node}: </span>}
            <Prose text={message} />
            {evidence !== '' && (
              <p className="code mt-1 rounded-md bg-surface px-2.5 py-1 font-normal whitespace-pre-wrap">
                <Untrusted text={evidence} />
              </p>
            )}
          </li>
        ))}
      </ul>
      <p className="mt-3 text-muted">{plural(dangers.length, 'danger')}. Below stands what would lower each of them.</p>
    </section>
  );
}
