import { MailCheck } from 'lucide-react';
import type { Gate, Run } from '#contract/objects.ts';
import { Untrusted } from '../../ui/text.tsx';
import { useLasting } from '../../ui/time.tsx';
import { answerText } from './gate-options.ts';

/** A run takes an answer up in a moment; only what takes longer is news. */
const NEWS_MS = 2000;

/** What became of an answer that was given while nobody was there to act on it. */
export function KeptAnswers({ run, gates }: { run: Run; gates: readonly Gate[] }) {
  const isLate = useLasting(gates.length > 0, NEWS_MS);
  if (gates.length === 0 || !(isLate || run.stale === true)) return null;
  return (
    <div role="status" className="flex gap-3 rounded-xl border border-accent/40 bg-accent-soft p-4 sm:p-5">
      <MailCheck aria-hidden className="mt-0.5 size-5 shrink-0 text-accent" />
      <div className="min-w-0">
        {gates.map((gate) => (
          <p key={gate.id} className="font-semibold [overflow-wrap:anywhere]">
            “<Untrusted text={gate.title} />
            ”: {answerText(gate)}
          </p>
        ))}
        <p>
          {gates.length === 1
            ? 'This answer is stored and signed, and takes effect'
            : 'These answers are stored and signed, and take effect'}{' '}
          as soon as a worker is back and takes the run up again. There is nothing to repeat.
        </p>
      </div>
    </div>
  );
}
