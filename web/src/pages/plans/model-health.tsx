import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Sparkles, TriangleAlert } from 'lucide-react';
import { providersCalled } from '#contract/model-calls.ts';
import type { Plan } from '#contract/plan.ts';
import { silentSentence } from '#contract/silent-provider.ts';
import { providerHealth } from '../../api/queries.ts';
import { useRefusal } from '../../api/session.ts';
import { Badge } from '../../ui/badge.tsx';
import { Prose } from '../../ui/text.tsx';

type Planned = { plan: Pick<Plan, 'nodes'> };
const FRESH_MS = 60_000;

/** Whether a provider answers, asked once a minute at most; `auto` is the active one. Nothing is known for who may not ask. */
function useHealth(name: string) {
  const isAllowed = useRefusal('provider_health') === null;
  return useQuery({ ...providerHealth(name === 'auto' ? undefined : name), enabled: isAllowed, staleTime: FRESH_MS }).data;
}

/** On a card: that the plan needs a model, and that it would not get one now. */
export function ModelBadges({ plan }: Planned) {
  const [name] = providersCalled(plan);
  return name === undefined ? null : <ModelBadge name={name} />;
}

function ModelBadge({ name }: { name: string }) {
  const health = useHealth(name);
  const isSilent = health?.ok === false;
  return (
    <span className="flex flex-wrap gap-1.5" title={isSilent ? `${health.name}: ${health.detail}` : undefined}>
      <Badge tone="info" icon={Sparkles}>
        needs a model
      </Badge>
      {isSilent && (
        <Badge tone="warn" icon={TriangleAlert}>
          {health.name} does not answer
        </Badge>
      )}
    </span>
  );
}

/** In a packet: each provider that the plan calls and that does not answer now. */
export function SilentProviders({ plan }: Planned) {
  return providersCalled(plan).map((name) => <SilentProvider key={name} name={name} />);
}

function SilentProvider({ name }: { name: string }) {
  const health = useHealth(name);
  if (health?.ok !== false) return null;
  return (
    <p role="status" className="flex items-start gap-2 rounded-lg bg-warn-soft p-3 text-warn">
      <TriangleAlert aria-hidden className="mt-0.5 size-4.5 shrink-0" />
      <span className="[overflow-wrap:anywhere]">
        <Prose text={silentSentence(health)} />{' '}
        <Link to="/provider" className="underline">
          Start it or choose another
        </Link>
      </span>
    </p>
  );
}
