import type { ReactNode } from 'react';
import type { Draft, Packet } from '#contract/objects.ts';
import { plural } from '#contract/plural.ts';
import { PlanGraphPanel } from '../../graph/plan-graph-panel.tsx';
import { cost, duration } from '../../lib/format.ts';
import { Facts } from '../../ui/list.tsx';
import { Panel } from '../../ui/panel.tsx';
import { RiskBadge } from '../../ui/status.tsx';
import { Hash, Prose, TextBlock, Untrusted } from '../../ui/text.tsx';
import { Until } from '../../ui/time.tsx';
import { SilentProviders } from '../plans/model-health.tsx';
import { PlanText } from '../plans/plan-text.tsx';
import { ApproversPanel } from './approvers-panel.tsx';
import { Capabilities } from './capabilities.tsx';
import { DiffPanel } from './diff-panel.tsx';
import { Findings } from './findings.tsx';

const LONG_CHARS = 60;
/** A list that is longer would push away the findings. */
const OPEN_COMMANDS = 15;
const OPEN_CHARS = 6000;

type Props = { draft: Draft; packet: Packet; seen: ReadonlySet<string>; onSeen: (key: string, isSeen: boolean) => void; inputs: ReactNode };

/** One column, in the order of reading: what would happen, what is risky, what it may touch, what changed, the whole, what it costs, what exactly is signed. */
export function Proof({ draft, packet, seen, onSeen, inputs }: Props) {
  return (
    <div className="flex flex-col gap-5">
      <section aria-label="If you approve" className="rounded-xl border border-accent/30 bg-accent-soft p-4 sm:p-5">
        <p className="text-lg leading-relaxed font-medium text-balance [overflow-wrap:anywhere]">
          <Prose text={packet.sentence} />
        </p>
        <div className="mt-3">
          <RiskBadge risk={packet.risk} />
        </div>
        <LongCommands capabilities={packet.capabilities} />
      </section>
      <SilentProviders plan={packet.plan} />
      {inputs}
      <Panel title="Findings" hint={packet.findings.length === 0 ? undefined : plural(packet.findings.length, 'finding')}>
        <Findings findings={packet.findings} seen={seen} onSeen={onSeen} isDecided={draft.status !== 'draft'} />
      </Panel>
      <Panel title="Capabilities" hint="Approving grants exactly these, for this plan only.">
        <Capabilities capabilities={packet.capabilities} />
      </Panel>
      <DiffPanel packet={packet} />
      <PlanGraphPanel plan={packet.plan} />
      <Panel title="Complete plan">
        <PlanText plan={packet.plan} isTall />
      </Panel>
      <EstimatePanel packet={packet} />
      <ApproversPanel draft={draft} packet={packet} />
      <IdentityPanel packet={packet} />
    </div>
  );
}

/** The sentence only counts the lines of a long program. Counted is there, by nodes; here two of one command are one line. */
function LongCommands({ capabilities }: Pick<Packet, 'capabilities'>) {
  const commands = capabilities.filter(({ type }) => type === 'command');
  if (!commands.some(({ value }) => value.length > LONG_CHARS || value.includes('\n'))) return null;
  const chars = commands.map(({ value }) => value).join('').length;
  return (
    <details className="mt-3" open={commands.length <= OPEN_COMMANDS && chars <= OPEN_CHARS}>
      <summary className="font-medium text-accent">What is run, each in full</summary>
      <ol className="mt-2 flex flex-col gap-2">
        {commands.map(({ value, nodes }) => (
          <li key={value}>
            <TextBlock label={`command of ${nodes.join(', ')}`} text={value} isTall />
          </li>
        ))}
      </ol>
    </details>
  );
}

function EstimatePanel({ packet: { estimate, envelope } }: { packet: Packet }) {
  return (
    <Panel title="Estimate and limits">
      <Facts
        rows={[
          ['Nodes', estimate.nodes.toLocaleString('en')],
          ['Cost', `${cost(estimate.cost_usd)} (never more than ${cost(envelope.budget.usd)})`],
          [
            'Time',
            `${estimate.wall_ms === null ? 'unknown' : duration(estimate.wall_ms)} (never more than ${duration(envelope.budget.wall_ms)})`,
          ],
          ['Tokens', `never more than ${envelope.budget.tokens.toLocaleString('en')}`],
          ['At a time', plural(envelope.max_parallel, 'node')],
          ['Based on', <Untrusted key="basis" text={estimate.basis} />],
        ]}
      />
    </Panel>
  );
}

function IdentityPanel({ packet }: { packet: Packet }) {
  const { repo, base_commit } = packet.preconditions;
  return (
    <Panel title="What is signed">
      <Facts
        rows={[
          ['Hash of the plan', <Hash key="hash" value={packet.hash} />],
          ['Hash of all shown', <Hash key="packet" value={packet.packet_hash} />],
          ['Revision', packet.revision],
          [
            'Repository',
            repo === null ? (
              'touches no files'
            ) : (
              <span key="repo" className="code">
                {repo}
              </span>
            ),
          ],
          [
            'Base commit',
            base_commit === null ? (
              '—'
            ) : (
              <span key="base" className="code">
                {base_commit}
              </span>
            ),
          ],
          ['Approval lapses', <Until key="until" at={packet.expires_at} />],
          ['Runs per approval', packet.plan.policy.max_runs],
        ]}
      />
    </Panel>
  );
}
