import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Approved } from '#contract/objects.ts';
import { approved as approvedQuery } from '../api/queries.ts';
import { PlanGraphPanel } from '../graph/plan-graph-panel.tsx';
import { Facts, PageHead } from '../ui/list.tsx';
import { Loaded, Panel } from '../ui/panel.tsx';
import { Hash, JsonBlock, Untrusted } from '../ui/text.tsx';
import { Until, When } from '../ui/time.tsx';
import { MakeGrant } from './approved/make-grant.tsx';
import { RunForm } from './approved/run-form.tsx';
import { ApprovalState } from './approved/state.tsx';
import { TakeBack } from './approved/take-back.tsx';
import { PlanText } from './plans/plan-text.tsx';
import { RunsOf } from './run/runs-of.tsx';

const route = getRouteApi('/approved/$id');

export function ApprovedPage() {
  const { id } = route.useParams();
  const query = useQuery(approvedQuery(id));
  return (
    <Loaded query={query} lines={8}>
      {(approved) => (
        <>
          <PageHead title={approved.plan.title} lead={approved.plan.intent} aside={<ApprovalState approved={approved} />} />
          <div className="flex flex-col gap-5">
            <Panel title="Run it">
              <RunForm approved={approved} />
            </Panel>
            {approved.runs_started > 0 && <RunsOf approvedId={approved.id} />}
            <Panel
              title="Decision"
              aside={
                <span className="flex gap-2">
                  <MakeGrant approved={approved} />
                  <TakeBack approved={approved} />
                </span>
              }
            >
              <Facts rows={decisionRows(approved)} />
            </Panel>
            <PlanGraphPanel plan={approved.plan} />
            <Panel title="Complete plan">
              <PlanText plan={approved.plan} isTall />
            </Panel>
          </div>
        </>
      )}
    </Loaded>
  );
}

function revokedRow(at: string, { revoked_by, revoke_reason }: Approved): [string, ReactNode] {
  return [
    'Revoked',
    <span key="revoked">
      <When at={at} /> by <span className="code">{revoked_by}</span>
      {revoke_reason !== '' && (
        <>
          : <Untrusted text={revoke_reason} />
        </>
      )}
    </span>,
  ];
}

/** Everybody who agreed, in their order. */
function agreed({ decision: { by, by_name, agreement } }: Approved): ReactNode {
  const votes = [...(agreement?.earlier ?? []), { by, by_name }];
  const names = votes.map((vote) => vote.by_name ?? vote.by).join(', ');
  const how = agreement?.grant === undefined ? '' : ` ahead of time, asked for by ${agreement.grant.asked_by}`;
  return <Untrusted key="agreed" text={`${names}${how}`} />;
}

function decisionRows(approved: Approved): [string, ReactNode][] {
  const { decision, preconditions } = approved;
  const code = (text: string): ReactNode => <span className="code">{text}</span>;
  const rows: [string, ReactNode][] = [
    ['Approved plan', code(approved.id)],
    [
      'From draft',
      <Link key="draft" to="/plans/$id" params={{ id: approved.draft_id }} className="code text-accent underline">
        {approved.draft_id}
      </Link>,
    ],
    [
      'Approved',
      <span key="at">
        <When at={approved.approved_at} /> by {code(approved.approved_by)}
      </span>,
    ],
    ['Agreed', agreed(approved)],
    ['Comment', decision.comment === '' ? '—' : <Untrusted key="comment" text={decision.comment} />],
    ['Hash of the plan', <Hash key="hash" value={approved.hash} />],
    ['Shown', decision.packet_hash === null ? 'approved without being shown' : <Hash key="packet" value={decision.packet_hash} />],
    ['Signed with key', code(decision.signatures.map((signature) => signature.kid).join(', '))],
    ['Runs', `${approved.runs_started} of ${approved.max_runs} started`],
    ['Lapses', <Until key="until" at={approved.expires_at} />],
    ...(approved.revoked_at === null ? [] : [revokedRow(approved.revoked_at, approved)]),
    ['Base commit', preconditions.base_commit === null ? '—' : code(preconditions.base_commit)],
  ];
  const inputs = Object.entries(approved.inputs);
  return [
    ...rows,
    ...inputs.map(([name, value]): [string, ReactNode] => [`Input ${name}`, <JsonBlock key={name} label={name} value={value} />]),
  ];
}
