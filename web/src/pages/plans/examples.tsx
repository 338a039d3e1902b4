import { ArrowRight } from 'lucide-react';
import { planNodesText } from '#contract/node-figures.ts';
import type { Answer } from '../../api/client.ts';
import { useRefusal } from '../../api/session.ts';
import { Button } from '../../ui/button.tsx';
import { Failure, Panel } from '../../ui/panel.tsx';
import { Untrusted } from '../../ui/text.tsx';
import { ModelBadges } from './model-health.tsx';
import { useNewDraft } from './new-draft.tsx';

type Example = Answer<'ui_status'>['examples'][number];

/** Plans that come with GIMO and do real work on the repository at hand. */
export function Examples({ examples }: { examples: readonly Example[] }) {
  const refusal = useRefusal('drafts_create');
  const create = useNewDraft();
  if (examples.length === 0) return null;
  return (
    <Panel title="Start from an example" hint="Real work on this repository; you see everything before it runs.">
      {create.error && <Failure error={create.error} />}
      <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
        {examples.map((example) => (
          <li key={example.name} className="flex flex-col gap-2 rounded-lg border border-line p-4">
            <h3 className="font-semibold">
              <Untrusted text={example.title} />
            </h3>
            <p className="flex-1 text-[0.92rem] text-muted">
              <Untrusted text={example.intent} />
            </p>
            <ModelBadges plan={example.plan} />
            <div className="flex items-center justify-between gap-2">
              <span className="text-[0.85rem] text-muted">{planNodesText(example.plan)}</span>
              <Button
                size="small"
                look="primary"
                icon={ArrowRight}
                refusal={refusal}
                isBusy={create.isPending && create.variables === example.plan}
                onClick={() => create.mutate(example.plan)}
                aria-label={`Use this: ${example.title}`}
              >
                Use this
              </Button>
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
