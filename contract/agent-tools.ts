/** What an agent node may be given to work with, and what each of its tools is as a node. Pure: the plan check, the packet and the workflow use the same. */
import { AgentName } from './agents.ts';
import { Argument, NO_EFFECTS, WorkspacePath, type Effects } from './nodes/kind.ts';
import { hasReference } from './template.ts';
import { z } from './zod.ts';

const Word = z
  .string()
  .min(1)
  .max(1000)
  .refine((text) => !hasReference(text), 'must be fixed text, without a reference');

export const AgentToolsSchema = z.strictObject({
  files: z.boolean().default(false).describe('Lists, reads and searches the files of the workspace'),
  commands: z
    .array(z.array(Word).min(1).max(256))
    .max(200)
    .default([])
    .describe('Commands by their patterns, read-only but for `write`; one that may get an input ends with `<<<` and its pattern'),
  idempotent: z.boolean().default(false).describe('Declares that running any of these commands again after a crash does no harm'),
  write: z.array(Word).max(200).default([]).describe('Patterns of paths that patches, and commands that ask for it, may write'),
  validate: z
    .array(z.array(Word.pipe(Argument)).min(1).max(256))
    .max(20)
    .default([])
    .describe('Commands that each patch has to pass'),
  mcp: z
    .array(z.string().regex(/^[a-z][a-z0-9_-]{0,62}\/[\w./-]{1,128}$/, 'must be server/tool'))
    .max(100)
    .default([])
    .describe('Tools of MCP servers, as `server/tool`'),
  agents: z.array(AgentName).max(100).default([]).describe('Agents of the registry that it may hand tasks to'),
  ask: z.boolean().default(false).describe('Asks a person'),
});
export type AgentTools = z.output<typeof AgentToolsSchema>;

/** Commands of the file tools: data stands where it can be no option. */
export const FILE_COMMANDS = {
  list: ['git', 'ls-files', '--cached', '--others', '--exclude-standard', '--', './*'],
  read: ['tail', '-n', '+*', './*'],
  search: ['git', 'grep', '-n', '-I', '--untracked', '-F', '-e*', '--', './*'],
} as const;

/** Out: what the tools touch at most. Patterns are the plan's own. */
export function toolEffects(tools: AgentTools): Effects {
  const fileCommands = tools.files ? Object.values(FILE_COMMANDS).map((argv) => [...argv]) : [];
  const commands = [...fileCommands, ...tools.commands, ...(tools.write.length > 0 ? tools.validate : [])];
  return {
    ...NO_EFFECTS,
    commands,
    read: commands.length + tools.write.length > 0 ? ['**'] : [],
    write: tools.write,
    tools: [...tools.mcp, ...tools.agents.map((name) => `agent/${name}`)],
  };
}

/** Kinds of the nodes that it adds. */
export function toolKinds(tools: AgentTools): string[] {
  return [
    'llm',
    ...(tools.files || tools.commands.length > 0 ? ['process'] : []),
    ...(tools.write.length > 0 ? ['patch'] : []),
    ...(tools.mcp.length > 0 ? ['mcp_tool'] : []),
    ...(tools.agents.length > 0 ? ['delegate'] : []),
    ...(tools.ask ? ['gate'] : []),
  ];
}

export const ToolPath = WorkspacePath.refine((path) => !path.startsWith('-'), 'must not begin with -');
