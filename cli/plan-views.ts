/** Lists of drafts and of approvals in a terminal: by the titles of their plans. */
import type { Approved, Draft } from '#contract/objects.ts';
import type { RouteId } from '#contract/routes/index.ts';
import { answerLines } from './table.ts';
import type { Paint } from './terminal.ts';

type View = (data: never, paint: Paint, width: number) => string[];

/** A draft that has no plan is known by what was asked for. */
function titled({ plan, prompt, ...row }: Draft | Approved): Record<string, unknown> {
  return { ...row, title: plan?.title ?? prompt };
}

function titledLines(rows: (Draft | Approved)[], paint: Paint, width: number): string[] {
  return answerLines(rows.map(titled), width, paint);
}

export const PLAN_VIEWS: Partial<Record<RouteId, View>> = { drafts_list: titledLines, approved_list: titledLines };
