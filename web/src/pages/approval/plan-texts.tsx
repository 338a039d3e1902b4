import { planTexts } from '#contract/plan-texts.ts';
import type { Plan } from '#contract/plan.ts';
import { TextBlock, Untrusted } from '../../ui/text.tsx';

/** How many characters stand in a plan, and in how many groups: what is more than a dialog can show is read on its page. */
export function textSize(plan: Plan): { chars: number; groups: number } {
  const groups = planTexts(plan);
  const chars = groups.flatMap(({ settings, parts }) => [settings, ...parts.map(({ text }) => text)]).join('').length;
  return { chars, groups: groups.length };
}

/** Every value of the plan, as the terminal shows it too: prompts, commands, changes of files, whole. */
export function PlanTexts({ plan }: { plan: Plan }) {
  return (
    <ul className="flex flex-col gap-3">
      {planTexts(plan).map(({ id, kind, settings, parts }) => (
        <li key={`${id} ${kind}`} className="flex flex-col gap-1.5">
          <h3 className="font-medium">
            <span className="code">{id}</span> {kind !== null && <span className="text-muted">{kind}</span>}
          </h3>
          {settings !== '' && (
            <p className="code text-muted [overflow-wrap:anywhere]">
              <Untrusted text={settings} />
            </p>
          )}
          {parts.map(({ name, text }, index) => (
            <div key={index}>
              <p className="mb-1 text-[0.87rem] text-muted [overflow-wrap:anywhere]">
                <Untrusted text={name} />
              </p>
              <TextBlock label={`${name} of ${id}`} text={text} isTall />
            </div>
          ))}
        </li>
      ))}
    </ul>
  );
}
