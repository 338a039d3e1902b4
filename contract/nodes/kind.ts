import { INPUT_MARK } from '../commands/form.ts';
import type { GimoError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { Label } from '../labels.ts';
import type { Retry } from '../raw-node.ts';
import { z } from '../zod.ts';

/** Where a node runs: inside the interpreter, or as an activity on the task queue of that need. */
export type Lane = 'control' | 'general' | 'llm' | 'process';

/**
 * What a crash in the middle means. `pure`: it touches nothing, so only its result is recorded; `idempotent`: run it again;
 * `at_most_once`: ask a person.
 */
export type EffectMode = 'pure' | 'idempotent' | 'at_most_once';

/** What a node may touch, as patterns (grammar: contract/pattern.ts). */
export type Effects = {
  commands: string[][];
  read: string[];
  write: string[];
  hosts: string[];
  tools: string[];
  models: string[];
  secrets: string[];
  /** Requests that change something, as `POST api.example.com`; their hosts stand in `hosts` too. Left out: none. */
  requests?: string[];
};

export const NO_EFFECTS: Effects = { commands: [], read: [], write: [], hosts: [], tools: [], models: [], secrets: [] };

/** Turns one string of `with` into a pattern: references become `*` before a run, everything is literal once rendered. */
export type ToPattern = (text: string) => string;

/**
 * The nodes inside a container: names that they see beside those above it, how often they run at most, and expressions
 * of the container that see those names too.
 */
export type Body = { variables: string[]; rounds: number; expressions: { path: string; source: string }[] };

export type Growth = { kinds: string[]; nodes: number };

/** Of a draft with references: patterns of what it writes, and how many lines its text has. */
export type Drafted = { write: string[]; lines: number };

/** The contract of one node kind: the same file name exists in contract, workflows, activities and web. */
export type KindSpec<With> = {
  summary: string;
  /** What its output is, in words, and an example of its `with`; `before` stands for a node in its `needs` whose output is a list of texts. */
  output: string;
  example: JsonObject;
  with: z.ZodType<With>;
  lane: Lane;
  /** Null for control kinds. */
  effectMode: ((value: With) => EffectMode) | null;
  /**
   * It works in the clone of the run: the approval names the repository, the run needs a fence, and a fork takes care of what lies in
   * the clone.
   */
  usesWorkspace?: true;
  /** When the node states none. */
  retry?: Retry;
  effects: (value: With, toPattern: ToPattern) => Effects;
  /**
   * The label of its output. In: `with`, and the join of the labels of what went into it. Left out: it comes from outside and is private,
   * so that a kind that says nothing is never trusted too much.
   */
  label?: (value: With, inputs: Label) => Label;
  /**
   * What no shape can say of it. In: as it is drafted, or as it will be done, with what was noted of it when it was drafted. Out: the field, and why
   * it is refused; null when it is not.
   */
  refusal?: (value: With, done?: { drafted: Drafted | undefined }) => { path: string; error: GimoError } | null;
  /** What is noted of the draft, so that the values of its references make nothing else of it. */
  drafted?: (value: With) => Drafted | null;
  /** Texts of `with` that say which program, host or tool it is, rather than what that gets. */
  choices?: (value: With) => string[];
  /** Expressions of `with` that are CEL without `${{ }}` around them: path and source. */
  expressions?: (value: With) => { path: string; source: string }[];
  /** Fields that hold any JSON, so that a reference in them keeps its type; in all others it becomes text. */
  jsonFields?: string[];
  /** Of a kind that holds nodes in `with.nodes`. */
  body?: (value: With) => Body;
  /** Of a kind that adds nodes to the run by itself, one level below its own: their kinds, and how many at most. */
  grows?: (value: With) => Growth;
  /** Paths of `with` whose references are rendered by the kind itself, item by item. */
  ownScope?: string[];
};

export function defineKind<With>(spec: KindSpec<With>): KindSpec<With> {
  return spec;
}

/** CEL source; the `${{ }}` around it is optional and cut off. */
export const CelSource = z
  .string()
  .min(1)
  .max(2100)
  .transform((text) => {
    const trimmed = text.trim();
    return trimmed.startsWith('${{') && trimmed.endsWith('}}') ? trimmed.slice(3, -2).trim() : trimmed;
  });

/** One word of a command. `<<<` is kept for what stands there in an envelope: the input. */
export const Argument = z
  .string()
  .max(100_000)
  .refine((word) => word !== INPUT_MARK, 'may not be `<<<` alone; what a command reads is given in `stdin`');

/** A path relative to the workspace: no `..`, not absolute, never inside `.git`. */
export const WorkspacePath = z
  .string()
  .min(1)
  .max(1000)
  .refine((text) => !text.startsWith('/') && !text.includes('\0'), 'must be relative to the workspace')
  .refine((text) => !text.split('/').includes('..'), 'must not contain ..')
  .refine((text) => !text.split('/').some((part) => part.toLowerCase() === '.git'), 'must not lie inside .git');
