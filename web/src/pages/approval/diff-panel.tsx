import { Link } from '@tanstack/react-router';
import type { Packet } from '#contract/objects.ts';
import { Panel } from '../../ui/panel.tsx';
import { Untrusted } from '../../ui/text.tsx';

/** Which nodes differ from what was approved last, and each text of them as it was and as it is. */
export function DiffPanel({ packet: { diff } }: { packet: Packet }) {
  const parts =
    diff &&
    ([
      ['added', diff.added, 'text-ok'],
      ['changed', diff.changed, 'text-warn'],
      ['removed', diff.removed, 'text-bad'],
    ] as const);
  const isSame = parts?.every(([, ids]) => ids.length === 0) && diff?.changes.length === 0;
  return (
    <Panel title="Against the last approved version">
      {!diff && <p className="text-muted">No plan with this title has been approved before: all of it is new.</p>}
      {diff && (
        <>
          <p className="mb-2 text-muted">
            Compared with{' '}
            <Link to="/approved/$id" params={{ id: diff.against }} className="code text-accent underline">
              {diff.against}
            </Link>
            {isSame && ': no node differs.'}
          </p>
          <ul className="flex flex-col gap-1">
            {parts?.flatMap(([word, ids, colour]) =>
              ids.map((id) => (
                <li key={`${word} ${id}`}>
                  <span className={`inline-block w-20 font-semibold ${colour}`}>{word}</span>
                  <span className="code">
                    <Untrusted text={id} />
                  </span>
                </li>
              )),
            )}
          </ul>
          <Changes changes={diff.changes} />
        </>
      )}
    </Panel>
  );
}

function Changes({ changes }: { changes: NonNullable<Packet['diff']>['changes'] }) {
  return (
    <ul className="mt-3 flex flex-col gap-3">
      {changes.map(({ node, name, before, after }) => (
        <li key={`${node} ${name}`}>
          <p className="mb-1 text-[0.87rem] text-muted [overflow-wrap:anywhere]">
            <span className="code">
              <Untrusted text={node} />
            </span>
            , <Untrusted text={name} />
          </p>
          <Side label="was" colour="text-bad" text={before} />
          <Side label="is" colour="text-ok" text={after} />
        </li>
      ))}
    </ul>
  );
}

function Side({ label, colour, text }: { label: string; colour: string; text: string | null }) {
  if (text === null) return null;
  return (
    <p className="code flex gap-3 bg-sunken px-2.5 py-1.5 [overflow-wrap:anywhere] whitespace-pre-wrap">
      <span className={`w-8 shrink-0 font-sans font-semibold ${colour}`}>{label}</span>
      <span className="min-w-0 flex-1">
        <Untrusted text={text} />
      </span>
    </p>
  );
}
