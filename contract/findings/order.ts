/** In which order findings are read. Pure. */
import { SEVERITIES, type Finding } from '../objects.ts';

/** What nearly every plan does: what is said of it comes behind what is said of few, and is the last of its severity. */
const ORDINARY = [
  'MODEL_CHOOSES',
  'CALLS_TOOL',
  'DYNAMIC_ARGUMENT',
  'OPEN_INPUT',
  'SENDS_REQUESTS',
  'SENDS_TO_MODEL',
  'WRITES_FILES',
  'EXECUTES_COMMANDS',
];

/** Worst first; equal ones stay as they are. */
export function byWeight(a: Finding, b: Finding): number {
  return SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) || ORDINARY.indexOf(a.rule) - ORDINARY.indexOf(b.rule);
}
