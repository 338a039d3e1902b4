import { useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleX, HeartPulse } from 'lucide-react';
import { call, type Answer } from '../api/client.ts';
import { providerHealth, providers } from '../api/queries.ts';
import { useRefusal } from '../api/session.ts';
import { useAction } from '../api/use-action.ts';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { Field, INPUT_CLASS } from '../ui/field.tsx';
import { PageHead } from '../ui/list.tsx';
import { Failure, Loaded, Panel } from '../ui/panel.tsx';
import { Untrusted } from '../ui/text.tsx';

type Config = Answer<'provider_get'>;
type Entry = Config['providers'][string];

export function ProviderPage() {
  const query = useQuery(providers());
  return (
    <>
      <PageHead title="Provider" lead="Where model calls go. Keys are names of environment variables; their values never come here." />
      <Loaded query={query} lines={6}>
        {(config) => (
          <div className="flex flex-col gap-5">
            <Active config={config} />
            <Panel title="All providers" isFlush>
              <Table config={config} />
            </Panel>
          </div>
        )}
      </Loaded>
    </>
  );
}

function Active({ config }: { config: Config }) {
  const change = useAction((active: string, idempotencyKey) => call('provider_put', { body: { active }, idempotencyKey }));
  const refusal = useRefusal('provider_put');
  return (
    <Panel title="Active provider" hint="Nodes with the provider “auto” use it from their next call on.">
      {change.error && <Failure error={change.error} />}
      <div className="flex flex-wrap items-end gap-4">
        <div className="min-w-56 flex-1 sm:max-w-xs">
          <Field label="Use">
            {(id) => (
              <select
                id={id}
                value={change.isPending ? change.variables : config.active}
                disabled={change.isPending || refusal !== null}
                title={refusal ?? undefined}
                onChange={(event) => change.mutate(event.target.value)}
                className={`${INPUT_CLASS} min-h-10`}
              >
                {Object.keys(config.providers).map((name) => (
                  <option key={name}>{name}</option>
                ))}
              </select>
            )}
          </Field>
        </div>
        <Health name={config.active} />
      </div>
    </Panel>
  );
}

function Health({ name }: { name: string }) {
  const query = useQuery(providerHealth(name));
  const refusal = useRefusal('provider_health');
  const health = query.data;
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-3">
      <Button
        icon={HeartPulse}
        refusal={refusal}
        isBusy={query.isFetching}
        aria-label={`Check ${name}`}
        onClick={() => void query.refetch()}
      >
        Check
      </Button>
      {query.error && !query.isFetching && <Failure error={query.error} />}
      {health && !query.isFetching && (
        <p role="status" className={`flex min-w-0 items-center gap-1.5 ${health.ok ? 'text-ok' : 'text-bad'}`}>
          {health.ok ? <CircleCheck aria-hidden className="size-4.5 shrink-0" /> : <CircleX aria-hidden className="size-4.5 shrink-0" />}
          <span className="[overflow-wrap:anywhere]">
            <Untrusted text={health.detail || (health.ok ? 'It answers.' : 'It does not answer.')} />
            {health.ok && health.latency_ms !== null && ` (${Math.round(health.latency_ms)} ms)`}
          </span>
        </p>
      )}
    </div>
  );
}

function Table({ config }: { config: Config }) {
  return (
    <ul className="divide-y divide-line">
      {Object.entries(config.providers).map(([name, entry]) => (
        <li key={name} className="flex flex-wrap items-center gap-x-5 gap-y-2 px-4 py-3.5 sm:px-5">
          <span className="min-w-0 flex-1 basis-64">
            <span className="flex flex-wrap items-center gap-2 font-medium">
              {name}
              {name === config.active && <Badge tone="ok">active</Badge>}
            </span>
            <span className="code block text-muted">
              <Untrusted text={`${entry.type} · ${entry.model}`} />
            </span>
            {entry.base_url !== null && (
              <span className="code block text-muted">
                <Untrusted text={entry.base_url} />
              </span>
            )}
          </span>
          <KeyState entry={entry} />
          {name !== config.active && <Health name={name} />}
        </li>
      ))}
    </ul>
  );
}

function KeyState({ entry }: { entry: Entry }) {
  if (entry.api_key === null) return <span className="text-[0.9rem] text-muted">no key</span>;
  const word = entry.key_set === null ? 'not known whether set' : entry.key_set ? 'set' : 'not set';
  return (
    <span className="flex flex-wrap items-center gap-2 text-[0.9rem]">
      <span className="code">{entry.api_key}</span>
      <Badge tone={entry.key_set === null ? 'neutral' : entry.key_set ? 'ok' : 'warn'}>{word}</Badge>
    </span>
  );
}
