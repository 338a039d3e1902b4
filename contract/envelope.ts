/** The envelope: exactly what an approved plan may touch in all. */
import { commandCovers, programOf, storedCommand } from './commands/form.ts';
import type { Effects } from './nodes/kind.ts';
import { isDynamic, pathCovers, wordCovers } from './pattern.ts';
import { z } from './zod.ts';

const Word = z.string().min(1).max(100_000);
/** As a plan may give one: also empty, and with a mark before each character that would mean something in a pattern. */
const Argument = z.string().max(200_000);

export const BudgetSchema = z.strictObject({
  /** US dollars for paid calls; local models cost nothing. */
  usd: z.number().min(0).max(1_000_000).default(1),
  tokens: z.int().min(0).max(1_000_000_000).default(200_000),
  wall_ms: z
    .int()
    .min(1000)
    .max(30 * 24 * 3_600_000)
    .default(3_600_000),
});

/** A budget of which only some parts are said. */
export const BudgetAskSchema = z.strictObject({
  usd: BudgetSchema.shape.usd.unwrap().optional(),
  tokens: BudgetSchema.shape.tokens.unwrap().optional(),
  wall_ms: BudgetSchema.shape.wall_ms.unwrap().optional(),
});
export type BudgetLimit = z.output<typeof BudgetSchema>;

const shape = {
  kinds: z.array(z.string().max(64)).max(100),
  /** Whole commands, with what is around their arguments: commands/form.ts. */
  commands: z.array(z.array(Argument).min(1).max(1000)).max(20_000),
  paths: z.strictObject({ read: z.array(Word).max(20_000).default([]), write: z.array(Word).max(20_000).default([]) }),
  hosts: z.array(Word).max(1000),
  tools: z.array(Word).max(1000),
  models: z.array(Word).max(1000),
  secrets: z.array(Word).max(1000),
  /** Requests that change something, as `POST api.example.com`; their hosts stand in `hosts` too. Left out: none. */
  requests: z.array(Word).max(1000).optional(),
  /** Nodes that may send private data together with untrusted text, by their id; or one effect with exactly its values. Left out: none. */
  flows: z.array(Word).max(10_000).optional(),
  budget: BudgetSchema,
  /** Nodes of the run, those of map bodies counted for each item. */
  max_nodes: z.int().min(1).max(1_000_000),
  max_depth: z.int().min(1).max(16),
  max_parallel: z.int().min(1).max(1000),
} as const;

/** What a plan may state; what it leaves out is computed from its nodes. */
export const EnvelopeStatementSchema = z.strictObject(shape).partial();
export type EnvelopeStatement = z.output<typeof EnvelopeStatementSchema>;

export const EnvelopeSchema = z.strictObject(shape);
export type Envelope = z.output<typeof EnvelopeSchema>;

/** One effect that lies outside: which part of the envelope refuses it, and the pattern that would have to be added. */
export type Outside = { part: string; pattern: string; message: string };

type ListPart = 'hosts' | 'tools' | 'models' | 'secrets';
const LIST_PARTS: ListPart[] = ['hosts', 'tools', 'models', 'secrets'];

const SHOWN_CHARS = 2000;

type Grants = Pick<Envelope, 'commands' | 'paths' | 'requests' | ListPart>;

/** In: what is granted and what a node touches (patterns or literal values). Out: every effect that is not covered. */
export function outsideOf(grants: Grants, effects: Effects): Outside[] {
  const outside: Outside[] = [];
  const add = (part: string, pattern: string, what: string): void =>
    void outside.push({ part, pattern, message: `${what} \`${clipped(pattern)}\` is not granted` });
  const { commands, paths, requests = [] } = grants;
  for (const argv of effects.commands) if (!isGranted(commands, argv, commandCovers)) add('commands', lineOf(argv), 'the command');
  for (const path of effects.read)
    if (!isGranted(paths.read, path, pathCovers) && !isGranted(paths.write, path, pathCovers)) add('paths.read', path, 'reading');
  for (const path of effects.write) if (!isGranted(paths.write, path, pathCovers)) add('paths.write', path, 'writing');
  for (const part of LIST_PARTS) for (const word of effects[part]) if (!isGranted(grants[part], word, wordCovers)) add(part, word, part);
  for (const word of effects.requests ?? []) if (!isGranted(requests, word, wordCovers)) add('requests', word, 'the request');
  return outside;
}

/** The texts of each list of grants, so that what is granted in just these words is found at once, however long the list is. */
const TEXTS_OF = new WeakMap<readonly unknown[], ReadonlySet<string>>();

function isGranted<T>(granted: readonly T[], item: T, covers: (pattern: T, item: T) => boolean): boolean {
  let texts = TEXTS_OF.get(granted);
  if (texts === undefined) TEXTS_OF.set(granted, (texts = new Set(granted.map((pattern) => JSON.stringify(pattern)))));
  // Not all cover themselves: a path that leaves the workspace covers nothing.
  return (texts.has(JSON.stringify(item)) && covers(item, item)) || granted.some((pattern) => covers(pattern, item));
}

const lineOf = (command: string[]): string => storedCommand(command).join(' ');
const clipped = (text: string): string => (text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text);

/** Effects whose root is not known before the run: only a stated envelope may grant them. */
export function dynamicRoots(effects: Effects): Outside[] {
  const refused: Outside[] = [];
  for (const argv of effects.commands) {
    if (isDynamic(programOf(argv)))
      refused.push({
        part: 'commands',
        pattern: lineOf(argv),
        message: 'the program (argv[0]) is only known at run time; state it in `envelope.commands`',
      });
  }
  for (const host of effects.hosts) {
    if (isDynamic(host))
      refused.push({ part: 'hosts', pattern: host, message: 'the host is only known at run time; state it in `envelope.hosts`' });
  }
  for (const path of [...effects.read, ...effects.write]) {
    const root = path.split('/')[0] ?? '*';
    if (root !== '**' && isDynamic(root))
      refused.push({ part: 'paths', pattern: path, message: 'the path is only known at run time; state it in `envelope.paths`' });
  }
  return refused;
}
