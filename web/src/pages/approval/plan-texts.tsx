import { planTexts } from '#contract/plan-texts.ts';
import type { Plan } from '#contract/plan.ts';
import { TextGroups } from '../../ui/text-groups.tsx';

/** How many characters stand in a plan, and in how many groups: what is more than a dialog can show is read on its page. */
export function textSize(plan: Plan): { chars: number; groups: number } {
  const groups = planTexts(plan);
  const chars = groups.flatMap(({ settings, parts }) => [settings, ...parts.map(({ text }) => text)]).join('').length;
  return { chars, groups: groups.length };
}

/** Every value of the plan, as the terminal shows it too: prompts, commands, changes of files, whole. */
export function PlanTexts({ plan }: { plan: Plan }) {
  return <TextGroups groups={planTexts(plan)} />;
}
