import { Repeat } from 'lucide-react';
import { useState } from 'react';
import type { Approved } from '#contract/objects.ts';
import { GRANT_DAYS } from '#contract/standing-grant.ts';
import { call } from '../../api/client.ts';
import { useRefusal } from '../../api/session.ts';
import { useAction } from '../../api/use-action.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, INPUT_CLASS } from '../../ui/field.tsx';
import { Failure } from '../../ui/panel.tsx';

type Wish = { title: string; max_risk: 'low' | 'medium'; max_uses: number; expires_days: number };

/** Allows the like of an approved plan ahead of time: its envelope is the bound. */
export function MakeGrant({ approved }: { approved: Approved }) {
  const [isAsking, setIsAsking] = useState(false);
  return (
    <>
      <Button size="small" look="quiet" icon={Repeat} refusal={useRefusal('grants_create')} onClick={() => setIsAsking(true)}>
        Approve plans like this ahead of time
      </Button>
      {isAsking && <GrantDialog approved={approved} onClose={() => setIsAsking(false)} />}
    </>
  );
}

function GrantDialog({ approved, onClose }: { approved: Approved; onClose: () => void }) {
  const [wish, setWish] = useState<Wish>({ title: approved.plan.title, max_risk: 'low', max_uses: 10, expires_days: GRANT_DAYS.default });
  const make = useAction(
    (body: Wish, idempotencyKey) => call('grants_create', { body: { ...body, envelope: approved.envelope }, idempotencyKey }),
    onClose,
  );
  const number = (label: string, name: 'max_uses' | 'expires_days', max: number) => (
    <Field label={label}>
      {(id) => (
        <input
          id={id}
          type="number"
          min={1}
          max={max}
          value={wish[name]}
          onChange={(event) => setWish({ ...wish, [name]: event.target.valueAsNumber || 1 })}
          className={INPUT_CLASS}
        />
      )}
    </Field>
  );
  return (
    <Dialog title="Make a standing grant" onClose={onClose}>
      <div className="flex flex-col gap-4">
        <p className="text-muted">
          Whoever may start runs, agents too, can have a draft approved by it that stays inside of the envelope of this plan, in your name.
          You can end it at any time.
        </p>
        <Field label="What it is for">
          {(id) => (
            <input
              id={id}
              value={wish.title}
              maxLength={200}
              onChange={(event) => setWish({ ...wish, title: event.target.value })}
              className={INPUT_CLASS}
            />
          )}
        </Field>
        <Field label="Highest risk that it covers">
          {(id) => (
            <select
              id={id}
              value={wish.max_risk}
              onChange={(event) => setWish({ ...wish, max_risk: event.target.value === 'medium' ? 'medium' : 'low' })}
              className={INPUT_CLASS}
            >
              <option value="low">low</option>
              <option value="medium">medium</option>
            </select>
          )}
        </Field>
        {number('How many drafts', 'max_uses', 1000)}
        {number('Ends after days', 'expires_days', GRANT_DAYS.max)}
        {make.error && <Failure error={make.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="approve" icon={Repeat} isBusy={make.isPending} onClick={() => make.mutate(wish)}>
            Make the grant
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
