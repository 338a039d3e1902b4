import { useInfiniteQuery } from '@tanstack/react-query';
import { Users } from 'lucide-react';
import { TRUST_LEVELS, type Agent, type TrustLevel } from '#contract/agents.ts';
import { plural } from '#contract/plural.ts';
import { call } from '../api/client.ts';
import { agents } from '../api/queries.ts';
import { useRefusal } from '../api/session.ts';
import { useAction } from '../api/use-action.ts';
import { cost } from '../lib/format.ts';
import type { Tone } from '../lib/words.ts';
import { Badge } from '../ui/badge.tsx';
import { INPUT_CLASS } from '../ui/field.tsx';
import { MoreButton, PageHead } from '../ui/list.tsx';
import { Empty, Failure, Loaded, Panel } from '../ui/panel.tsx';
import { Untrusted } from '../ui/text.tsx';
import { RegisterAgent } from './agents/register-agent.tsx';

const TONE: Record<TrustLevel, Tone> = { untrusted: 'warn', limited: 'info', trusted: 'ok' };

export function AgentsPage() {
  const query = useInfiniteQuery(agents());
  const items = query.data?.pages.flatMap((page) => page.items);
  return (
    <>
      <PageHead
        title="Agents"
        lead="Runs hand tasks to them. What each may do is bounded by its trust, and by what was approved for the run."
      />
      <div className="flex flex-col gap-5">
        <RegisterAgent />
        <Panel title="Registered agents" isFlush>
          <Loaded query={{ ...query, data: items }} lines={4}>
            {(list) =>
              list.length === 0 ? (
                <Empty icon={Users} title="There are no agents yet" />
              ) : (
                <ul className="divide-y divide-line" aria-label="agents">
                  {list.map((agent) => (
                    <Row key={agent.id} agent={agent} />
                  ))}
                </ul>
              )
            }
          </Loaded>
          <MoreButton query={query} />
        </Panel>
      </div>
    </>
  );
}

function Row({ agent }: { agent: Agent }) {
  const { done, error, cancelled } = agent.outcomes;
  return (
    <li className="flex flex-wrap items-center gap-x-5 gap-y-2 px-4 py-3 sm:px-5">
      <span className="min-w-0 flex-1 basis-56">
        <span className="flex flex-wrap items-center gap-2 font-medium [overflow-wrap:anywhere]">
          <Untrusted text={agent.name} />
          <Badge tone={TONE[agent.trust_level]}>{agent.trust_level}</Badge>
          {agent.retired && <Badge tone="bad">retired</Badge>}
        </span>
        {agent.description !== '' && (
          <span className="block text-[0.9rem] text-muted">
            <Untrusted text={agent.description} />
          </span>
        )}
      </span>
      <span className="text-[0.9rem] text-muted">
        at most {cost(agent.budget.usd)} a task; {plural(done, 'task')} done, {error} failed, {cancelled} stopped
      </span>
      <ChangeTrust agent={agent} />
    </li>
  );
}

/** Only an admin may; others see the level as it is. */
function ChangeTrust({ agent }: { agent: Agent }) {
  const refusal = useRefusal('agents_update');
  const change = useAction((trustLevel: TrustLevel, idempotencyKey) =>
    call('agents_update', { params: { id: agent.id }, body: { trust_level: trustLevel }, idempotencyKey }),
  );
  if (refusal !== null) return null;
  return (
    <span className="basis-40">
      <select
        aria-label={`Trust in ${agent.name}`}
        value={agent.trust_level}
        disabled={change.isPending}
        onChange={(event) => {
          const level = TRUST_LEVELS.find((name) => name === event.target.value);
          if (level !== undefined) change.mutate(level);
        }}
        className={INPUT_CLASS}
      >
        {TRUST_LEVELS.map((level) => (
          <option key={level} value={level}>
            {level}
          </option>
        ))}
      </select>
      {change.error && <Failure error={change.error} />}
    </span>
  );
}
