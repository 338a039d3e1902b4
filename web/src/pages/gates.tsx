import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Hand } from 'lucide-react';
import { gates } from '../api/queries.ts';
import { Choice, PageHead } from '../ui/list.tsx';
import { Empty, Loaded } from '../ui/panel.tsx';
import { AnsweredGates, GateCard } from './run/gate-card.tsx';

const route = getRouteApi('/gates');
const FILTERS = [
  ['open', 'Open'],
  ['all', 'All'],
] as const;

/** Every question that waits for a person, oldest first, and on demand those that were answered. */
export function GatesPage() {
  const { show = 'open' } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(gates(show === 'open' ? 'open' : undefined));
  return (
    <>
      <PageHead
        title="Gates"
        lead="Runs that wait for a person. Time alone never answers one with yes."
        aside={
          <Choice
            label="Show gates"
            value={show}
            options={FILTERS}
            onChange={(next) => void navigate({ search: next === 'open' ? {} : { show: next } })}
          />
        }
      />
      <Loaded query={query} lines={6}>
        {(list) => {
          const open = list.filter((gate) => gate.status === 'open').toReversed();
          return (
            <div className="flex flex-col gap-5">
              {open.length === 0 && (
                <Empty icon={Hand} title="Nothing waits for you">
                  A run that reaches a gate, or an effect whose outcome a crash left unknown, will ask here.
                </Empty>
              )}
              {open.map((gate) => (
                <GateCard key={`${gate.id} ${gate.hash}`} gate={gate} hasRunLink />
              ))}
              <AnsweredGates gates={list.filter((gate) => gate.status !== 'open')} />
            </div>
          );
        }}
      </Loaded>
    </>
  );
}
