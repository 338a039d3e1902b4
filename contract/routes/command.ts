/** How a row of the table is called on the command line: `drafts_list` is `gimo drafts list`, `status` is `gimo status`. */
import type { RouteId } from './index.ts';

/** `group`: null for a command without one. */
export type CommandName = { group: string | null; verb: string };

export function commandName(id: RouteId): CommandName {
  const at = id.indexOf('_');
  return { group: at === -1 ? null : id.slice(0, at), verb: (at === -1 ? id : id.slice(at + 1)).replaceAll('_', '-') };
}
