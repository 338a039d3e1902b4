/** What a plan does that a person should stop at, each with a name of its own and the very words of it. Pure. */
import { actsOf, type Act } from '../commands/acts.ts';
import type { Command } from '../commands/reading.ts';
import { runsFetchedCode } from './danger-code.ts';
import { deletesWidely } from './danger-deletes.ts';
import { classesOf, deletedByDiff, newPrograms } from './danger-files.ts';
import { gitCall, pushes, steeringSetting } from './danger-git.ts';
import { sends } from './danger-network.ts';
import { fetchesPackage } from './danger-packages.ts';
import { gitFolderWord, outsideWord, secretFileOf, steeringVariable } from './danger-words.ts';
import { finding, quoteAll } from './finding.ts';
import { showInvisible } from '../invisible.ts';
import type { Finding, Severity } from '../objects.ts';
import type { PlanNode } from '../plan.ts';
import { plannedEffects } from '../plan-envelope.ts';
import { plannedCommands } from '../commands/planned.ts';
import { plural } from '../plural.ts';

const QUOTE_CHARS = 200;
const MANY_DELETED = 5;

/** `find`: the words that it is about; null when the command does nothing of the kind. */
type CommandRule = { rule: string; message: string; remedy: string; find: (act: Act) => string | null };

const whole = (is: (act: Act) => boolean) => (act: Act) => (is(act) ? act.text : null);

/** Worst first. */
const COMMAND_RULES: readonly CommandRule[] = [
  {
    rule: 'PIPES_INTO_SHELL',
    message: 'It runs a text as a program that nobody can read before: it is fetched, decoded or made while it runs.',
    remedy: 'Write the text to a file in one node, let a person read it, and run that.',
    find: whole(({ unseen, code }) => unseen || runsFetchedCode(code)),
  },
  {
    rule: 'RUNS_FETCHED_PACKAGE',
    message: 'It fetches what somebody has published, by its name or address, and runs it before anybody can read it.',
    remedy: 'Name it, with its version, in the lock file of the project, and run it from there.',
    find: whole(fetchesPackage),
  },
  {
    rule: 'READS_SECRET_FILE',
    message: 'It reads or writes a file whose name says that it holds secrets.',
    remedy: 'Leave the file out, or give the one value that is needed as a secret of a request.',
    find: secretFileOf,
  },
  {
    rule: 'DELETES_WIDELY',
    message: 'It deletes whole folders, or everything that matches.',
    remedy: 'Delete the files by name with a `patch`, so that each of them is shown.',
    find: whole(deletesWidely),
  },
  {
    rule: 'WRITES_GIT_FOLDER',
    message: 'It writes inside of `.git`, where hooks and settings run programs by themselves.',
    remedy: 'Remove it; a branch and its commits are made by GIMO.',
    find: gitFolderWord,
  },
  {
    rule: 'CHANGES_GIT_CONFIG',
    message: 'It changes a setting of git that runs a program, or sends somewhere else.',
    remedy: 'Remove the setting.',
    find: (act) => {
      const git = gitCall(act);
      return git === null ? null : steeringSetting(git);
    },
  },
  {
    rule: 'PUSHES_COMMITS',
    message: 'It pushes commits to another repository, where others build on them.',
    remedy: 'Let the run end with its branch, and push it yourself after reading.',
    find: (act) => {
      const git = gitCall(act);
      return git !== null && pushes(git) ? act.text : null;
    },
  },
  {
    rule: 'CHOOSES_PROGRAM_BY_VARIABLE',
    message: 'It sets a variable that chooses which program is run, or what it loads first.',
    remedy: 'Remove the variable, or name the program itself.',
    find: ({ env }) => steeringVariable(env),
  },
  {
    rule: 'NAMES_OUTSIDE_PATH',
    message: 'It names a place outside of the workspace.',
    remedy: 'Use paths inside of the workspace.',
    find: outsideWord,
  },
];

const clip = (text: string): string => {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  return line.length > QUOTE_CHARS ? `${line.slice(0, QUOTE_CHARS)}…` : line;
};

