/** The plans that a chat may draft. They are drafts like all others: a person reads the packet and approves, or does not. */
import type { JsonObject } from '#contract/json.ts';
import type { Understood } from './intent.ts';

export type ChatPlan = { kind: 'process' | 'scan' | 'patch'; plan: JsonObject };
/** What is missing before there can be a plan. */
export type Missing = 'command' | 'file';

const TITLE_CHARS = 80;
const MAX_ARGS = 256;
const QUOTED = /"([^"]*)"|'([^']*)'|(\S+)/g;

/** A command as an argument vector; no shell will read it, so that `;` and `|` are plain arguments. */
export function argvOf(command: string): string[] {
  return [...command.matchAll(QUOTED)].map(([, double, single, bare]) => double ?? single ?? bare ?? '').slice(0, MAX_ARGS);
}

const short = (text: string): string => (text.length > TITLE_CHARS ? `${text.slice(0, TITLE_CHARS - 1)}…` : text);
/** What a person typed stays text where a plan could read a reference in it. */
const literal = (text: string): string => text.replaceAll('${{', "${{ '${{' }}");
const planOf = (title: string, nodes: JsonObject[], outputs: JsonObject): JsonObject => ({
  version: 1,
  title: short(title.replaceAll(/\s+/g, ' ')),
  nodes,
  outputs,
});

const COMMAND_NAMES = 'npm|npx|node|yarn|pnpm|make|cargo|go|pytest|python3?|git|docker|mvn|gradle|deno|bun|ruby|bash|sh';
/** A command that was typed without backticks: a known program and what follows it. */
const BARE = new RegExp(`(?:^|\\s)((?:${COMMAND_NAMES})(?:\\s+[\\w@./:=-]+){1,8})`);

function commandIn(text: string, code: string[]): string | null {
  return code[0] ?? BARE.exec(text)?.[1] ?? null;
}

function spawnPlan(text: string, { message }: Understood): ChatPlan | Missing {
  const command = commandIn(text, message.code);
  const argv = command === null ? [] : argvOf(command);
  if (argv.length === 0) return 'command';
  const node = { id: 'command', kind: 'process', with: { argv: argv.map(literal) } };
  return { kind: 'process', plan: planOf(`Run ${argv.join(' ')}`, [node], { stdout: 'nodes.command.output.stdout' }) };
}

/** What is in the repository, its last changes, and what is marked as left to do. Nothing is written. */
function scanPlan(): ChatPlan {
  const git = (id: string, args: string[], more: JsonObject = {}): JsonObject => ({
    id,
    kind: 'process',
    with: { argv: ['git', ...args], parse: 'lines', idempotent: true, ...more },
  });
  const nodes = [
    git('files', ['ls-files']),
    git('changes', ['log', '--oneline', '-n', '50']),
    // git says 1 where nothing is found
    git('marks', ['grep', '-n', '-I', '-E', 'TODO|FIXME'], { allow_exit: [0, 1] }),
  ];
  const lines = (id: string): string => `nodes.${id}.output.lines`;
  return {
    kind: 'scan',
    plan: planOf('Scan of the repository', nodes, { files: lines('files'), changes: lines('changes'), marks: lines('marks') }),
  };
}

/** A diff that was given is applied; else a model writes one file anew. */
function repairPlan(text: string, { message }: Understood): ChatPlan | Missing {
  const { diff, paths } = message;
  if (diff !== null) {
    const node = { id: 'repair', kind: 'patch', with: { diff: literal(diff), message: 'Apply a patch from the chat' } };
    return { kind: 'patch', plan: planOf('Apply a patch', [node], { commit: 'nodes.repair.output.commit' }) };
  }
  const path = paths[0];
  if (path === undefined) return 'file';
  const prompt = `Repair the file ${path}. What is asked for:\n${literal(text)}\n\nIts content:\n\${{ nodes.read.output.stdout }}`;
  const system = 'Answer with the whole new content of the file and nothing else, without a fence around it.';
  const files = [{ path, content: '${{ nodes.write.output.text }}' }];
  const nodes: JsonObject[] = [
    { id: 'read', kind: 'process', with: { argv: ['cat', '--', path], idempotent: true } },
    { id: 'write', kind: 'llm', needs: ['read'], with: { provider: 'auto', system, prompt } },
    { id: 'repair', kind: 'patch', needs: ['write'], with: { files, message: `Repair ${path}` } },
  ];
  return { kind: 'patch', plan: planOf(`Repair ${path}`, nodes, { commit: 'nodes.repair.output.commit' }) };
}

/** Null for intents of which no draft is made. */
export function planFor(text: string, understood: Understood): ChatPlan | Missing | null {
  if (understood.intent === 'spawn') return spawnPlan(text, understood);
  if (understood.intent === 'scan') return scanPlan();
  return understood.intent === 'repair' ? repairPlan(text, understood) : null;
}
