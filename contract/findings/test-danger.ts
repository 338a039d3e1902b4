/** Plans for tests of dangers, and what is high about them. */
import { findingsOf, type PlanFacts } from './findings.ts';
import type { Finding } from '../objects.ts';
import { validatePlan } from '../plan-check.ts';
import { envelopeOf } from '../plan-envelope.ts';
import type { Plan } from '../plan.ts';
import { DEFAULT_PROVIDERS } from '../provider.ts';

export const FACTS: PlanFacts = {
  fence: { kind: 'bubblewrap', ok: true, detail: '' },
  env_present: [],
  providers: DEFAULT_PROVIDERS,
  is_repo_dirty: false,
  bound: [],
  local_hosts: [],
  node_secrets: {},
  webhooks: {},
  tools: {},
};

export const planOf = (nodes: object[], more: object = {}): Plan =>
  validatePlan({ version: 1, title: 'Weekly statistics', nodes, ...more });
export const find = (nodes: object[], more: object = {}, facts: Partial<PlanFacts> = {}): Finding[] => {
  const plan = planOf(nodes, more);
  return findingsOf(plan, envelopeOf(plan), { ...FACTS, ...facts });
};
export const highOf = (findings: Finding[]): string[] => findings.filter(({ severity }) => severity === 'high').map(({ rule }) => rule);

export const run = (argv: string[], more: object = {}): object => ({ id: 'a', kind: 'process', with: { argv, ...more } });
/** A line is a script; a list is a command. */
export const commandOf = (command: string | string[]): string[] => (typeof command === 'string' ? ['bash', '-c', command] : command);
export const dangers = (command: string | string[], more: object = {}): string[] => highOf(find([run(commandOf(command), more)]));
export const silent = (rule: string, commands: readonly (string | string[])[], more: object = {}): (string | string[])[] =>
  commands.filter((command) => !dangers(command, more).includes(rule));
