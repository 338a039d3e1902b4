import { KeyRound } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { ROLES, TOKEN_CLASSES, type Role, type TokenClass } from '#contract/objects.ts';
import { TOKEN_DAYS } from '#contract/tokens.ts';
import { call, type Answer } from '../../api/client.ts';
import { useRefusal } from '../../api/session.ts';
import { useAction } from '../../api/use-action.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, INPUT_CLASS } from '../../ui/field.tsx';
import { Failure, Panel } from '../../ui/panel.tsx';
import { CopyButton } from '../../ui/text.tsx';

type Wish = { label: string; role: Role; class: TokenClass; expires_days: number };
const EMPTY: Wish = { label: '', role: 'operator', class: 'human', expires_days: TOKEN_DAYS.default };

export function MakeToken() {
  const [wish, setWish] = useState(EMPTY);
  const [made, setMade] = useState<Answer<'tokens_create'> | null>(null);
  const refusal = useRefusal('tokens_create');
  const make = useAction(
    (body: Wish, idempotencyKey) => call('tokens_create', { body, idempotencyKey }),
    (token) => {
      setMade(token);
      setWish(EMPTY);
    },
  );
  // Nothing of the value is kept, neither here nor with the request.
  const forget = (): void => {
    setMade(null);
    make.reset();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    make.mutate(wish);
  };
  return (
    <Panel title="Make a token">
      {make.error && <Failure error={make.error} />}
      <form onSubmit={submit} className="flex flex-wrap items-end gap-4">
        <div className="min-w-48 flex-1">
          <Field label="Whose it is">
            {(id) => (
              <input
                id={id}
                required
                maxLength={100}
                value={wish.label}
                onChange={(event) => setWish({ ...wish, label: event.target.value })}
                className={INPUT_CLASS}
              />
            )}
          </Field>
        </div>
        <Pick label="Role" value={wish.role} options={ROLES} onChange={(role) => setWish({ ...wish, role })} />
        <Pick label="For a" value={wish.class} options={TOKEN_CLASSES} onChange={(name) => setWish({ ...wish, class: name })} />
        <div className="w-28">
          <Field label="Days">
            {(id) => (
              <input
                id={id}
                type="number"
                required
                min={1}
                max={TOKEN_DAYS.max}
                value={wish.expires_days}
                onChange={(event) => setWish({ ...wish, expires_days: event.target.valueAsNumber || 1 })}
                className={INPUT_CLASS}
              />
            )}
          </Field>
        </div>
        <Button type="submit" look="primary" icon={KeyRound} isBusy={make.isPending} refusal={refusal}>
          Make it
        </Button>
      </form>
      <p className="mt-3 text-[0.9rem] text-muted">
        An agent reads, drafts, starts what was approved, pauses and stops; it never approves, whatever its role.
      </p>
      {made && <MadeDialog made={made} onClose={forget} />}
    </Panel>
  );
}

type PickProps<T extends string> = { label: string; value: T; options: readonly T[]; onChange: (value: T) => void };

function Pick<T extends string>({ label, value, options, onChange }: PickProps<T>) {
  const choose = (text: string): void => {
    const found = options.find((option) => option === text);
    if (found !== undefined) onChange(found);
  };
  return (
    <div className="w-32">
      <Field label={label}>
        {(id) => (
          <select id={id} value={value} onChange={(event) => choose(event.target.value)} className={`${INPUT_CLASS} min-h-10`}>
            {options.map((option) => (
              <option key={option}>{option}</option>
            ))}
          </select>
        )}
      </Field>
    </div>
  );
}

function MadeDialog({ made, onClose }: { made: Answer<'tokens_create'>; onClose: () => void }) {
  return (
    <Dialog title={`The token of ${made.label}`}>
      <div className="flex flex-col gap-4">
        {made.token === null ? (
          <p>It was made by an earlier request and is not shown again: revoke it and make another one.</p>
        ) : (
          <>
            <p className="text-muted">Copy it now: it is shown this once and stored nowhere.</p>
            <p className="flex items-center gap-2 rounded-lg border border-line bg-sunken p-3">
              <code className="code min-w-0 flex-1 [overflow-wrap:anywhere]">{made.token}</code>
              <CopyButton text={made.token} label="Copy the token" />
            </p>
          </>
        )}
        <div className="flex justify-end">
          <Button look="primary" onClick={onClose}>
            I have it
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