/** The words that it is about first, then the command around them. */
const quoted = (words: string, { text }: Act): string => `\`${clip(words)}\`${words === text ? '' : ` in \`${clip(text)}\``}`;

/** What is dangerous about some commands, whoever runs them. */
export type Danger = Pick<Finding, 'rule' | 'severity' | 'message' | 'evidence' | 'remedy'>;

export function commandDangers(acts: readonly Act[]): Danger[] {
  return COMMAND_RULES.flatMap(({ rule, message, remedy, find }): Danger[] => {
    const quotes = acts.flatMap((act) => {
      const words = find(act);
      return words === null ? [] : quoted(words, act);
    });
    return quotes.length === 0 ? [] : [{ rule, severity: 'high', message, evidence: evidenceOf(quotes), remedy }];
  });
}

const evidenceOf = (quotes: string[]): string => [...new Set(quotes)].slice(0, 3).join('; ');

/** A process with hosts sees every file of the workspace, and what it sees it can send. */
export function networkDangers(acts: readonly Act[], names: readonly string[]): Danger[] {
  if (names.length === 0) return [];
  const hosts = quoteAll([...names]);
  const secret = acts.map(secretFileOf).find((file) => file !== null);
  const sender = acts.find((act) => sends(act) || act.unseen);
  const evidence = `\`${clip((sender ?? acts.at(-1))?.text ?? '')}\` → ${hosts}`;
  const remedy = 'Take its `hosts` away, or let an `http` node send what is needed, whose body is shown.';
  if (sender === undefined && secret === undefined) {
    const message = `This command can read every file of the workspace and can reach ${hosts}.`;
    return [{ rule: 'REACHES_NETWORK', severity: 'medium', message, evidence, remedy }];
  }
  const also = secret === undefined ? '' : `, also \`${showInvisible(secret)}\`,`;
  const message = `This command can read every file of the workspace${also} and send it to ${hosts}.`;
  return [{ rule: 'SENDS_FILES', severity: 'high', message, evidence, remedy }];
}

/** Of the files that a node writes, by its own words. */
function fileDangers(node: PlanNode, acts: Act[]): Finding[] {
  const written = [...plannedEffects(node).write, ...acts.flatMap(({ writes }) => writes)];
  const changed = classesOf(written).map(({ group: { rule, severity, what }, paths }) =>
    finding({
      rule,
      severity,
      node: node.id,
      message: `It may change ${what}.`,
      evidence: quoteAll(paths.map((path) => `${path}${beginningOf(node, path)}`)),
      remedy: 'Read the new text line by line, or take the file out.',
    }),
  );
  return [...changed, ...deletions(node), ...newPrograms(node)];
}

function beginningOf(node: PlanNode, path: string): string {
  const file = node.kind === 'patch' ? node.with.files?.find((one) => one.path === path) : undefined;
  if (file === undefined) return '';
  return file.content === null ? ' (deleted)' : `: ${clip(file.content).slice(0, 100)}`;
}

export function deletedFiles(node: PlanNode): string[] {
  if (node.kind !== 'patch') return [];
  const { files = [], diff = '' } = node.with;
  return [...files.flatMap(({ path, content }) => (content === null ? path : [])), ...deletedByDiff(diff)];
}

function deletions(node: PlanNode): Finding[] {
  const deleted = deletedFiles(node);
  if (deleted.length === 0) return [];
  const severity: Severity = deleted.length >= MANY_DELETED ? 'high' : 'medium';
  return [
    finding({
      rule: 'DELETES_FILES',
      severity,
      node: node.id,
      message: `It deletes ${plural(deleted.length, 'file')}.`,
      evidence: quoteAll(deleted),
      remedy: 'Check that nothing needs them; the branch can be thrown away, what was merged is missed.',
    }),
  ];
}

/** In: nodes of a plan, those inside of others too. */
export function dangerFindings(nodes: readonly PlanNode[]): Finding[] {
  const found = nodes.flatMap((node) => {
    const acts = plannedCommands(node).flatMap(actsOf);
    const hosts = node.kind === 'process' ? (node.with.hosts ?? []) : [];
    const ofCommands = [...commandDangers(acts), ...networkDangers(acts, hosts)];
    return [...ofCommands.map((danger) => finding({ ...danger, node: node.id })), ...fileDangers(node, acts)];
  });
  return merged(found);
}

/** Whether a reader should see this command before others. */
export function isDangerous(command: Command): boolean {
  return actsOf(command).some((act) => COMMAND_RULES.some(({ find }) => find(act) !== null));
}

/** The same words of many nodes are one finding, at the first of them. */
function merged(findings: Finding[]): Finding[] {
  const byWords = new Map<string, { item: Finding; more: number }>();
  for (const item of findings) {
    const key = [item.rule, item.severity, item.message, item.evidence].join('\n');
    const known = byWords.get(key);
    if (known) known.more++;
    else byWords.set(key, { item, more: 0 });
  }
  return [...byWords.values()].map(({ item, more }) =>
    more === 0 ? item : { ...item, message: `${item.message} (So do ${plural(more, 'other node')}.)` },
  );
}
