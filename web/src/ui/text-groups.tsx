import type { TextGroup } from '#contract/plan-texts.ts';
import { TextBlock, Untrusted } from './text.tsx';

/** Every value of what is decided on, whole: what is short in one line, longer texts by themselves. */
export function TextGroups({ groups }: { groups: readonly TextGroup[] }) {
  return (
    <ul className="flex flex-col gap-3">
      {groups.map(({ id, kind, settings, parts }) => (
        <li key={`${id} ${kind}`} className="flex flex-col gap-1.5">
          <h3 className="font-medium">
            <span className="code">
              <Untrusted text={id} />
            </span>{' '}
            {kind !== null && <span className="text-muted">{kind}</span>}
          </h3>
          {parts.map(({ name, text }, index) => (
            <div key={index}>
              <p className="mb-1 text-[0.87rem] text-muted [overflow-wrap:anywhere]">
                <Untrusted text={name} />
              </p>
              <TextBlock label={`${name} of ${id}`} text={text} isTall />
            </div>
          ))}
          {settings !== '' && (
            <p className="code text-muted [overflow-wrap:anywhere]">
              <Untrusted text={settings} />
            </p>
          )}
        </li>
      ))}
    </ul>
  );
}
