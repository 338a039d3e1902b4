import type { Receipt as ReceiptData } from '#contract/objects.ts';
import { plural } from '#contract/plural.ts';
import { cost } from '../../lib/format.ts';
import { nodeWords, stoppedWords } from '../../lib/words.ts';
import { Facts } from '../../ui/list.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Untrusted } from '../../ui/text.tsx';
import { When } from '../../ui/time.tsx';

export function ReceiptPanel({ receipt }: { receipt: ReceiptData }) {
  return (
    <Panel title="Receipt of the stop">
      <Receipt receipt={receipt} />
    </Panel>
  );
}

/** What was asked to stop, and what is proven of it. */
export function Receipt({ receipt }: { receipt: ReceiptData }) {
  return (
    <div className="flex flex-col gap-4">
      <Facts
        rows={[
          [
            'Asked',
            <span key="asked">
              <When at={receipt.asked_at} /> by <span className="code">{receipt.asked_by}</span>
            </span>,
          ],
          [
            'Confirmed',
            receipt.confirmed_at === null ? 'not yet: this receipt completes itself' : <When key="at" at={receipt.confirmed_at} />,
          ],
          ['Spent after the click', cost(receipt.spent_after_usd)],
        ]}
      />
      {receipt.nodes.length > 0 && (
        <ul className="divide-y divide-line border-t border-line" aria-label="stopped nodes">
          {receipt.nodes.map((node) => (
            <li key={node.id} className="flex flex-wrap gap-x-4 py-2">
              <span className="code min-w-0 flex-1 basis-40">
                <Untrusted text={node.id} />
              </span>
              <span className="text-muted">
                was {nodeWords(node.was)}, now <span className="font-medium text-ink">{stoppedWords(node.stopped)}</span>
                {node.processes_left > 0 && (
                  <span className="font-semibold text-bad">, {plural(node.processes_left, 'process', 'processes')} left</span>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
