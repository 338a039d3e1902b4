/** What an approver should know about the commands of a plan: which of their parts are known only at run time, and what they do with them. Pure. */
import { evaluations } from './evaluating.ts';
import { readCommand, programTexts, type Command } from '../commands/reading.ts';
import { finding, quoteAll } from './finding.ts';
import { validations } from '../nodes/patch.ts';
import type { Finding } from '../objects.ts';
import type { PlanNode } from '../plan.ts';
import { hasReference } from '../template.ts';

const commandsOf = (node: PlanNode): Command[] =>
  node.kind === 'process' ? [node.with] : node.kind === 'patch' ? validations(node.with.validate).map((argv) => ({ argv })) : [];

export function commandTextFindings(node: PlanNode): Finding[] {
  return commandsOf(node).flatMap((command) => [...dynamicFindings(node, command), ...evaluationFindings(node, command)]);
}

function dynamicFindings(node: PlanNode, command: Command): Finding[] {
  const code = programTexts(command).find(hasReference);
  if (code !== undefined) return [shellReference(node, code)];
  const dynamic = [...command.argv, ...(command.cwd === undefined ? [] : [command.cwd])].filter(hasReference);
  return dynamic.length === 0 ? [] : [dynamicArgument(node, dynamic)];
}

const shellReference = (node: PlanNode, code: string): Finding =>
  finding({
    rule: 'SHELL_WITH_REFERENCE',
    severity: 'high',
    node: node.id,
    message: 'A value that is only known at run time becomes part of a program text, where it can be read as code.',
    evidence: code,
    remedy: 'Pass the value in `env` or as an argument of its own, and use "$1" or "$NAME" in the text.',
  });

const dynamicArgument = (node: PlanNode, words: string[]): Finding =>
  finding({
    rule: 'DYNAMIC_ARGUMENT',
    severity: 'medium',
    node: node.id,
    message: 'An argument is only known at run time.',
    evidence: quoteAll(words),
    remedy: 'Check where the value comes from; it cannot begin with `-`.',
  });

function evaluationFindings(node: PlanNode, command: Command): Finding[] {
  const { argv, env = {}, stdin = '' } = command;
  if (![...argv, ...Object.values(env), stdin].some(hasReference)) return [];
  const found = readCommand(argv).code.flatMap((text) => evaluations(text, argv));
  if (found.length === 0) return [];
  return [
    finding({
      rule: 'EVALUATES_TEXT',
      severity: 'high',
      node: node.id,
      message:
        'Its program text can run what it is given as code, and values that are only known at run time go into the node. Nobody is asked about that.',
      evidence: quoteAll([...new Set(found)]),
      remedy: 'Let the text use values as data: "$1" as an argument, no `eval`, nothing that is piped into a shell.',
    }),
  ];
}
