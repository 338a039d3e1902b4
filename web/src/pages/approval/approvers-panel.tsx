import { Check, Circle } from 'lucide-react';
import type { Draft, Packet } from '#contract/objects.ts';
import { plural } from '#contract/plural.ts';
import { writtenBy } from '#contract/written-by.ts';
import { Panel } from '../../ui/panel.tsx';
import { Untrusted } from '../../ui/text.tsx';
import { When } from '../../ui/time.tsx';

type Vote = Draft['votes'][number];
type Place = { key: string; asks: string; vote: Vote | undefined };

/** One place for each person who has to agree, in the order of the stages. */
function placesOf({ stages }: Packet['approvers'], votes: readonly Vote[]): Place[] {
  const roles = stages.flatMap((stage, index) =>
    Array.from({ length: stage.quorum }, (_none, place) => ({
      key: `${index}.${place}`,
      asks: stage.title === '' ? `a person with the role ${stage.role}` : `${stage.title}: a person with the role ${stage.role}`,
    })),
  );
  return roles.map((role, index) => ({ ...role, vote: votes[index] }));
}

/** Who has to agree, who has, and who wrote it. */
export function ApproversPanel({ draft, packet }: { draft: Draft; packet: Packet }) {
  const { approvers } = packet;
  const votes = draft.votes.filter((vote) => vote.hash === packet.hash);
  return (
    <Panel
      title="Who decides"
      hint={approvers.quorum === 1 ? undefined : `${votes.length} of ${plural(approvers.quorum, 'person', 'people')} agreed`}
    >
      <ol className="flex flex-col gap-2">
        {placesOf(approvers, votes).map(({ key, asks, vote }) => (
          <li key={key} className="flex items-start gap-2">
            {vote ? <Check aria-hidden className="mt-0.5 size-4 text-ok" /> : <Circle aria-hidden className="mt-0.5 size-4 text-muted" />}
            <span className="min-w-0">
              {vote ? (
                <>
                  <span className="font-medium">
                    <Untrusted text={vote.by_name ?? vote.by} />
                  </span>{' '}
                  agreed <When at={vote.at} />
                  {vote.comment !== '' && (
                    <>
                      {' '}
                      — <Untrusted text={vote.comment} />
                    </>
                  )}
                </>
              ) : (
                <span className="text-muted">
                  waits for <Untrusted text={asks} />
                </span>
              )}
            </span>
          </li>
        ))}
      </ol>
      <p className="mt-3 text-muted">
        <Untrusted text={writtenBy(approvers.authors)} /> {approvers.allows_self ? '' : 'Whoever wrote it cannot approve it. '}
        One no ends it; an edit voids what was said so far.
      </p>
    </Panel>
  );
}
