import { useState } from 'react';
import { TRUST_LEVELS, type TrustLevel } from '#contract/agents.ts';
import { call } from '../../api/client.ts';
import { useRefusal } from '../../api/session.ts';
import { useAction } from '../../api/use-action.ts';
import { Button } from '../../ui/button.tsx';
import { INPUT_CLASS } from '../../ui/field.tsx';
import { Failure, Panel } from '../../ui/panel.tsx';

type New = { name: string; trust_level: TrustLevel; system: string };
const EMPTY: New = { name: '', trust_level: 'untrusted', system: '' };

/** For admins; what is not asked here is set with the API. */
export function RegisterAgent() {
  const [agent, setAgent] = useState(EMPTY);
  const refusal = useRefusal('agents_create');
  const create = useAction(
    (body: New, idempotencyKey) => call('agents_create', { body, idempotencyKey }),
    () => setAgent(EMPTY),
  );
  if (refusal !== null) return null;
  return (
    <Panel title="Register an agent">
      <form
        className="flex flex-wrap items-end gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate(agent);
        }}
      >
        <label className="min-w-0 flex-1 basis-48">
          Name
          <input
            required
            pattern="[a-z][a-z0-9_\-]{0,62}"
            value={agent.name}
            onChange={(event) => setAgent({ ...agent, name: event.target.value })}
            className={INPUT_CLASS}
          />
        </label>
        <label className="basis-40">
          Trust
          <select
            value={agent.trust_level}
            onChange={(event) =>
              setAgent({ ...agent, trust_level: TRUST_LEVELS.find((name) => name === event.target.value) ?? 'untrusted' })
            }
            className={INPUT_CLASS}
          >
            {TRUST_LEVELS.map((level) => (
              <option key={level} value={level}>
                {level}
              </option>
            ))}
          </select>
        </label>
        <label className="min-w-0 flex-1 basis-72">
          What its model is told
          <input
            maxLength={20_000}
            value={agent.system}
            onChange={(event) => setAgent({ ...agent, system: event.target.value })}
            className={INPUT_CLASS}
          />
        </label>
        <Button type="submit" look="approve" isBusy={create.isPending}>
          Register
        </Button>
      </form>
      {create.error && <Failure error={create.error} />}
    </Panel>
  );
}
