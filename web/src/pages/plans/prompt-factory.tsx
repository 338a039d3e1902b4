import { useNavigate } from '@tanstack/react-router';
import { FileInput, PenLine, Sparkles } from 'lucide-react';
import { useState } from 'react';
import { call } from '../../api/client.ts';
import { useRefusal } from '../../api/session.ts';
import { useAction } from '../../api/use-action.ts';
import { Button } from '../../ui/button.tsx';
import { TextArea } from '../../ui/field.tsx';
import { Failure, Panel } from '../../ui/panel.tsx';
import { Prose } from '../../ui/text.tsx';
import { OpenPlanDialog } from './open-plan.tsx';

export function PromptFactory() {
  const [prompt, setPrompt] = useState('');
  const [isOpening, setIsOpening] = useState(false);
  const [note, setNote] = useState<string | null>(null);
  const navigate = useNavigate();
  const create = useAction(
    (text: string, idempotencyKey) => call('drafts_create', { body: { prompt: text }, idempotencyKey }),
    (draft) => void navigate({ to: '/plans/$id', params: { id: draft.id } }),
  );
  const generate = useAction(
    (text: string, idempotencyKey) => call('generate', { body: { prompt: text }, idempotencyKey }),
    (draft) => {
      if (draft.status === 'error') setNote(draft.error ? `${draft.error.message} ${draft.error.hint}` : 'The provider wrote no plan.');
      else void navigate({ to: '/plans/$id', params: { id: draft.id } });
    },
  );
  const error = create.error ?? generate.error;
  const isBusy = create.isPending || generate.isPending;
  const isEmpty = prompt.trim() === '';
  const start = (action: typeof create): void => {
    setNote(null);
    create.reset();
    generate.reset();
    action.mutate(prompt);
  };
  return (
    <Panel
      title="Prompt Factory"
      hint="Turns what you write into a draft, which you read and change before anything runs."
      aside={
        <Button size="small" icon={FileInput} onClick={() => setIsOpening(true)} refusal={useRefusal('drafts_create')}>
          Open a plan
        </Button>
      }
    >
      {error && <Failure error={error} />}
      {note !== null && (
        <p role="status" className="mb-3 rounded-lg bg-warn-soft p-3 text-warn">
          <Prose text={note} /> The draft is in the table below with the status ERROR.
        </p>
      )}
      <TextArea
        label="What should be done?"
        placeholder="List the five largest files of this repository and say what could be moved out of it."
        value={prompt}
        maxLength={400_000}
        onValue={setPrompt}
      />
      <div className="mt-3 flex flex-wrap items-center gap-2">
        <Button
          look="primary"
          icon={PenLine}
          disabled={isEmpty || isBusy}
          isBusy={create.isPending}
          refusal={useRefusal('drafts_create')}
          onClick={() => start(create)}
        >
          Create draft
        </Button>
        <Button
          icon={Sparkles}
          disabled={isEmpty || isBusy}
          isBusy={generate.isPending}
          refusal={useRefusal('generate')}
          onClick={() => start(generate)}
        >
          Generate via provider
        </Button>
        <p className="text-[0.87rem] text-muted">
          {generate.isPending
            ? 'The provider is writing the plan; 30 seconds at most.'
            : 'A draft sends the prompt as one node; a provider turns it into a plan.'}
        </p>
      </div>
      {isOpening && <OpenPlanDialog onClose={() => setIsOpening(false)} />}
    </Panel>
  );
}
